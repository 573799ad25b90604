import { isLatchkeyError } from '../src/errors.ts'
import { decodeResponse, type TrustSettings, verifyResponse } from '../src/saml/index.ts'
import { messageRules } from '../src/saml/xml/scan-rules.ts'
import { median } from './measure.ts'
import { issueResponse, newIdentityProvider, trustIn } from './response.ts'

/**
 * The worst inputs we could think of, from 16 to 256 KB of form field: CPU time until the answer, and its growth from the
 * smallest to the largest (16 would be linear). Most need no account at the identity provider: the scanner and the
 * canonical form of SignedInfo are all a stranger reaches. "signed" ones were signed by a malicious identity provider.
 */
export async function runHostile(): Promise<void> {
  const { cases, trust } = await makeCases()
  console.log(
    `hostile: ms of CPU until answered, median of 9; then growth from the smallest to the largest (linear: 16)`,
  )
  console.log(`  ${''.padEnd(34)}${sizes.map((size) => `${size / 1024} KB`.padStart(9)).join('')}   growth`)
  let worst = 0
  for (const [name, make] of Object.entries(cases)) {
    worst = Math.max(worst, printCase(name, make, trust))
  }
  console.log(`  the slowest took ${worst.toFixed(1)} ms`)
}

/** The milliseconds that the slowest of all takes at full length, for a run that measures other things too. */
export async function worstHostile(): Promise<{ readonly name: string; readonly milliseconds: number }> {
  const { cases, trust } = await makeCases()
  let worst = { name: '', milliseconds: 0 }
  for (const [name, make] of Object.entries(cases)) {
    const { milliseconds } = answer(fill(make, sizes.at(-1) ?? 0), trust)
    if (milliseconds > worst.milliseconds) worst = { name, milliseconds }
  }
  return worst
}

async function makeCases(): Promise<{
  readonly cases: Readonly<Record<string, MakeText>>
  readonly trust: TrustSettings
}> {
  const provider = await newIdentityProvider()
  const trust = trustIn(provider)
  const message = Buffer.from(issueResponse(provider, { sign: 'assertion' }), 'base64').toString()
  const sign = (change: (assertion: string) => string) =>
    provider.issueResponse({
      serviceProvider: { entityId: trust.serviceProviderEntityId, acsUrl: trust.acsUrl },
      person: { nameId: 'n', attributes: { a: 'b' } },
      inResponseTo: '_request',
      beforeSigning: { assertion: change },
    }).xml
  return { cases: { ...unsignedCases(message), ...signedCases(sign) }, trust }
}

const sizes = [16, 64, 128, 256].map((kilobytes) => kilobytes * 1024)

type MakeText = (characters: number) => string

function printCase(name: string, make: MakeText, trust: TrustSettings): number {
  const results = sizes.map((size) => answer(fill(make, size), trust))
  const times = results.map((result) => result.milliseconds)
  const growth = (times.at(-1) ?? Number.NaN) / (times[0] ?? Number.NaN)
  const columns = times.map((time) => time.toFixed(2).padStart(9)).join('')
  console.log(`  ${name.padEnd(34)}${columns}${growth.toFixed(0).padStart(9)}   ${results.at(-1)?.code}`)
  return Math.max(...times)
}

/** The largest message of this kind whose base64 form fits. */
function fill(make: MakeText, formFieldCharacters: number): string {
  const bytes = Math.floor(formFieldCharacters / 4) * 3
  const overhead = Buffer.byteLength(make(0))
  let characters = bytes - overhead
  for (;;) {
    const text = make(Math.max(characters, 0))
    const excess = Buffer.byteLength(text) - bytes
    if (excess <= 0 || characters <= 0) return Buffer.from(text).toString('base64')
    characters -= excess
  }
}

function answer(samlResponse: string, trust: TrustSettings): { milliseconds: number; code: string } {
  let code = ''
  const times = Array.from({ length: 12 }, () => {
    const before = process.cpuUsage()
    try {
      verifyResponse(decodeResponse(samlResponse), trust, new Date())
      code = 'accepted'
    } catch (error) {
      code = isLatchkeyError(error) ? error.code : 'not a refusal'
    }
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  })
  return { milliseconds: median(times.slice(3)), code }
}

const repeat = (unit: string, characters: number) => unit.repeat(Math.max(0, Math.floor(characters / unit.length)))
const numbered = (make: (index: number) => string, characters: number) => {
  const parts: string[] = []
  for (let length = 0, index = 0; ; index++) {
    const part = make(index)
    length += part.length
    if (length > characters) return parts.join('')
    parts.push(part)
  }
}

