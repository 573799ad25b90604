import type { Connection } from '../directory/connection.ts'
import { isLatchkeyError } from '../errors.ts'
import type { SignOutDependencies } from './sign-out-dependencies.ts'

/**
 * Does something with a logout message of an identity provider; when its signature matches no known key, once more with the
 * keys that its metadata has now. As a sign-in does: whoever changes keys must be able to sign people out, too.
 */
export async function withNewKeys<T>(
  connection: Connection,
  deps: Pick<SignOutDependencies, 'catalog' | 'refreshKeys'>,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  try {
    return await work(connection)
  } catch (refusal) {
    if (!isLatchkeyError(refusal, 'saml_signature_invalid')) throw refusal
    if ((await deps.refreshKeys?.(connection)) !== true) throw refusal
    deps.catalog.forgetConnection(connection.id)
    const renewed = await deps.catalog.connection(connection.id)
    if (renewed === undefined) throw refusal
    return work(renewed)
  }
}
