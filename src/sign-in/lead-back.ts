import { isLatchkeyError, LatchkeyError } from '../errors.ts'
import type { DecodedResponse } from '../saml/decoded-response.ts'
import { readMessage } from '../saml/read-message.ts'
import { attributeOf } from '../saml/xml/element.ts'
import { isSameBrowser } from '../sessions/browser-secret.ts'
import type { SignInDependencies } from './sign-in-dependencies.ts'
import type { ReceivedResponse } from './sign-in-steps.ts'

/**
 * Verifies; when the answer is that the person has to sign in after all, the refusal says where the request would have led, so
 * that signing in leads there. The message need not be signed: it chooses among the requests of this very browser.
 */
export async function leadBack<T>(
  response: DecodedResponse,
  received: ReceivedResponse,
  deps: Pick<SignInDependencies, 'directory' | 'now'>,
  verify: () => T,
): Promise<T> {
  try {
    return verify()
  } catch (refusal) {
    if (!isLatchkeyError(refusal, 'saml_no_passive')) throw refusal
    const returnTo = await findReturnTo(response, received, deps)
    if (returnTo === undefined) throw refusal
    throw new LatchkeyError('saml_no_passive', { ...refusal.detail, returnTo }, { cause: refusal })
  }
}

async function findReturnTo(
  response: DecodedResponse,
  { connection, browserSecret }: ReceivedResponse,
  { directory, now }: Pick<SignInDependencies, 'directory' | 'now'>,
): Promise<string | undefined> {
  const loginRequestId = attributeOf(readMessage(response.xml), 'InResponseTo')
  if (loginRequestId === undefined || browserSecret === undefined) return undefined
  const { organizationId, id: connectionId } = connection
  const query = { organizationId, connectionId, subjectKey: '', usernameKey: '', loginRequestId }
  const { loginRequest } = await directory.readSignInState(query)
  if (loginRequest === undefined || loginRequest.expiresAt <= now()) return undefined
  return isSameBrowser(browserSecret, loginRequest.browserHash) ? loginRequest.returnTo : undefined
}