function unsignedCases(message: string): Record<string, MakeText> {
  const inside = (make: MakeText) => (characters: number) =>
    message.replace('<samlp:Status>', () => `<samlp:Extensions>${make(characters)}</samlp:Extensions><samlp:Status>`)
  const inSignedInfo = (make: MakeText) => (characters: number) =>
    message.replace('<ds:DigestValue>', () => `${make(characters)}<ds:DigestValue>`)
  const inCanonicalization = (make: MakeText) => (characters: number) =>
    message.replace('xml-exc-c14n#">', () => `xml-exc-c14n#">${make(characters)}`)
  const { maxAttributesPerElement, maxDeclarationsPerElement } = messageRules
  const attributes = numberedTo(maxAttributesPerElement, (index) => ` a${index}=""`)
  const prefixedAttributes = numberedTo(maxAttributesPerElement, (index) => ` p:a${index}=""`)
  const declarations = numberedTo(maxDeclarationsPerElement, (index) => ` xmlns:n${index}="urn:n"`)
  return {
    'plain text': inside((n) => 'x'.repeat(n)),
    'text of two-byte characters': inside((n) => '\u00e9'.repeat(n / 2)),
    'text of astral characters': inside((n) => '\u{1f511}'.repeat(n / 4)),
    'empty elements': inside((n) => repeat('<a/>', n)),
    'elements with end tags': inside((n) => repeat('<a>x</a>', n)),
    'texts with greater-than signs': inside((n) => repeat('<a>></a>', n)),
    'nested elements': inside((n) => repeat('<a>', n / 2) + repeat('</a>', n / 2)),
    'long names': inside((n) => `<${'a'.repeat(n / 2)}></${'a'.repeat(n / 2)}>`),
    'many attributes': inside((n) => repeat(`<a${attributes}/>`, n)),
    'many prefixed attributes': inside((n) => `<p:a xmlns:p="urn:p">${repeat(`<p:a${prefixedAttributes}/>`, n)}</p:a>`),
    'one element, all attributes': inside((n) => `<a${numbered((index) => ` a${index}=""`, n)}/>`),
    'many declarations': inside((n) => repeat(`<a${declarations}/>`, n)),
    'declarations on every level': inside((n) => repeat(`<a${declarations}><b/></a>`, n)),
    ids: inside((n) => numbered((index) => `<a ID="i${index}"/>`, n)),
    'character references': inside((n) => repeat('&#x41;', n)),
    'bare ampersands': inside((n) => repeat('&', n)),
    'carriage returns': inside((n) => '\r'.repeat(n)),
    'white space': inside((n) => ' '.repeat(n)),
    'white space in a tag': inside((n) => `<a${' '.repeat(n)}/>`),
    'cdata sections': inside((n) => repeat('<![CDATA[]]>', n)),
    'cdata sections with text': inside((n) => repeat('<![CDATA[x]]>', n)),
    quotes: inside((n) => repeat('<a b="', n)),
    'less-than signs': inside((n) => '<'.repeat(n)),
    'closing brackets': inside((n) => repeat(']] ', n)),
    'xml declaration of spaces': (n) => `<?xml version="1.0"${' '.repeat(n)}?>${message}`,
    signatures: inside((n) => repeat('<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>', n)),
    assertions: (n) =>
      message.replace(
        '</samlp:Response>',
        () => `${repeat('<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/>', n)}</samlp:Response>`,
      ),
    transforms: (n) =>
      message.replace('</ds:Transforms>', () => `${repeat('<ds:Transform Algorithm=""/>', n)}</ds:Transforms>`),
    references: inSignedInfo((n) => repeat('<ds:DigestValue/>', n)),
    'prefix list': inCanonicalization(
      (n) =>
        `<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="${repeat('a ', n)}"/>`,
    ),
    'digest value': (n) => message.replace('<ds:DigestValue>', () => `<ds:DigestValue>${repeat('AAAA', n)}`),
    'signature value': (n) => message.replace('<ds:SignatureValue>', () => `<ds:SignatureValue>${repeat('AAAA', n)}`),
    'signature value of spaces': (n) =>
      message.replace('<ds:SignatureValue>', () => `<ds:SignatureValue>${repeat('A   ', n)}`),
    'key info': (n) =>
      message
        .replace('<ds:KeyInfo>', () => `<ds:KeyInfo>${repeat('<ds:X509Data/>', n)}`)
        .replace(/<ds:SignatureValue>./, '<ds:SignatureValue>/'),
    'nested status codes': (n) =>
      message.replace(
        '</samlp:StatusCode>',
        () =>
          `${repeat('<samlp:StatusCode Value="x">', n / 2)}${repeat('</samlp:StatusCode>', n / 2)}</samlp:StatusCode>`,
      ),
  }
}

function numberedTo(count: number, make: (index: number) => string): string {
  return Array.from({ length: count }, (_unused, index) => make(index)).join('')
}

type Sign = (change: (assertion: string) => string) => string

/** Canonical as they stand, so that the signature verifies and everything behind it is reached. */
function signedCases(sign: Sign): Record<string, MakeText> {
  const values = (make: MakeText) => (characters: number) =>
    sign((assertion) =>
      assertion.replace('</saml:AttributeStatement>', () => `${make(characters)}</saml:AttributeStatement>`),
    )
  const { maxAttributesPerElement } = messageRules
  const attributes = Array.from(
    { length: maxAttributesPerElement },
    (_unused, index) => ` a${String(index).padStart(2, '0')}=""`,
  )
  return {
    'signed: many attributes': values((n) => numbered((i) => `<saml:Attribute Name="a${i}"></saml:Attribute>`, n)),
    'signed: one attribute repeated': values((n) =>
      repeat('<saml:Attribute Name="a"><saml:AttributeValue>v</saml:AttributeValue></saml:Attribute>', n),
    ),
    'signed: many values': values(
      (n) => `<saml:Attribute Name="a">${repeat('<saml:AttributeValue>v</saml:AttributeValue>', n)}</saml:Attribute>`,
    ),
    'signed: values with attributes': values(
      (n) =>
        `<saml:Attribute Name="b">${repeat(`<saml:AttributeValue${attributes.join('')}>v</saml:AttributeValue>`, n)}</saml:Attribute>`,
    ),
    'signed: value to escape': values(
      (n) =>
        `<saml:Attribute Name="a"><saml:AttributeValue>${repeat('&amp;', n)}</saml:AttributeValue></saml:Attribute>`,
    ),
    'signed: carriage returns': values(
      (n) =>
        `<saml:Attribute Name="a"><saml:AttributeValue>${repeat('&#xD;', n)}</saml:AttributeValue></saml:Attribute>`,
    ),
    'signed: audience of spaces': (n) =>
      sign((assertion) =>
        assertion.replace('<saml:Audience>', () => `<saml:Audience>x${' '.repeat(n)}x</saml:Audience><saml:Audience>`),
      ),
  }
}
