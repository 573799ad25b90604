import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { buildLogoutRequest, buildLogoutResponse } from '../../src/saml/logout/build-logout.ts'
import type { LogoutTrust } from '../../src/saml/logout/verify-envelope.ts'
import { signMessage } from '../../src/saml/request-signature.ts'
import { redirectUrl } from '../../src/saml/send-request.ts'
import type { Input } from './inputs.ts'
import { longDocument } from './long-document.ts'
import { mutate, rewrite } from './mutate.ts'
import type { Random } from './random.ts'
import { identityProvider, now } from './signed-message.ts'
import type { SigningPair } from './signing-key.ts'

/** A logout message as it was signed, and how it is received. */
export interface LogoutCase {
  readonly binding: 'redirect' | 'post'
  readonly kind: 'request' | 'response'
  /** What was signed, as it was before anything was changed. */
  readonly signedXml: string
  readonly relayState: string | undefined
  readonly trust: LogoutTrust
  readonly now: Date
  readonly requestId: string
}

const logoutUrl = 'https://sp.example/slo'

/** A good logout message by redirect or form; then mostly changed: the XML, or the octets of the query. */
export function logoutInput(pair: SigningPair, random: Random): Input {
  const kind = random.pick(['request', 'response'] as const)
  const binding = random.chance(0.7) ? 'redirect' : 'post'
  const id = `_l${random.next().toString(16)}`
  const plain = kind === 'request' ? randomRequest(id, random) : randomResponse(id, random)
  const sign = { key: pair.privateKey }
  const relayState = random.pick([undefined, undefined, '', 'a', 'a b+c%20&=', 'ä', '/app?x=1'])
  const signedXml = binding === 'post' ? signMessage(plain, id, sign) : plain
  const trust = {
    identityProviderEntityId: identityProvider,
    signingKeys: [{ key: pair.publicKey, fingerprint: 'fuzz' }],
    logoutUrl,
  }
  const logout: LogoutCase = { binding, kind, signedXml, relayState, trust, now, requestId: '_request1' }
  if (binding === 'post') return { kind: 'logout form', xml: changeXml(signedXml, random), logout }
  const as = kind === 'request' ? 'SAMLRequest' : 'SAMLResponse'
  const url = redirectUrl({ xml: signedXml, relayState, sign, location: 'https://x.example/', as })
  return { kind: 'logout redirect', xml: changeQuery(url.slice(url.indexOf('?') + 1), random), logout }
}

function randomRequest(id: string, random: Random): string {
  const value = random.pick(['nina', 'a&b<c>"\'', 'ä😀', ' x ', 'x\ty'])
  const format = random.pick([
    'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
    'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  ])
  return buildLogoutRequest({
    ...common(id),
    nameId: { value, format },
    sessionIndex: random.pick([undefined, '_s1', 'a b']),
    notOnOrAfter: new Date(now.getTime() + 60_000),
  })
}

function randomResponse(id: string, random: Random): string {
  const status = random.pick(['success', 'partial', 'unknown-principal'] as const)
  return buildLogoutResponse({ ...common(id), inResponseTo: '_request1', status })
}

const common = (id: string) => ({ id, issueInstant: now, destination: logoutUrl, issuer: identityProvider })

function changeXml(xml: string, random: Random): string {
  const choice = random.below(10)
  if (choice < 2) return xml
  if (choice < 4) return rewrite(xml, random)
  return choice < 9 ? mutate(xml, random) : xml.replace(/(?=<\/[^>]*>$)/, longDocument(random))
}

type ChangeQuery = (query: string, random: Random) => string

function changeQuery(query: string, random: Random): string {
  let changed = query
  for (let left = random.pick([0, 1, 1, 1, 2, 3]); left > 0; left--)
    changed = random.pick(queryChanges)(changed, random)
  return changed
}

const somePart: (change: (part: string, random: Random) => string) => ChangeQuery = (change) => (query, random) => {
  const parts = query.split('&')
  const at = random.below(parts.length)
  return parts.map((part, index) => (index === at ? change(part, random) : part)).join('&')
}

/** Another text in the place of the message: no signature of it. */
const anotherMessage: ChangeQuery = (query, random) =>
  query.replace(/(^|&)(SAMLRe[a-z]+)=([^&]*)/, (_all, start, name, value) => {
    try {
      const xml = inflateRawSync(Buffer.from(decodeURIComponent(value), 'base64')).toString()
      const deflated = deflateRawSync(Buffer.from(changeXml(xml, random))).toString('base64')
      return `${start}${name}=${encodeURIComponent(deflated)}`
    } catch {
      return `${start}${name}=${mutate(value, random)}`
    }
  })

const queryChanges: readonly ChangeQuery[] = [
  anotherMessage,
  anotherMessage,
  (query, random) => mutate(query, random),
  // Other octets that decode to the same: the signature is over those that were signed.
  (query) => query.replace(/%[0-9A-F]{2}/, (octet) => octet.toLowerCase()),
  (query, random) => query.replace(random.pick(['%2B', '%2F', '%3D', '%20']), (octet) => decodeURIComponent(octet)),
  somePart((part) => part.replace(/=([A-Za-z])/, (_all, letter: string) => `=%${letter.charCodeAt(0).toString(16)}`)),
  somePart((part, random) => random.pick([`${part}&${part}`, `${part}&RelayState=evil`, '', `x=${part}`, `${part}&`])),
  somePart((part) => part.replace(/^[A-Z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`)),
  somePart((part, random) => `${part}${random.pick(['A', '%00', '+', '%20', '=', '%', 'ä', '#'])}`),
  (query) => query.split('&').reverse().join('&'),
  (query) => query.replace('SAMLRequest', 'SAMLResponse'),
  (query, random) => query.replace('sha256', random.pick(['sha1', 'sha512', 'SHA256'])),
  (query) => query.replace(/&SigAlg=[^&]*/, ''),
  (query) => query.replace(/&Signature=[^&]*/, ''),
  (query) => query.replace(/RelayState=[^&]*&?/, ''),
  (query, random) =>
    `${query}&SAMLEncoding=${random.pick(['urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE', 'x'])}`,
  (query, random) => `${query}&${'a=b&'.repeat(random.below(30_000))}`,
  (query, random) => query.replace(/(SAMLRe[a-z]+=)[^&]*/, `$1${encodeURIComponent(bomb(random))}`),
]

/** Little that becomes much. */
function bomb(random: Random): string {
  return deflateRawSync(Buffer.alloc(2 ** (10 + random.below(14)), '<a>')).toString('base64')
}
