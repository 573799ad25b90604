import type { LoginRequest } from '../directory/sign-in.ts'
import { LatchkeyError } from '../errors.ts'
import type { VerifiedAssertion } from '../saml/verified-assertion.ts'
import { isSameBrowser } from '../sessions/browser-secret.ts'

/**
 * The request this assertion answers: it was begun here, has not run out, and began in this very browser.
 *
 * `undefined` when the assertion is unsolicited (`verifyResponse` has already refused that where it is not allowed). The
 * request is consumed later, in the transaction that applies the sign-in. SAML Profiles 4.1.4.3.
 *
 * Throws `login_request_unknown`, `login_request_other_browser`, `saml_authn_too_old`.
 */
export function checkLoginRequest(
  assertion: VerifiedAssertion,
  loginRequest: LoginRequest | undefined,
  browser: { readonly secret: string | undefined; readonly now: Date; readonly clockSkewSeconds: number },
): LoginRequest | undefined {
  if (assertion.inResponseTo === undefined) return undefined
  if (loginRequest === undefined || loginRequest.expiresAt <= browser.now) {
    throw new LatchkeyError('login_request_unknown', {
      check: 'InResponseTo',
      wanted: 'a request begun here in the last minutes and not yet answered',
      arrived: assertion.inResponseTo,
    })
  }
  if (!isSameBrowser(browser.secret, loginRequest.browserHash)) {
    throw new LatchkeyError('login_request_other_browser', {
      check: 'browser that began the request',
      wanted: 'the cookie set when the sign-in began',
      arrived: browser.secret === undefined ? 'no cookie' : 'the cookie of another browser',
      advice: 'A cookie that never arrives is often blocked by the browser or lost to a changed host name.',
    })
  }
  if (loginRequest.forceAuthn === true) checkSignedInAnew(assertion, loginRequest, browser)
  return loginRequest
}

/** An identity provider that does not heed ForceAuthn says so by an AuthnInstant from before the request. SAML Core 3.4.1. */
function checkSignedInAnew(
  { authnInstant }: VerifiedAssertion,
  { createdAt }: LoginRequest,
  { clockSkewSeconds }: { readonly clockSkewSeconds: number },
): void {
  // Many identity providers cut their times to whole seconds.
  const askedAt = Math.floor(createdAt.getTime() / 1000) * 1000
  if (authnInstant.getTime() >= askedAt - clockSkewSeconds * 1000) return
  throw new LatchkeyError('saml_authn_too_old', {
    check: 'AuthnStatement/AuthnInstant',
    wanted: `not before ${createdAt.toISOString()}, when signing in anew was asked for (clock skew ${clockSkewSeconds} s)`,
    arrived: authnInstant.toISOString(),
    advice: 'The identity provider must heed ForceAuthn and say when the person signed in for this request.',
  })
}
