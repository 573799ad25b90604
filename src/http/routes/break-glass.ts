import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { BreakGlassDependencies } from '../../break-glass/break-glass-dependencies.ts'
import { type Entered, enterByCode, enterByPasskey } from '../../break-glass/enter.ts'
import { newFormToken } from '../../break-glass/form-token.ts'
import { requestOptions, siteOf } from '../../break-glass/passkey.ts'
import { errorEntries, isLatchkeyError, type LatchkeyError } from '../../errors.ts'
import { newBrowserSecret } from '../../sessions/browser-secret.ts'
import { readBrowserSecret } from '../answer-sign-in.ts'
import { breakGlassOf } from '../break-glass.ts'
import { browserCookie, sessionCookie } from '../cookies.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import { type BreakGlassPage, breakGlassPage } from '../pages/break-glass.ts'
import { type Parameters, readParameters, readQuery } from '../parameters.ts'
import { prefersHtml } from '../refusal-response.ts'
import { contextOf } from '../request-context.ts'
import { anyFormTarget } from '../security-headers.ts'
import { sendPage } from '../send-page.ts'
import { statusOf } from '../status-of.ts'
import { type Entry, entryUrl, readEntry } from './enter.ts'

/** A form with a passkey's answer in it. */
export const smallBodyBytes = 32 * 1024

export interface BreakGlassRoute {
  readonly Body: string | undefined
}

/**
 * The way in for local administrators, on a path that anybody may see: `GET /break-glass` shows the forms, `POST /break-glass`
 * takes a passkey's answer or a recovery code. Parameters of an application that waits come along, as in `enter.ts`.
 */
export function addBreakGlassRoutes(app: FastifyInstance, deps: HttpDependencies): void {
  const glass = breakGlassOf(deps)
  app.get('/break-glass', { exposeHeadRoute: false }, async (request, reply) =>
    show(request, reply, { entry: readWaiting(readQuery(request.url), deps) }, { ...deps, glass }),
  )
  app.post<BreakGlassRoute>('/break-glass', { bodyLimit: smallBodyBytes }, async (request, reply) => {
    const form = readParameters(request.body ?? '')
    const entry = readWaiting(form, deps)
    try {
      const { sessionToken } = await enter(request, form, glass)
      const leadTo = entry === undefined ? `${deps.publicUrl}/account` : entryUrl(entry, deps.publicUrl)
      return reply.header('set-cookie', sessionCookie(sessionToken)).redirect(leadTo, 303)
    } catch (error) {
      if (!isShownInPlace(error) || !prefersHtml(request.headers.accept)) throw error
      return showAgain(request, reply, { error, entry, username: form.find('username') }, { ...deps, glass })
    }
  })
}

function readWaiting(parameters: Parameters, deps: HttpDependencies): Entry | undefined {
  const application = parameters.find('application')
  return application === undefined ? undefined : readEntry(application, parameters, deps)
}

function enter(request: FastifyRequest, form: Parameters, glass: BreakGlassDependencies): Promise<Entered> {
  const sent = { token: form.get('token'), browserSecret: readBrowserSecret(request.headers.cookie) }
  const passkey = form.find('passkey')
  if (passkey !== undefined) return enterByPasskey({ ...sent, passkey }, glass)
  return enterByCode({ ...sent, username: form.get('username'), code: form.get('code') }, glass)
}

/** What can be put right on the same page. */
function isShownInPlace(error: unknown): error is LatchkeyError {
  return isLatchkeyError(error, 'break_glass_refused') || isLatchkeyError(error, 'break_glass_form_invalid')
}

interface Shown {
  readonly entry: Entry | undefined
  readonly problem?: NonNullable<BreakGlassPage['problem']>
  readonly username?: string
}

type Parts = HttpDependencies & { readonly glass: BreakGlassDependencies }

function showAgain(
  request: FastifyRequest,
  reply: FastifyReply,
  {
    error,
    entry,
    username,
  }: Omit<Shown, 'problem' | 'username'> & { error: LatchkeyError; username: string | undefined },
  parts: Parts,
): FastifyReply {
  const { sentence } = errorEntries[error.code]
  const { reference } = error
  const problem = { sentence, ...(reference !== undefined && { reference }) }
  contextOf(request.raw).refused = error.code
  reply.code(statusOf[error.code])
  return show(request, reply, { entry, problem, ...(username !== undefined && { username }) }, parts)
}

function show(request: FastifyRequest, reply: FastifyReply, { entry, ...shown }: Shown, parts: Parts): FastifyReply {
  const { publicUrl, glass } = parts
  const { token } = issueToken(request, reply, 'enter', glass)
  const site = siteOf(publicUrl)
  const page = breakGlassPage({
    publicUrl,
    token,
    ...shown,
    ...(site !== undefined && { passkey: requestOptions(token, site) }),
    ...(entry !== undefined && { application: { ...entry, id: entry.application.id, name: entry.application.name } }),
  })
  // With an application that waits, the answer leads on to its host.
  const formAction = entry === undefined ? ["'self'"] : anyFormTarget(publicUrl, entry.application.settings.origin)
  return sendPage(reply, page, publicUrl, { script: page.usesPasskeys === true, formAction }).header(
    'cross-origin-opener-policy',
    'same-origin',
  )
}

/** A token for a form of this browser, and the cookie that the two are tied by. */
export function issueToken(
  request: FastifyRequest,
  reply: FastifyReply,
  purpose: 'enter' | 'enrol',
  { secret, now, randomBytes }: BreakGlassDependencies,
): { readonly token: string } {
  const browserSecret = readBrowserSecret(request.headers.cookie) ?? newBrowserSecret(randomBytes).secret
  reply.header('set-cookie', browserCookie(browserSecret))
  return { token: newFormToken({ purpose, browserSecret, secret: secret(), now: now(), randomBytes }) }
}
