import { isDeepStrictEqual } from 'node:util'
import { type ErrorCode, isLatchkeyError } from '../../src/errors.ts'
import { receiveLogoutForm, receiveLogoutRedirect } from '../../src/saml/logout/received-message.ts'
import { verifyLogoutRequest } from '../../src/saml/logout/verify-logout-request.ts'
import { verifyLogoutResponse } from '../../src/saml/logout/verify-logout-response.ts'
import { type Finding, finding } from './finding.ts'
import type { LogoutCase } from './logout-input.ts'

export interface LogoutCounts {
  tried: number
  accepted: number
}

export interface AcceptedLogout {
  readonly xml: string
  readonly relayState: string | undefined
  readonly kind: string
  /** What the message says. */
  readonly content: object
}

export type LogoutOutcome = AcceptedLogout | { readonly code: ErrorCode }

/** As the logout address would. Throws whatever is no refusal: that is a crash. */
export function receiveAndVerify(arrived: string, logout: LogoutCase): LogoutOutcome {
  try {
    const field = logout.kind === 'request' ? 'SAMLRequest' : 'SAMLResponse'
    const { binding, relayState: RelayState } = logout
    const message =
      binding === 'redirect'
        ? receiveLogoutRedirect(arrived)
        : receiveLogoutForm({ [field]: Buffer.from(arrived).toString('base64'), RelayState })
    const { xml, relayState, kind } = message
    const content =
      kind === 'request'
        ? verifyLogoutRequest(message, logout.trust, logout.now)
        : verifyLogoutResponse(message, logout.trust, logout.now)
    return { xml, relayState, kind, content }
  } catch (error) {
    if (isLatchkeyError(error)) return { code: error.code }
    throw error
  }
}

/**
 * The key signed one message: nothing else is accepted. By redirect that is the very text, with its RelayState; of a form what
 * the message says, as its XML may be written in another way.
 */
export function checkLogout(outcome: LogoutOutcome, logout: LogoutCase, counts: LogoutCounts): Finding | undefined {
  counts.tried++
  if ('code' in outcome) return undefined
  counts.accepted++
  const { binding, kind, signedXml, relayState } = logout
  const isSame =
    binding === 'redirect'
      ? outcome.xml === signedXml && outcome.relayState === relayState && outcome.kind === kind
      : isDeepStrictEqual(outcome.content, contentOf(logout))
  if (isSame) return undefined
  return finding('a logout message is accepted that nobody signed', {
    accepted: JSON.stringify(outcome),
    signed: signedXml,
  })
}

function contentOf(logout: LogoutCase): object | undefined {
  const outcome = receiveAndVerify(logout.signedXml, logout)
  return 'content' in outcome ? outcome.content : undefined
}
