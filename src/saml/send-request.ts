import { deflateRawSync } from 'node:zlib'
import { LatchkeyError } from '../errors.ts'
import { type RequestSigning, signatureAlgorithmUri, signMessage, signText } from './request-signature.ts'

/** The two bindings by which a message of ours travels through the browser. SAML Bindings 3.4 and 3.5. */

export interface SendRequestOptions {
  /** From `buildAuthnRequest`, `buildLogoutRequest` or `buildLogoutResponse`. */
  readonly xml: string
  /**
   * In a request at most 80 bytes (Bindings 3.4.3): a reference to something we keep, never the thing itself. In a
   * response what came with the request, unchanged.
   */
  readonly relayState?: string | undefined
  /** Absent: not signed. */
  readonly sign?: RequestSigning | undefined
}

/**
 * HTTP-Redirect: the address to send the browser to. The signature covers the octets of the query exactly as they are
 * sent (Bindings 3.4.4.1); a query that the location brings along stays in front and outside of it.
 * Throws `input_invalid` when the RelayState is too long.
 */
export function redirectUrl(
  options: SendRequestOptions & {
    readonly location: string
    /** What the message is. Default `SAMLRequest`. */
    readonly as?: 'SAMLRequest' | 'SAMLResponse' | undefined
  },
): string {
  const { as = 'SAMLRequest' } = options
  if (as === 'SAMLRequest') checkRelayState(options.relayState)
  const deflated = deflateRawSync(Buffer.from(options.xml, 'utf8')).toString('base64')
  let query = `${as}=${encodeURIComponent(deflated)}`
  if (options.relayState !== undefined) query += `&RelayState=${encodeURIComponent(options.relayState)}`
  if (options.sign !== undefined) {
    query += `&SigAlg=${encodeURIComponent(signatureAlgorithmUri(options.sign))}`
    query += `&Signature=${encodeURIComponent(signText(query, options.sign))}`
  }
  return appendQuery(options.location, query)
}

/**
 * HTTP-POST: the fields of the form that the browser submits to the location. The signature, when asked for, stands inside the XML
 * (Bindings 3.5.4). Throws `input_invalid` when the RelayState is too long.
 */
export function postFields(options: SendRequestOptions & { readonly id: string }): {
  readonly SAMLRequest: string
  readonly RelayState?: string
} {
  checkRelayState(options.relayState)
  return { SAMLRequest: encodeForForm(options), ...relayStateField(options) }
}

/** HTTP-POST: the fields of the form that answers a request. The RelayState is the one that came with it. */
export function postResponseFields(options: SendRequestOptions & { readonly id: string }): {
  readonly SAMLResponse: string
  readonly RelayState?: string
} {
  return { SAMLResponse: encodeForForm(options), ...relayStateField(options) }
}

function encodeForForm({ xml, id, sign }: SendRequestOptions & { readonly id: string }): string {
  return Buffer.from(sign === undefined ? xml : signMessage(xml, id, sign), 'utf8').toString('base64')
}

function relayStateField({ relayState }: SendRequestOptions): { readonly RelayState?: string } {
  return relayState === undefined ? {} : { RelayState: relayState }
}

function checkRelayState(relayState = ''): void {
  const bytes = Buffer.byteLength(relayState, 'utf8')
  if (bytes <= 80) return
  throw new LatchkeyError('input_invalid', {
    check: 'RelayState',
    wanted: 'at most 80 bytes',
    arrived: `${bytes} bytes`,
  })
}

/** Behind a query that is there already, and before a fragment, which no server ever sees. */
function appendQuery(location: string, query: string): string {
  const [address = ''] = location.split('#', 1)
  if (!address.includes('?')) return `${address}?${query}`
  return /[?&]$/.test(address) ? address + query : `${address}&${query}`
}
