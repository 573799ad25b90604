import { createHash, sign } from 'node:crypto'
import { canonicalPart, withDocument } from './libxml2.ts'
import type { Random } from './random.ts'
import { prefixNames } from './random-document.ts'
import type { SigningPair } from './signing-key.ts'

export const identityProvider = 'https://idp.example/metadata'
export const serviceProvider = 'https://sp.example/metadata'
export const acsUrl = 'https://sp.example/acs'
export const now = new Date('2026-06-01T12:00:00Z')

const protocol = 'urn:oasis:names:tc:SAML:2.0:protocol'
const assertionNamespace = 'urn:oasis:names:tc:SAML:2.0:assertion'
const signatureNamespace = 'http://www.w3.org/2000/09/xmldsig#'
const exclusiveC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#'

/**
 * A good Response that is written as oddly as XML allows, and signed over what libxml2 takes for its canonical form: so
 * nothing of ours takes part in making it.
 */
export function signedMessage(random: Random, pair: SigningPair): string {
  const writer = new MessageWriter(random)
  const which = random.pick(['response', 'assertion', 'both'])
  const signer = new Signer(random, pair)
  const ofAssertion =
    which === 'response'
      ? ''
      : signer.sign(writer.assertionId, '/*/*[local-name()="Assertion"]', (signature) => writer.message(signature, ''))
  if (which === 'assertion') return writer.message(ofAssertion, '')
  const ofResponse = signer.sign(writer.responseId, '/*', (signature) => writer.message(ofAssertion, signature))
  return writer.message(ofAssertion, ofResponse)
}

/** Signs over what libxml2 takes for the canonical form. */
export class Signer {
  readonly #random: Random
  readonly #pair: SigningPair

  constructor(random: Random, pair: SigningPair) {
    this.#random = random
    this.#pair = pair
  }

  /** `message` gives the whole message with a signature put into the element at `path`. */
  sign(id: string, path: string, message: (signature: string) => string): string {
    const random = this.#random
    const hash = random.pick(['sha256', 'sha384', 'sha512'])
    const prefixes = this.#prefixList()
    const prefixesOfInfo = this.#prefixList()
    const content = withDocument(message(''), (document) => canonicalPart(document, { path, prefixes }))
    const digest = createHash(hash).update(content).digest('base64')
    const text = this.#text({ id, hash, digest, prefixes, prefixesOfInfo })
    const infoPath = `${path}/*[local-name()="Signature"]/*[local-name()="SignedInfo"]`
    const info = withDocument(message(text), (document) =>
      canonicalPart(document, { path: infoPath, prefixes: prefixesOfInfo }),
    )
    const value = sign(hash, Buffer.from(info), this.#pair.privateKey).toString('base64')
    return text.replace('VALUE', random.chance(0.3) ? value.replace(/.{64}/g, '$&\n') : value)
  }

  #prefixList(): readonly string[] {
    const random = this.#random
    if (random.chance(0.4)) return []
    return random.times(random.below(5), () => random.pick([...prefixNames, 'samlp', '#default', 'absent']))
  }

  #text(parts: SignatureText): string {
    const random = this.#random
    const prefix = random.pick(['ds:', 'dsig:', ''])
    const space = random.pick(['', '\n', '\r\n  '])
    const declaration = `xmlns${prefix === '' ? '' : `:${prefix.slice(0, -1)}`}="${signatureNamespace}"`
    const inclusive = (prefixes: readonly string[]) =>
      prefixes.length === 0
        ? ''
        : `<ec:InclusiveNamespaces xmlns:ec="${exclusiveC14n}" PrefixList="${prefixes.join(' ')}"/>`
    const element = (name: string, algorithm: string, inside = '') =>
      `<${prefix}${name} Algorithm="${algorithm}">${inside}</${prefix}${name}>${space}`
    const { id, hash, digest, prefixes, prefixesOfInfo } = parts
    const digestUri = hash === 'sha384' ? `${more}sha384` : `http://www.w3.org/2001/04/xmlenc#${hash}`
    const transforms =
      element('Transform', `${signatureNamespace}enveloped-signature`) +
      element('Transform', exclusiveC14n, inclusive(prefixes))
    const reference = `<${prefix}Reference URI="#${id}">${space}<${prefix}Transforms>${transforms}</${prefix}Transforms>${element('DigestMethod', digestUri)}<${prefix}DigestValue>${digest}</${prefix}DigestValue></${prefix}Reference>`
    const info = `<${prefix}SignedInfo>${element('CanonicalizationMethod', exclusiveC14n, inclusive(prefixesOfInfo))}${element('SignatureMethod', `${more}rsa-${hash}`)}${reference}${space}</${prefix}SignedInfo>`
    const keyInfo = random.chance(0.3)
      ? `<${prefix}KeyInfo><${prefix}KeyName>x</${prefix}KeyName></${prefix}KeyInfo>`
      : ''
    return `<${prefix}Signature ${declaration}>${space}${info}${space}<${prefix}SignatureValue>VALUE</${prefix}SignatureValue>${keyInfo}${space}</${prefix}Signature>`
  }
}

