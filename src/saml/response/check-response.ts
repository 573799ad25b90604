import { statusSuccess } from '../names.ts'
import { refusal } from '../refusal.ts'
import type { TrustSettings } from '../trust-settings.ts'
import { checkIssuer } from './issuer.ts'
import type { ResponseContent, Status } from './read-response.ts'
import { statusAdvice, statusNoPassive } from './status-advice.ts'

/**
 * What the Response says about itself. Where it is not signed, this can refuse a message and never make one acceptable.
 *
 * Throws `saml_version_unsupported`, `saml_status_not_success`, `saml_no_passive`, `saml_issuer_mismatch`,
 * `saml_destination_mismatch`.
 */
export function checkResponse(response: ResponseContent, isSigned: boolean, trust: TrustSettings): void {
  checkVersion('Response', response.version)
  if (response.issuer !== undefined) checkIssuer('Response', response.issuer, trust)
  checkStatus(response.status)
  checkDestination(response.destination, isSigned, trust)
}

/** SAML Core 4.1. */
export function checkVersion(of: string, version: string): void {
  if (version === '2.0') return
  throw refusal('saml_version_unsupported', { check: `${of}/Version`, wanted: '2.0', arrived: version })
}

/** SAML Core 3.2.2.2. */
function checkStatus({ codes, message }: Status): void {
  if (codes[0] === statusSuccess) return
  const said = message === undefined || message === '' ? '' : `: ${message}`
  const known = codes.flatMap((code) => statusAdvice.get(code) ?? [])
  throw refusal(codes.includes(statusNoPassive) ? 'saml_no_passive' : 'saml_status_not_success', {
    check: 'StatusCode',
    wanted: statusSuccess,
    arrived: codes.join(' > ') + said,
    ...(known.length === 0 ? {} : { advice: known.join(' ') }),
  })
}

/** SAML Bindings 3.5.5.2: a signed message names where it is sent. */
function checkDestination(destination: string | undefined, isSigned: boolean, { acsUrl }: TrustSettings): void {
  if (destination === undefined ? !isSigned : destination === acsUrl) return
  throw refusal('saml_destination_mismatch', { check: 'Response/Destination', wanted: acsUrl, arrived: destination })
}
