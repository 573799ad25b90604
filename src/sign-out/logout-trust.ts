import type { Connection } from '../directory/connection.ts'
import { serviceAddresses } from '../directory/service-addresses.ts'
import type { LogoutTrust } from '../saml/logout/verify-envelope.ts'
import { trustOf } from '../sign-in/trust-of.ts'
import type { SignOutDependencies } from './sign-out-dependencies.ts'

/** What the verification of a logout message believes for this connection: the same keys as for a sign-in. */
export function logoutTrustOf(
  connection: Connection,
  deps: Pick<SignOutDependencies, 'publicUrl' | 'decryptionKeys'>,
): LogoutTrust {
  return { ...trustOf(connection, deps), logoutUrl: serviceAddresses(connection, deps.publicUrl).logoutUrl }
}
