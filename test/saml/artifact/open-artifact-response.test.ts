import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import { SignedXml } from 'xml-crypto'
import { type ErrorCode, isLatchkeyError } from '../../../src/errors.ts'
import { openArtifactResponse } from '../../../src/saml/artifact/open-artifact-response.ts'
import { decodeResponse } from '../../../src/saml/decode-response.ts'
import type { TrustSettings } from '../../../src/saml/trust-settings.ts'
import { verifyResponse } from '../../../src/saml/verify-response.ts'
import type { IssueArtifactResponseOptions } from '../../../src/test-identity-provider/artifact.ts'
import { createTestIdentityProvider, type IssueOptions } from '../../../src/test-identity-provider/identity-provider.ts'

const idp = await createTestIdentityProvider({ baseUrl: 'https://idp.example' })
const stranger = await createTestIdentityProvider({ baseUrl: 'https://idp.example' })
const sp = { entityId: 'https://sp.example/metadata', acsUrl: 'https://sp.example/acs' }
const trust: TrustSettings = {
  identityProviderEntityId: idp.entityId,
  serviceProviderEntityId: sp.entityId,
  acsUrl: sp.acsUrl,
  signingKeys: [{ key: createPublicKey(idp.key.privateKey), fingerprint: 'idp' }],
}
const request = '_artifact-resolve'
const nina = { nameId: 'nina', attributes: { uid: 'nina' } }

function message(more: Partial<IssueOptions> = {}): string {
  return idp.issueResponse({ serviceProvider: sp, person: nina, inResponseTo: '_login', ...more }).xml
}

function answer(more: Partial<IssueArtifactResponseOptions> = {}, by = idp): string {
  return by.issueArtifactResponse({ inResponseTo: request, message: message(), ...more })
}

const open = (soap: string) => openArtifactResponse(Buffer.from(soap), request, trust)
const verify = (xml: string) => verifyResponse(decodeResponse(Buffer.from(xml).toString('base64')), trust, new Date())

for (const sign of ['assertion', 'response', 'both'] as const) {
  for (const isSigned of [true, false]) {
    test(`what an artifact stands for is verified like what was posted: ${sign} signed, ArtifactResponse ${isSigned ? '' : 'not '}signed`, () => {
      const verified = verify(open(answer({ message: message({ sign }), isSigned })))
      assert.equal(verified.nameId?.value, 'nina')
      assert.equal(verified.inResponseTo, '_login')
    })
  }
}

/** An assertion that xml-crypto signs where it stands, over prefixes that are declared around it and used in values alone. */
function signedInContext(): string {
  const typed = message({ sign: 'none' }).replaceAll(
    '<saml:AttributeValue>',
    '<saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">',
  )
  const unsigned = answer({
    message: typed,
    isSigned: false,
    envelope: { 'xmlns:xs': 'http://www.w3.org/2001/XMLSchema', xmlns: 'https://default.example/' },
  })
  const signer = new SignedXml({
    privateKey: idp.key.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  })
  signer.addReference({
    xpath: "//*[local-name(.)='Assertion']",
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', 'http://www.w3.org/2001/10/xml-exc-c14n#'],
    inclusiveNamespacesPrefixList: ['xs'],
  })
  signer.computeSignature(unsigned, {
    location: { reference: "//*[local-name(.)='Assertion']/*[local-name(.)='Issuer']", action: 'after' },
  })
  return signer.getSignedXml()
}

