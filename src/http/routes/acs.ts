import { performance } from 'node:perf_hooks'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isLatchkeyError, LatchkeyError } from '../../errors.ts'
import { completeTest } from '../../preview/complete-test.ts'
import { hashSecret } from '../../sessions/browser-secret.ts'
import { answerResponse, type PostedResponse } from '../../sign-in/complete-sign-in.ts'
import { fetchAhead } from '../../sign-in/resolve-artifact.ts'
import type { Applicant } from '../../sign-in/sign-in-queue.ts'
import { testRequestPrefix } from '../../sign-in/test-sign-in.ts'
import { readBrowserSecret } from '../answer-sign-in.ts'
import { applicantOf } from '../applicant.ts'
import { browserCookie, sessionCookie } from '../cookies.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import { testRefusedPage, testResultPage } from '../pages/test-sign-in.ts'
import { type Parameters, readParameters, readQuery } from '../parameters.ts'
import { sendPage } from '../send-page.ts'
import { statusOf } from '../status-of.ts'

interface AcsRoute {
  readonly Params: { readonly connection: string }
  readonly Body: string | undefined
}

export const acsPath = '/sso/:connection/acs'

/**
 * The assertion consumer service: a response comes in, or an artifact that stands for one, and a session goes out. An
 * artifact comes in a form or in the address. SAML Bindings 3.5, 3.6, SAML Profiles 4.1.4.
 */
export function addAcsRoute(app: FastifyInstance, deps: HttpDependencies): void {
  app.post<AcsRoute>(acsPath, (request, reply) => {
    const form = readParameters(request.body ?? '')
    return answer(request, reply, { parameters: form, samlResponse: messageIn(form) }, deps)
  })
  app.get<AcsRoute>(acsPath, { exposeHeadRoute: false }, (request, reply) => {
    const query = readQuery(request.url)
    return answer(request, reply, { parameters: query, samlResponse: artifactIn(query) }, deps)
  })
}

/** Throws `request_invalid` unless there is exactly one of the two. */
function messageIn(form: Parameters): PostedResponse['samlResponse'] {
  if (form.find('SAMLart') === undefined) return form.get('SAMLResponse')
  if (form.find('SAMLResponse') === undefined) return artifactIn(form)
  const wanted = 'SAMLResponse or SAMLart'
  throw new LatchkeyError('request_invalid', { check: 'parameters', wanted, arrived: 'both' })
}

function artifactIn(parameters: Parameters): PostedResponse['samlResponse'] {
  return { samlArt: parameters.get('SAMLart') }
}

interface Arrived {
  readonly parameters: Parameters
  readonly samlResponse: PostedResponse['samlResponse']
}

async function answer(
  request: FastifyRequest<AcsRoute>,
  reply: FastifyReply,
  { parameters, samlResponse }: Arrived,
  deps: HttpDependencies,
): Promise<FastifyReply> {
  const relayState = parameters.find('RelayState')
  const browserSecret = readBrowserSecret(request.headers.cookie)
  const completed = await completeAndCount(
    applicantOf(request),
    {
      connectionId: request.params.connection,
      samlResponse,
      ...(relayState !== undefined && { relayState }),
      ...(browserSecret !== undefined && { browserSecret }),
    },
    deps,
  )
  if (isLatchkeyError(completed)) {
    return sendPage(reply.code(statusOf[completed.code]), testRefusedPage(completed), deps.publicUrl)
  }
  if ('kind' in completed && completed.kind === 'held') {
    return reply.header('set-cookie', browserCookie(completed.browserSecret)).redirect(completed.redirectTo, 303)
  }
  if ('kind' in completed) {
    return sendPage(reply, testResultPage(await completeTest(completed, deps)), deps.publicUrl)
  }
  return reply.header('set-cookie', sessionCookie(completed.sessionToken)).redirect(completed.redirectTo, 303)
}

/**
 * The time spent waiting for a place counts. A refusal is thrown, but given to the browser that only tests: it may read more of
 * it. Who finds the queue full costs the database nothing.
 */
async function completeAndCount(applicant: Applicant, posted: PostedResponse, deps: HttpDependencies) {
  const startedMs = performance.now()
  const seconds = () => (performance.now() - startedMs) / 1000
  try {
    // An artifact is given out once: whoever is turned away keeps it for the next try.
    if (!deps.signInQueue.isFull) await fetchAhead(posted, deps)
    const completed = await deps.signInQueue.admit(applicant, () => answerResponse(posted, deps))
    if (!('kind' in completed) || completed.kind === 'held') deps.metrics.signInFinished({ seconds: seconds() })
    return completed
  } catch (error) {
    const refused = isLatchkeyError(error) ? error.code : 'internal'
    deps.metrics.signInFinished({ refused, seconds: seconds() })
    if (refused === 'sign_in_queue_full') throw error
    if (isLatchkeyError(error) && (await isTested(posted, deps))) return error
    throw error
  }
}

/** Whether whoever is refused began a test in this very browser: nothing that was posted is believed for it. */
async function isTested({ connectionId, browserSecret }: PostedResponse, deps: HttpDependencies): Promise<boolean> {
  if (browserSecret === undefined) return false
  const browser = { connectionId, browserHash: hashSecret(browserSecret), requestPrefix: testRequestPrefix }
  return deps.directory.isBrowserTesting(browser, deps.now())
}