const more = 'http://www.w3.org/2001/04/xmldsig-more#'

interface SignatureText {
  readonly id: string
  readonly hash: string
  readonly digest: string
  readonly prefixes: readonly string[]
  readonly prefixesOfInfo: readonly string[]
}

/** Chosen once, so that the message stays the same while its signatures are put in. */
class MessageWriter {
  readonly assertionId: string
  readonly responseId: string
  readonly #head: string
  readonly #beforeAssertion: string
  readonly #assertionHead: string
  readonly #assertionRest: string
  readonly #tail: string

  constructor(random: Random) {
    this.assertionId = `_a${random.next().toString(16)}`
    this.responseId = `_r${random.next().toString(16)}`
    const s = random.pick(['saml:', 'saml2:', 'a:', ''])
    const p = random.pick(['samlp:', 'samlp:', 'p:', 'saml2p:'])
    const space = random.pick(['', '\n', '\r\n  ', '\t'])
    const declare = (prefix: string, uri: string) => ` xmlns${prefix === '' ? '' : `:${prefix.slice(0, -1)}`}="${uri}"`
    const extra = random
      .times(random.below(3), () => random.pick(prefixNames))
      .filter((name, index, all) => all.indexOf(name) === index && name !== s.slice(0, -1))
      .map((name) => ` xmlns:${name}="urn:${name}"`)
      .join('')
    const outside = random.chance(0.5)
    const status = `<${p}Status><${p}StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></${p}Status>`
    this.#head = `<${p}Response${declare(p, protocol)}${outside ? declare(s, assertionNamespace) : ''}${extra} ID="${this.responseId}" Version="2.0" IssueInstant="2026-06-01T12:00:00Z" Destination="${acsUrl}" InResponseTo="_request1">${space}<${s}Issuer${declare(s, assertionNamespace)}>${identityProvider}</${s}Issuer>`
    this.#beforeAssertion = `${space}${status}${space}`
    this.#assertionHead = `<${s}Assertion${outside ? '' : declare(s, assertionNamespace)}${random.chance(0.3) ? extra : ''} ID='${this.assertionId}' Version="2.0"  IssueInstant="2026-06-01T12:00:00Z">${space}<${s}Issuer>${identityProvider}</${s}Issuer>`
    this.#assertionRest = `${space}${assertionBody(random, s, space)}</${s}Assertion>`
    this.#tail = `${space}</${p}Response>${random.pick(['', '\n'])}`
  }

  message(ofAssertion: string, ofResponse: string): string {
    return `${this.#head}${ofResponse}${this.#beforeAssertion}${this.#assertionHead}${ofAssertion}${this.#assertionRest}${this.#tail}`
  }
}

function assertionBody(random: Random, s: string, space: string): string {
  const subject = `<${s}Subject><${s}NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">${someText(random)}</${s}NameID><${s}SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><${s}SubjectConfirmationData Recipient="${acsUrl}" InResponseTo="_request1" NotOnOrAfter="2026-06-01T12:05:00Z"/></${s}SubjectConfirmation></${s}Subject>`
  const conditions = `<${s}Conditions NotBefore="2026-06-01T11:55:00Z" NotOnOrAfter="2026-06-01T12:05:00Z"><${s}AudienceRestriction><${s}Audience>${serviceProvider}</${s}Audience></${s}AudienceRestriction></${s}Conditions>`
  const authn = `<${s}AuthnStatement AuthnInstant="2026-06-01T11:59:00Z" SessionIndex="_s"><${s}AuthnContext><${s}AuthnContextClassRef>urn:x</${s}AuthnContextClassRef></${s}AuthnContext></${s}AuthnStatement>`
  const attributes = random.times(1 + random.below(4), (index) => {
    const values = random.times(random.below(4), () => attributeValue(random, s))
    return `<${s}Attribute Name="n${index}${random.pick(['', '&#x20;', '&amp;'])}">${values.join(space)}</${s}Attribute>`
  })
  const statement = `<${s}AttributeStatement>${space}${attributes.join(space)}${space}</${s}AttributeStatement>`
  return [subject, conditions, authn, statement].join(space) + space
}

function attributeValue(random: Random, s: string): string {
  const type = random.chance(0.4)
    ? ' xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string"'
    : random.pick(['', ' xml:lang="en"', ' xmlns:b="urn:other"'])
  return `<${s}AttributeValue${type}>${someText(random)}</${s}AttributeValue>`
}

const pieces = [
  'ada',
  'x',
  '@idp.example',
  ' ',
  '\n',
  '\r\n',
  '&amp;',
  '&lt;',
  '&#13;',
  '&#x9;',
  '&#x1F600;',
  '😀',
  'é',
  '<![CDATA[<b>&amp;]]>',
  '<![CDATA[]]>',
  '>',
  '"',
  "'",
  '\u2028',
  '&#x85;',
  '&quot;',
]

function someText(random: Random): string {
  return `a${random.times(random.below(6), () => random.pick(pieces)).join('')}`
}
