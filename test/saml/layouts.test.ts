import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { before, test } from 'node:test'
import { mapSubject } from '../../src/provisioning/map-subject.ts'
import { decodeResponse, verifyResponse } from '../../src/saml/index.ts'
import {
  createTestIdentityProvider,
  type IssueOptions,
  type TestIdentityProvider,
} from '../../src/test-identity-provider/identity-provider.ts'
import { connection } from '../provisioning/fixtures.ts'

// One message in every layout that identity providers write, each with a real signature, gives one and the same subject.

const now = new Date('2026-06-01T12:00:00Z')
const serviceProvider = { entityId: 'https://benefits.example/metadata', acsUrl: 'https://benefits.example/acs' }
const person = {
  nameId: 'zoë & "co" <7f3a>',
  attributes: { cn: 'Zoë O\'Neill & "Söhne" <AG>', mail: 'zoe@company-a.example', groups: ['staff', 'R&D'] },
}

let idp: TestIdentityProvider
before(async () => {
  idp = await createTestIdentityProvider({ baseUrl: 'https://idp.example', now: () => now })
})

interface Layout {
  /** Another message, signed as it stands then; in canonical form. */
  readonly signed?: (xml: string) => string
  /** Another way to write the same message: its canonical form is what was signed. */
  readonly written?: (xml: string) => string
}

const indent = (xml: string) => xml.replaceAll('><', '>\n  <').replaceAll(/>([^<>]*[^<>\s][^<>]*)</g, '>\n    $1\n  <')
const singleQuotes = (xml: string) => xml.replaceAll(/="([^"']*)"/g, "='$1'")
const withoutEscapes = (text: string) =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
const cdata = (xml: string) =>
  xml.replaceAll(
    /(<saml:(?:AttributeValue|NameID|Issuer|Audience)(?: [^>]*)?>)([^<]*)</g,
    (_whole, tag: string, text: string) => `${tag}<![CDATA[${withoutEscapes(text)}]]><`,
  )

const layouts: Readonly<Record<string, Layout>> = {
  plain: {},
  'pretty-printed, white space around every value': { signed: indent },
  'pretty-printed with CRLF': { signed: indent, written: (xml) => xml.replaceAll('\n', '\r\n') },
  'other prefixes': { signed: (xml) => xml.replaceAll('saml:', 'ns0:').replaceAll(':saml=', ':ns0=') },
  'the default namespace': { signed: (xml) => xml.replaceAll('saml:', '').replaceAll('xmlns:saml=', 'xmlns=') },
  'single quotes': { written: singleQuotes },
  CDATA: { written: cdata },
  'CDATA, pretty-printed': { signed: indent, written: cdata },
  'empty elements closed at once': { written: (xml) => xml.replaceAll(/<([\w:]+)((?: [^>]*)?)><\/\1>/g, '<$1$2/>') },
  'white space in tags': {
    written: (xml) => xml.replaceAll(' ID="', '\r\n\tID = "').replaceAll(/(<\/[\w:]+)>/g, '$1 >'),
  },
  'character references': { written: (xml) => xml.replaceAll('ë', '&#xEB;').replaceAll('ö', '&#246;') },
  'an XML declaration': { written: (xml) => `<?xml version='1.0' encoding='UTF-8' standalone="yes"?>\r\n${xml}\n` },
}

function subjectOf({ signed, written = (xml) => xml }: Layout, sign: 'assertion' | 'response') {
  const options: IssueOptions = {
    serviceProvider,
    person,
    inResponseTo: '_r',
    sign,
    responseId: '_a',
    assertionId: '_b',
  }
  const beforeSigning = signed === undefined ? {} : { beforeSigning: { [sign]: signed } }
  const { xml } = idp.issueResponse({ ...options, ...beforeSigning })
  const response = written(xml)
  const { publicKey } = new X509Certificate(Buffer.from(idp.certificate, 'base64'))
  const trust = {
    identityProviderEntityId: idp.entityId,
    serviceProviderEntityId: serviceProvider.entityId,
    acsUrl: serviceProvider.acsUrl,
    signingKeys: [{ key: publicKey, fingerprint: 'idp' }],
  }
  const assertion = verifyResponse(decodeResponse(Buffer.from(response).toString('base64')), trust, now)
  return { response, assertion, subject: mapSubject(assertion, connection()) }
}

for (const [name, layout] of Object.entries(layouts)) {
  for (const sign of ['assertion', 'response'] as const) {
    test(`a validly signed ${sign} is accepted in this layout: ${name}`, () => {
      const { response, assertion, subject } = subjectOf(layout, sign)
      const plain = subjectOf({}, sign)
      if (name !== 'plain')
        assert.notEqual(response.replaceAll(/[\w+/=]{80,}/g, ''), plain.response.replaceAll(/[\w+/=]{80,}/g, ''))
      assert.equal(assertion.nameId?.value, person.nameId)
      assert.equal(subject.subjectKey, plain.subject.subjectKey)
      assert.deepEqual(subject.fields.cn?.values, [person.attributes.cn])
      assert.deepEqual(subject.fields.mail?.values, [person.attributes.mail])
      assert.deepEqual(subject.groups, person.attributes.groups)
    })
  }
}

test('blanks around a NameID stay, and so does a line break within a value', () => {
  const blanks = idp.issueResponse({ serviceProvider, person: { nameId: ' nina ' }, inResponseTo: '_r' })
  const nameId = (xml: string) => subjectOf({ written: () => xml }, 'assertion').assertion.nameId?.value
  assert.equal(nameId(blanks.xml), ' nina ')
  const broken = (xml: string) => xml.replace('Zoë O', 'Zoë\nO')
  assert.throws(() => subjectOf({ signed: broken }, 'assertion'), { code: 'attribute_invalid' })
})
