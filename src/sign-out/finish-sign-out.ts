import type { Connection } from '../directory/connection.ts'
import type { LogoutRequest } from '../directory/logout.ts'
import { LatchkeyError } from '../errors.ts'
import type { ReceivedLogoutMessage } from '../saml/logout/received-message.ts'
import { verifyLogoutResponse } from '../saml/logout/verify-logout-response.ts'
import { logoutTrustOf } from './logout-trust.ts'
import type { SignOutDependencies } from './sign-out-dependencies.ts'

/**
 * Writes down what the identity provider answered to our LogoutRequest, once. The session here has ended long before.
 * SAML Profiles 4.4.3.5.
 *
 * Throws `logout_request_unknown`, and all that `verifyLogoutResponse` refuses with.
 */
export async function finishSignOut(
  received: ReceivedLogoutMessage,
  connection: Connection,
  deps: Pick<SignOutDependencies, 'directory' | 'publicUrl' | 'decryptionKeys' | 'now'>,
): Promise<LogoutRequest> {
  const now = deps.now()
  const response = verifyLogoutResponse(received, logoutTrustOf(connection, deps), now)
  const completed = await deps.directory.completeLogoutRequest({
    organizationId: connection.organizationId,
    connectionId: connection.id,
    id: response.inResponseTo,
    outcome: response.outcome,
    now,
  })
  if (completed !== undefined) return completed
  throw new LatchkeyError('logout_request_unknown', {
    check: 'LogoutResponse/InResponseTo',
    wanted: 'the ID of a LogoutRequest of ours that waits for its answer',
  })
}