test('a signature over namespaces that are declared around the message verifies when the message stands alone', () => {
  const soap = signedInContext()
  assert.match(soap, /PrefixList="xs"/)
  const xml = open(soap)
  assert.match(
    xml,
    /^<samlp:Response xmlns="https:\/\/default\.example\/" .*xmlns:xs="http:\/\/www\.w3\.org\/2001\/XMLSchema"/,
  )
  assert.equal(verify(xml).nameId?.value, 'nina')
  // The same message without them is one that was changed.
  assert.throws(() => verify(xml.replace(/ xmlns:xs="[^"]*"/, '')), { code: 'saml_digest_mismatch' })
})

test('a signed ArtifactResponse is no signature of the message in it', () => {
  const xml = open(answer({ message: message({ sign: 'none' }) }))
  assert.throws(() => verify(xml), { code: 'saml_signature_missing' })
})

const refused: readonly (readonly [string, () => string, ErrorCode])[] = [
  ['another request', () => answer({ inResponseTo: '_another' }), 'saml_artifact_response_mismatch'],
  ['no request', () => answer().replace(`InResponseTo="${request}" `, ''), 'saml_digest_mismatch'],
  [
    'no request, unsigned',
    () => answer({ isSigned: false }).replace(` InResponseTo="${request}"`, ''),
    'saml_structure_invalid',
  ],
  ['another issuer', () => answer({ issuer: 'https://other.example' }), 'saml_issuer_mismatch'],
  ['a stranger with a key of their own', () => answer({}, stranger), 'saml_signature_invalid'],
  ['a status', () => answer({ status: ['Requester', 'RequestDenied'] }), 'saml_artifact_not_resolved'],
  ['nothing', () => answer({ message: undefined }), 'saml_artifact_not_resolved'],
  [
    'another version',
    () => answer({ beforeSigning: (xml) => xml.replace('2.0"', '1.1"') }),
    'saml_version_unsupported',
  ],
  ['a changed message', () => answer().replace('>nina<', '>otto<'), 'saml_digest_mismatch'],
  [
    'a changed request',
    () => answer({ inResponseTo: '_another' }).replace('_another', request),
    'saml_digest_mismatch',
  ],
  ['two messages', () => answer({ message: message() + message() }), 'saml_structure_invalid'],
  [
    'another kind of message',
    () => answer({ message: '<samlp:LogoutResponse></samlp:LogoutResponse>' }),
    'saml_structure_invalid',
  ],
  ['an ID that stands twice', () => answer({ id: '_x', message: message({ responseId: '_x' }) }), 'saml_id_invalid'],
  [
    'a signature in the header',
    () =>
      answer().replace(
        '<soap:Body>',
        '<soap:Header><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"></ds:Signature></soap:Header><soap:Body>',
      ),
    'saml_signature_misplaced',
  ],
  [
    'a header that must be understood',
    () =>
      answer().replace(
        '<soap:Body>',
        '<soap:Header><a xmlns="https://a.example" soap:mustUnderstand="1"/></soap:Header><soap:Body>',
      ),
    'saml_structure_invalid',
  ],
  [
    'a SOAP fault',
    () =>
      '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Server</faultcode></s:Fault></s:Body></s:Envelope>',
    'saml_artifact_not_resolved',
  ],
  ['two bodies', () => answer().replace('<soap:Body>', '<soap:Body></soap:Body><soap:Body>'), 'saml_structure_invalid'],
  [
    'SOAP 1.2',
    () => answer().replaceAll('http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope'),
    'saml_structure_invalid',
  ],
  ['a bare Response', () => message(), 'saml_structure_invalid'],
  ['a comment', () => answer().replace('<soap:Body>', '<!-- --><soap:Body>'), 'saml_comment_not_allowed'],
  ['a web page', () => '<!DOCTYPE html><html></html>', 'saml_doctype_not_allowed'],
  ['what is no XML', () => 'nothing', 'saml_malformed'],
  [
    'many namespaces',
    () =>
      answer({
        isSigned: false,
        message: message().replace('<saml:AttributeValue>', `${manyNamespaces()}<saml:AttributeValue>`),
      }),
    'saml_limits_exceeded',
  ],
]

function manyNamespaces(): string {
  return Array.from({ length: 100 }, (_, n) => `<p${n}:a xmlns:p${n}="https://a.example/${n}"></p${n}:a>`).join('')
}

for (const [what, soap, code] of refused) {
  test(`openArtifactResponse() refuses an answer with ${what}`, () => {
    assert.throws(() => open(soap()), { code })
  })
}

test('openArtifactResponse() accepts a header it may ignore, and bytes that are no UTF-8 are refused', () => {
  const header = '<soap:Header><a xmlns="https://a.example" soap:mustUnderstand="0"></a></soap:Header>'
  assert.equal(verify(open(answer().replace('<soap:Body>', `${header}<soap:Body>`))).nameId?.value, 'nina')
  assert.throws(() => openArtifactResponse(Buffer.from([0xff, 0xfe]), request, trust), { code: 'saml_malformed' })
})

test('a refusal says what the identity provider said', () => {
  assert.throws(
    () => open(answer({ status: ['Responder', 'AuthnFailed'] })),
    (error) => isLatchkeyError(error) && /Responder > .*AuthnFailed/.test(error.detail.arrived ?? ''),
  )
})
