import type { FastifyReply, FastifyRequest } from 'fastify'
import { newBrowserSecret } from '../sessions/browser-secret.ts'
import { hashToken } from '../sessions/token-hash.ts'
import { beginSignIn, type SignInStart } from '../sign-in/begin-sign-in.ts'
import { applicantOf } from './applicant.ts'
import { browserCookie, browserCookieName, readCookie } from './cookies.ts'
import type { HttpDependencies } from './http-dependencies.ts'
import { postToIdentityProviderPage } from './pages/post-to-identity-provider.ts'
import { anyFormTarget } from './security-headers.ts'
import { sendPage } from './send-page.ts'

/** Begins a sign-in and sends the browser to the identity provider, with the cookie that ties the two together. */
export async function answerWithSignIn(
  request: FastifyRequest,
  reply: FastifyReply,
  start: Omit<SignInStart, 'browserSecret'>,
  deps: HttpDependencies,
): Promise<FastifyReply> {
  const browserSecret = readBrowserSecret(request.headers.cookie) ?? newBrowserSecret(deps.randomBytes).secret
  const begun = await deps.signInQueue.admit(applicantOf(request), () => beginSignIn({ ...start, browserSecret }, deps))
  reply.header('set-cookie', browserCookie(browserSecret))
  if (begun.kind === 'redirect') return reply.redirect(begun.url, 303)
  const page = postToIdentityProviderPage({ ...begun, connectionName: start.connection.name })
  return sendPage(reply, page, deps.publicUrl, { script: true, formAction: anyFormTarget(begun.url) })
}

/** The secret of this browser, when it is one that we could have made: several tabs share it. */
export function readBrowserSecret(cookieHeader: string | undefined): string | undefined {
  const secret = readCookie(cookieHeader, browserCookieName)
  return secret !== undefined && hashToken(secret) !== undefined ? secret : undefined
}
