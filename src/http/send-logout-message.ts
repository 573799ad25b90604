import type { FastifyReply } from 'fastify'
import type { Connection } from '../directory/connection.ts'
import type { LogoutMessage } from '../sign-out/sign-out-dependencies.ts'
import { postToIdentityProviderPage } from './pages/post-to-identity-provider.ts'
import { anyFormTarget } from './security-headers.ts'
import { sendPage } from './send-page.ts'

/**
 * Sends the browser to the identity provider with a logout message. `inFrame`: the identity provider may have opened us in
 * a frame of its own, where the form must be able to submit itself; nobody else may frame it.
 */
export function sendLogoutMessage(
  reply: FastifyReply,
  message: LogoutMessage,
  connection: Connection,
  { publicUrl, inFrame = false }: { readonly publicUrl: string; readonly inFrame?: boolean },
): FastifyReply {
  if (message.kind === 'redirect') return reply.redirect(message.url, 303)
  const page = postToIdentityProviderPage({ ...message, connectionName: connection.name, heading: 'Signing out' })
  const formAction = anyFormTarget(message.url)
  if (!inFrame) return sendPage(reply, page, publicUrl, { script: true, formAction })
  // It knows only one origin, and would win in old browsers over the policy that knows more.
  reply.removeHeader('x-frame-options')
  return sendPage(reply, page, publicUrl, { script: true, formAction, frameAncestors: originsOf(connection) })
}

/** Where the pages of an identity provider may be. */
function originsOf({ identityProvider }: Connection): readonly string[] {
  const endpoints = [...identityProvider.singleSignOnServices, ...(identityProvider.singleLogoutServices ?? [])]
  return [...new Set(endpoints.map(({ location }) => new URL(location).origin))]
}
