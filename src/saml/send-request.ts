import { deflateRawSync } from 'node:zlib'
import { LatchkeyError } from '../errors.ts'
import { type RequestSigning, signatureAlgorithmUri, signMessage, signText } from './request-signature.ts'

/** The two bindings by which a request of ours travels through the browser. SAML Bindings 3.4 and 3.5. */

export interface SendRequestOptions {
  /** From `buildAuthnRequest`. */
  readonly xml: string
  /** At most 80 bytes (Bindings 3.4.3): a reference to something we keep, never the thing itself. */
  readonly relayState?: string | undefined
  /** Absent: not signed. */
  readonly sign?: RequestSigning | undefined
}

/**
 * HTTP-Redirect: the address to send the browser to. The signature covers the octets of the query exactly as they are
 * sent (Bindings 3.4.4.1); a query that the location brings along stays in front and outside of it.
 * Throws `input_invalid` when the RelayState is too long.
 */
export function redirectUrl(options: SendRequestOptions & { readonly location: string }): string {
  checkRelayState(options.relayState)
  const deflated = deflateRawSync(Buffer.from(options.xml, 'utf8')).toString('base64')
  let query = `SAMLRequest=${encodeURIComponent(deflated)}`
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
  const xml = options.sign === undefined ? options.xml : signMessage(options.xml, options.id, options.sign)
  const SAMLRequest = Buffer.from(xml, 'utf8').toString('base64')
  return options.relayState === undefined ? { SAMLRequest } : { SAMLRequest, RelayState: options.relayState }
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
