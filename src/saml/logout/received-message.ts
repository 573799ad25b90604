import { inflateRawSync } from 'node:zlib'
import { kindOf } from '../check-settings.ts'
import { decodeField, decodeText, maxResponseCharacters } from '../decode-response.ts'
import { refusal } from '../refusal.ts'

declare const received: unique symbol

/** The signature of a redirect, beside the message. SAML Bindings 3.4.4.1. */
export interface RedirectSignature {
  readonly algorithmUri: string
  readonly value: Buffer
  /** What was signed: the parts of the query, exactly as they arrived. */
  readonly octets: Buffer
}

/** A logout message as it came in; nothing in it is verified. Only this file makes one. */
export interface ReceivedLogoutMessage {
  readonly kind: 'request' | 'response'
  /** By which it came. */
  readonly binding: 'redirect' | 'post'
  readonly xml: string
  readonly relayState: string | undefined
  readonly signature: RedirectSignature | undefined
  readonly [received]: true
}

/** A RelayState has at most 80 bytes (Bindings 3.4.3); some products send more, and get it back. */
const maxRelayStateBytes = 2048

const names = ['SAMLRequest', 'SAMLResponse', 'RelayState', 'SigAlg', 'Signature', 'SAMLEncoding'] as const
type Name = (typeof names)[number]
const deflateEncoding = 'urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE'

/**
 * Takes a redirect apart. `rawQuery` is the query as it stood in the request line: its octets are what was signed, so nothing
 * is decoded and encoded again. A parameter of ours that stands there twice, or under an encoded name, is refused.
 *
 * Throws `saml_logout_parameters_invalid`, `saml_malformed`, `saml_too_large`. SAML Bindings 3.4.4.
 */
export function receiveLogoutRedirect(rawQuery: string): ReceivedLogoutMessage {
  if (typeof rawQuery !== 'string') throw invalid('query', 'one text', kindOf(rawQuery))
  const raw = partsOf(rawQuery)
  const name = messageName((wanted) => raw.has(wanted))
  const encoding = parameterOf(raw, 'SAMLEncoding')
  if (encoding !== undefined && encoding !== deflateEncoding) throw invalid('SAMLEncoding', deflateEncoding, encoding)
  const xml = decodeText(inflate(decodeField(name, parameterOf(raw, name) ?? ''), name), name)
  return message(name, 'redirect', xml, parameterOf(raw, 'RelayState'), readSignature(raw, name))
}

/** Takes a form apart; its signature stands inside the XML. Throws as `receiveLogoutRedirect`. SAML Bindings 3.5.4. */
export function receiveLogoutForm(fields: {
  readonly SAMLRequest?: string | undefined
  readonly SAMLResponse?: string | undefined
  readonly RelayState?: string | undefined
}): ReceivedLogoutMessage {
  const name = messageName((wanted) => fields[wanted] !== undefined)
  const xml = decodeText(decodeField(name, fields[name] ?? ''), name)
  return message(name, 'post', xml, fields.RelayState, undefined)
}

type MessageName = 'SAMLRequest' | 'SAMLResponse'

function message(
  name: MessageName,
  binding: 'redirect' | 'post',
  xml: string,
  relayState: string | undefined,
  signature: RedirectSignature | undefined,
): ReceivedLogoutMessage {
  if (relayState !== undefined && typeof relayState !== 'string') {
    throw invalid('RelayState', 'one text', kindOf(relayState))
  }
  const bytes = Buffer.byteLength(relayState ?? '', 'utf8')
  if (bytes > maxRelayStateBytes) throw invalid('RelayState', `at most ${maxRelayStateBytes} bytes`, `${bytes} bytes`)
  const kind = name === 'SAMLRequest' ? 'request' : 'response'
  return { kind, binding, xml, relayState, signature } as ReceivedLogoutMessage
}

function messageName(has: (name: MessageName) => boolean): MessageName {
  const [request, response] = [has('SAMLRequest'), has('SAMLResponse')]
  if (request !== response) return request ? 'SAMLRequest' : 'SAMLResponse'
  throw invalid('message', 'SAMLRequest or SAMLResponse', request ? 'both' : 'neither')
}

/** Name → the part of the query as it stands there, `name=value`. */
function partsOf(rawQuery: string): ReadonlyMap<Name, string> {
  const parts = new Map<Name, string>()
  for (const part of rawQuery.split('&')) {
    const rawName = part.split('=', 1)[0] ?? ''
    const name = names.find((known) => known === decode(rawName))
    if (name === undefined) continue
    if (rawName !== name) throw invalid(name, 'its name as it is', 'an encoded name')
    if (parts.has(name)) throw invalid(name, 'once', 'several times')
    parts.set(name, part)
  }
  return parts
}

function parameterOf(raw: ReadonlyMap<Name, string>, name: Name): string | undefined {
  const part = raw.get(name)
  if (part === undefined) return undefined
  const value = decode(part.slice(name.length + 1))
  if (value === undefined) throw invalid(name, 'percent-encoded UTF-8', 'something else')
  return value
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.split('+').join(' '))
  } catch {
    return undefined
  }
}

function readSignature(raw: ReadonlyMap<Name, string>, name: MessageName): RedirectSignature | undefined {
  const [algorithmUri, value] = [parameterOf(raw, 'SigAlg'), parameterOf(raw, 'Signature')]
  if (algorithmUri === undefined && value === undefined) return undefined
  if (algorithmUri === undefined) throw invalid('SigAlg', 'the algorithm of the Signature', 'none')
  if (value === undefined) throw invalid('Signature', 'the signature that SigAlg announces', 'none')
  const octets = [raw.get(name), raw.get('RelayState'), raw.get('SigAlg')].filter((part) => part !== undefined)
  return { algorithmUri, value: decodeField('Signature', value), octets: Buffer.from(octets.join('&'), 'utf8') }
}

/** No message is longer inflated than a posted one may be, however small it arrives. */
function inflate(bytes: Buffer, name: string): Buffer {
  try {
    return inflateRawSync(bytes, { maxOutputLength: maxResponseCharacters })
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    throw refusal(isTooLarge ? 'saml_too_large' : 'saml_malformed', {
      check: name,
      wanted: isTooLarge ? `at most ${maxResponseCharacters} bytes when inflated` : 'deflated XML (RFC 1951)',
      arrived: isTooLarge ? 'more' : `${bytes.length} bytes that do not inflate`,
    })
  }
}

function invalid(check: string, wanted: string, arrived: string) {
  return refusal('saml_logout_parameters_invalid', { check, wanted, arrived })
}
