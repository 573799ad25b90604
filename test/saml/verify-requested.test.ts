import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { before, test } from 'node:test'
import { decodeResponse, type TrustSettings, verifyResponse } from '../../src/saml/index.ts'
import {
  createTestIdentityProvider,
  type IssueOptions,
  type TestIdentityProvider,
} from '../../src/test-identity-provider/identity-provider.ts'

// What a request asks for is what the answer is held to.

const now = new Date('2026-06-01T12:00:00Z')
const serviceProvider = { entityId: 'https://benefits.example/metadata', acsUrl: 'https://benefits.example/acs' }
const transport = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport'
const card = 'urn:oasis:names:tc:SAML:2.0:ac:classes:Smartcard'
const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'
const email = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'
const unspecified = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified'

let idp: TestIdentityProvider
before(async () => {
  idp = await createTestIdentityProvider({ baseUrl: 'https://idp.example', now: () => now })
})

function verify(wishes: Partial<TrustSettings>, issued: Partial<IssueOptions> = {}) {
  const { publicKey } = new X509Certificate(Buffer.from(idp.certificate, 'base64'))
  const trust: TrustSettings = {
    identityProviderEntityId: idp.entityId,
    serviceProviderEntityId: serviceProvider.entityId,
    acsUrl: serviceProvider.acsUrl,
    signingKeys: [{ key: publicKey, fingerprint: 'idp' }],
    allowIdpInitiated: true,
    ...wishes,
  }
  const { samlResponse } = idp.issueResponse({ serviceProvider, person: { nameId: 'nina' }, ...issued })
  return verifyResponse(decodeResponse(samlResponse), trust, now)
}

test('verifyResponse() refuses another way to sign in than was asked for, also where no request was answered', () => {
  const requestedAuthnContext = { classRefs: [card] }
  assert.throws(() => verify({ requestedAuthnContext }, { authnContextClassRef: transport }), {
    code: 'saml_authn_context_mismatch',
    detail: {
      check: 'AuthnStatement/AuthnContext/AuthnContextClassRef',
      wanted: `one of ${card}`,
      arrived: transport,
      advice: 'Have the identity provider demand this way of signing in for us and name it in its answer.',
    },
  })
  assert.equal(verify({ requestedAuthnContext }, { authnContextClassRef: card }).authnContextClassRef, card)
})

test('verifyResponse() refuses an answer that does not say how the person signed in, where that was asked for', () => {
  const beforeSigning = {
    assertion: (xml: string) => xml.replace(/<saml:AuthnContextClassRef>.*?<\/saml:AuthnContextClassRef>/, ''),
  }
  assert.equal(verify({}, { beforeSigning }).authnContextClassRef, undefined)
  const requestedAuthnContext = { classRefs: [card], comparison: 'minimum', order: [transport, card] } as const
  assert.throws(() => verify({ requestedAuthnContext }, { beforeSigning }), { code: 'saml_authn_context_mismatch' })
})

test('verifyResponse() refuses a NameID of another format than was asked for', () => {
  const person = { nameId: 'nina@company-a.example', nameIdFormat: email }
  assert.throws(() => verify({ nameIdFormat: persistent }, { person }), {
    code: 'saml_name_id_format_mismatch',
    detail: {
      check: 'NameID/Format',
      wanted: persistent,
      arrived: email,
      advice:
        'Choose this format for the NameID at the identity provider, or let this connection ask for another one, or for none.',
    },
  })
  for (const nameIdFormat of [email, unspecified]) {
    assert.equal(verify({ nameIdFormat }, { person }).nameId?.value, person.nameId)
  }
})

const prefix = 'urn:oasis:names:tc:SAML:2.0:status:'
const statuses = [
  { subCode: 'NoPassive', code: 'saml_no_passive', advice: /without `passive=1`/ },
  { subCode: 'NoAuthnContext', code: 'saml_status_not_success', advice: /requestedAuthnContext/ },
  { subCode: 'InvalidNameIDPolicy', code: 'saml_status_not_success', advice: /nameIdFormat/ },
] as const

for (const { subCode, code, advice } of statuses) {
  test(`verifyResponse() refuses the status ${subCode} with ${code} and says what can be done`, () => {
    const status = { code: 'Responder', subCode }
    assert.throws(
      () => verify({}, { status, sign: 'response' }),
      (error: { code?: string; detail?: { advice?: string; arrived?: string } }) => {
        assert.equal(error.code, code)
        assert.match(error.detail?.advice ?? '', advice)
        assert.equal(error.detail?.arrived, `${prefix}Responder > ${prefix}${subCode}`)
        return true
      },
    )
  })
}
