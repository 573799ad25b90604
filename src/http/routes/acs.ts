import { performance } from 'node:perf_hooks'
import type { FastifyInstance } from 'fastify'
import { isLatchkeyError } from '../../errors.ts'
import { completeSignIn, type PostedResponse } from '../../sign-in/complete-sign-in.ts'
import { readBrowserSecret } from '../answer-sign-in.ts'
import { sessionCookie } from '../cookies.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import { readParameters } from '../parameters.ts'

interface AcsRoute {
  readonly Params: { readonly connection: string }
  readonly Body: string | undefined
}

/** The assertion consumer service: a response comes in, a session goes out. SAML Bindings 3.5, SAML Profiles 4.1.4. */
export function addAcsRoute(app: FastifyInstance, deps: HttpDependencies): void {
  app.post<AcsRoute>('/sso/:connection/acs', async (request, reply) => {
    const form = readParameters(request.body ?? '')
    const samlResponse = form.get('SAMLResponse')
    const relayState = form.find('RelayState')
    const browserSecret = readBrowserSecret(request.headers.cookie)
    const { sessionToken, redirectTo } = await completeAndCount(
      {
        connectionId: request.params.connection,
        samlResponse,
        ...(relayState !== undefined && { relayState }),
        ...(browserSecret !== undefined && { browserSecret }),
      },
      deps,
    )
    return reply.header('set-cookie', sessionCookie(sessionToken)).redirect(redirectTo, 303)
  })
}

async function completeAndCount(posted: PostedResponse, deps: HttpDependencies) {
  const startedMs = performance.now()
  const seconds = () => (performance.now() - startedMs) / 1000
  try {
    const completed = await completeSignIn(posted, deps)
    deps.metrics.signInFinished({ seconds: seconds() })
    return completed
  } catch (error) {
    const refused = isLatchkeyError(error) ? error.code : 'internal'
    deps.metrics.signInFinished({ refused, seconds: seconds() })
    throw error
  }
}
