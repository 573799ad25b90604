import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import type { ErrorCode } from '../../../src/errors.ts'
import {
  type LogoutTrust,
  type ReceivedLogoutMessage,
  receiveLogoutForm,
  receiveLogoutRedirect,
  verifyLogoutRequest,
  verifyLogoutResponse,
} from '../../../src/saml/index.ts'
import { writeEncrypted } from '../../../src/test-identity-provider/encryption.ts'
import {
  createTestIdentityProvider,
  type TestIdentityProvider,
} from '../../../src/test-identity-provider/identity-provider.ts'
import type { IssueLogoutRequestOptions } from '../../../src/test-identity-provider/logout-message.ts'

const now = new Date('2026-11-21T12:00:00Z')
const after = (seconds: number) => new Date(now.getTime() + seconds * 1000)
const logoutUrl = 'https://sp.example/sso/a/logout'
const serviceProvider = { logoutUrl }
const [rsa, ec, stranger] = await Promise.all([
  createTestIdentityProvider({ baseUrl: 'https://idp.example', now: () => now }),
  createTestIdentityProvider({ baseUrl: 'https://idp.example', keyKind: 'ecdsa', now: () => now }),
  createTestIdentityProvider({ baseUrl: 'https://idp.example', now: () => now }),
])

function trustIn(...providers: readonly TestIdentityProvider[]): LogoutTrust {
  const signingKeys = providers.map(({ certificate }) => {
    const der = Buffer.from(certificate, 'base64')
    return { key: new X509Certificate(der).publicKey, fingerprint: createHash('sha256').update(der).digest('hex') }
  })
  return { identityProviderEntityId: rsa.entityId, logoutUrl, signingKeys }
}
const trust = trustIn(ec, rsa)

const ask = { serviceProvider, nameId: 'nina & co', sessionIndexes: ['one', 'two'] }
const request = (more: Partial<IssueLogoutRequestOptions> = {}, from = rsa) =>
  from.issueLogoutRequest({ ...ask, ...more })
const refuses = (code: ErrorCode, received: () => ReceivedLogoutMessage, at = now) =>
  assert.throws(() => verifyLogoutRequest(received(), trust, at), { code })

for (const [kind, provider] of [
  ['RSA', rsa],
  ['ECDSA', ec],
] as const) {
  test(`verifyLogoutRequest() reads a request signed with ${kind}, by redirect and by form`, () => {
    const issued = request({ spNameQualifier: 'sp', notOnOrAfter: after(10) }, provider)
    const expected = {
      id: issued.id,
      nameId: {
        value: 'nina & co',
        format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
        spNameQualifier: 'sp',
      },
      sessionIndexes: ['one', 'two'],
      replayableUntil: after(600),
      fingerprint: createHash('sha256').update(Buffer.from(provider.certificate, 'base64')).digest('hex'),
    }
    const redirect = receiveLogoutRedirect(issued.redirectQuery('r&=+ö'))
    assert.equal(redirect.relayState, 'r&=+ö')
    assert.deepEqual(verifyLogoutRequest(redirect, trust, now), expected)
    const form = receiveLogoutForm(issued.postFields('r'))
    assert.equal(form.relayState, 'r')
    assert.deepEqual(verifyLogoutRequest(form, trust, now), expected)
  })
}

test('a request without SessionIndex means every session', () => {
  const received = receiveLogoutRedirect(request({ sessionIndexes: [] }).redirectQuery())
  assert.deepEqual(verifyLogoutRequest(received, trust, now).sessionIndexes, [])
})

test('the octets of a redirect are verified as they arrived, whatever else stands in the query', () => {
  const query = request().redirectQuery('a b')
  // As some products write it: lower-case hexadecimal, plus for space. Signed that way it is good, changed to it, it is not.
  const rewritten = query.replace('RelayState=a%20b', 'RelayState=a+b')
  assert.equal(receiveLogoutRedirect(rewritten).relayState, 'a b')
  refuses('saml_signature_invalid', () => receiveLogoutRedirect(rewritten))
  refuses('saml_signature_invalid', () =>
    receiveLogoutRedirect(query.replaceAll('%2B', '%2b').replaceAll('%2F', '%2f')),
  )
  verifyLogoutRequest(receiveLogoutRedirect(`tenant=1&${query}&utm=x`), trust, now)
  const parts = query.split('&')
  verifyLogoutRequest(receiveLogoutRedirect([...parts].reverse().join('&')), trust, now)
})

test('receiveLogoutRedirect() refuses what can be read in two ways', () => {
  const query = request().redirectQuery('r')
  const [message = '', relayState = '', algorithm = '', signature = ''] = query.split('&')
  const refused = (raw: string) =>
    assert.throws(() => receiveLogoutRedirect(raw), { code: 'saml_logout_parameters_invalid' }, raw.slice(0, 80))
  for (const part of [message, relayState, algorithm, signature]) refused(`${query}&${part}`)
  refused(`${query}&%53AMLRequest=x`)
  refused(`${query}&SAMLResponse=x`)
  refused(`${query}&RelayState`)
  refused(query.replace('RelayState=r', 'RelayState=%ff'))
  refused(query.replace(`&${algorithm}`, ''))
  refused(query.replace(`&${signature}`, ''))
  refused(`${query}&SAMLEncoding=urn:other`)
  refused('RelayState=r')
  refused(request().redirectQuery('x'.repeat(2049)))
  assert.throws(() => receiveLogoutForm({}), { code: 'saml_logout_parameters_invalid' })
  assert.throws(() => receiveLogoutForm({ SAMLRequest: 'YQ==', SAMLResponse: 'YQ==' }), {
    code: 'saml_logout_parameters_invalid',
  })
})

test('receiveLogoutRedirect() bounds what is inflated and refuses what does not inflate', () => {
  const bomb = deflateRawSync(Buffer.alloc(50_000_000)).toString('base64')
  const receive = (value: string) => () => receiveLogoutRedirect(`SAMLRequest=${encodeURIComponent(value)}`)
  assert.throws(receive(bomb), { code: 'saml_too_large' })
  assert.throws(receive(Buffer.from('<a/>').toString('base64')), { code: 'saml_malformed' })
  assert.throws(receive('not base64'), { code: 'saml_malformed' })
  assert.throws(receive(deflateRawSync(Buffer.from([0xff, 0xfe])).toString('base64')), { code: 'saml_malformed' })
})

test('a logout message without a signature is refused', () => {
  const issued = request()
  const [message = ''] = issued.redirectQuery().split('&')
  refuses('saml_signature_missing', () => receiveLogoutRedirect(message))
  refuses('saml_signature_missing', () =>
    receiveLogoutForm({ SAMLRequest: Buffer.from(issued.xml).toString('base64') }),
  )
})

test('verifyLogoutRequest() opens an EncryptedID, by redirect and by form, and refuses it with another key', () => {
  const [ours, other] = [1, 2].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }))
  assert.ok(ours && other)
  const beforeSigning = (xml: string) =>
    xml.replace(/<saml:NameID.*<\/saml:NameID>/, (nameId) => {
      const data = writeEncrypted(nameId, { publicKey: ours.publicKey, content: 'aes-128-cbc' })
      return `<saml:EncryptedID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${data}</saml:EncryptedID>`
    })
  const issued = request({ beforeSigning })
  assert.ok(!issued.xml.includes('nina'))
  for (const received of [receiveLogoutRedirect(issued.redirectQuery()), receiveLogoutForm(issued.postFields())]) {
    const { nameId } = verifyLogoutRequest(received, { ...trust, decryptionKeys: [ours.privateKey] }, now)
    assert.equal(nameId.value, 'nina & co')
    assert.throws(() => verifyLogoutRequest(received, { ...trust, decryptionKeys: [other.privateKey] }, now), {
      code: 'saml_decryption_failed',
    })
  }
})

test('SHA-1 signs a redirect only where the connection allows it', () => {
  const [message = ''] = request().redirectQuery().split('&')
  const octets = `${message}&SigAlg=${encodeURIComponent('http://www.w3.org/2000/09/xmldsig#rsa-sha1')}`
  const signature = sign('sha1', Buffer.from(octets), rsa.key.privateKey).toString('base64')
  const received = () => receiveLogoutRedirect(`${octets}&Signature=${encodeURIComponent(signature)}`)
  refuses('saml_signature_algorithm_not_allowed', received)
  const allowed = { ...trust, dangerouslyAllowSha1: true }
  assert.equal(verifyLogoutRequest(received(), allowed, now).nameId.value, 'nina & co')
})

test('a signature that is broken, by another key or by an algorithm that is not accepted refuses', () => {
  const issued = request()
  const query = issued.redirectQuery('r')
  const other = encodeURIComponent(deflateRawSync(Buffer.from(issued.xml.replace('nina', 'otto'))).toString('base64'))
  refuses('saml_signature_invalid', () =>
    receiveLogoutRedirect(query.replace(/^SAMLRequest=[^&]*/, `SAMLRequest=${other}`)),
  )
  refuses('saml_signature_invalid', () => receiveLogoutRedirect(query.replace('RelayState=r', 'RelayState=s')))
  refuses('saml_signature_invalid', () => receiveLogoutRedirect(query.replace('&RelayState=r', '')))
  refuses('saml_signature_invalid', () => receiveLogoutRedirect(request({}, stranger).redirectQuery()))
  refuses('saml_signature_invalid', () => receiveLogoutForm(request({}, stranger).postFields()))
  refuses('saml_signature_algorithm_not_allowed', () => receiveLogoutRedirect(query.replace('rsa-sha256', 'rsa-sha1')))
  const { SAMLRequest = '' } = issued.postFields()
  const changed = Buffer.from(SAMLRequest, 'base64').toString().replace('nina', 'otto')
  refuses('saml_digest_mismatch', () => receiveLogoutForm({ SAMLRequest: Buffer.from(changed).toString('base64') }))
})

test('of a form only what its one signature covers counts', () => {
  const signed = Buffer.from(request().postFields().SAMLRequest ?? '', 'base64').toString()
  const post = (xml: string) => () => receiveLogoutForm({ SAMLRequest: Buffer.from(xml).toString('base64') })
  const signature = /<ds:Signature .*<\/ds:Signature>/s.exec(signed)?.[0] ?? ''
  const evil = request({ nameId: 'otto' }).xml
  const wrapped = evil.replace('</saml:Issuer>', `</saml:Issuer><samlp:Extensions>${signed}</samlp:Extensions>`)
  refuses('saml_signature_misplaced', post(wrapped))
  refuses('saml_signature_malformed', post(evil.replace('</saml:Issuer>', `</saml:Issuer>${signature}`)))
  refuses('saml_signature_misplaced', post(signed.replace(signature, signature + signature)))
  refuses(
    'saml_id_invalid',
    post(signed.replace('<saml:NameID ', `<saml:NameID ID="${/ ID="([^"]+)"/.exec(signed)?.[1]}" `)),
  )
})

test('verifyLogoutRequest() refuses another issuer, another address, and what is no LogoutRequest', () => {
  const sent = (more: Partial<IssueLogoutRequestOptions>) => () => receiveLogoutRedirect(request(more).redirectQuery())
  refuses('saml_issuer_mismatch', sent({ issuer: 'https://other.example' }))
  refuses('saml_destination_mismatch', sent({ destination: `${logoutUrl}/` }))
  refuses('saml_destination_mismatch', sent({ destination: null }))
  refuses('saml_structure_invalid', sent({ beforeSigning: (xml) => xml.replaceAll('LogoutRequest', 'AuthnRequest') }))
  refuses('saml_structure_invalid', sent({ beforeSigning: (xml) => xml.replaceAll('NameID', 'BaseID') }))
  refuses('saml_subject_missing', sent({ nameId: ' ' }))
  refuses('saml_version_unsupported', sent({ beforeSigning: (xml) => xml.replace('"2.0"', '"1.1"') }))
  const encrypted = (xml: string) =>
    xml.replace(
      /<saml:NameID.*<\/saml:NameID>/,
      '<saml:EncryptedID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"></saml:EncryptedID>',
    )
  refuses('saml_logout_name_id_encrypted', sent({ beforeSigning: encrypted }))
  const { xml } = rsa.issueLogoutResponse({ serviceProvider, inResponseTo: '_r' })
  refuses('saml_structure_invalid', sent({ beforeSigning: () => xml }))
})

test('a logout message has its time: five minutes, or its NotOnOrAfter, and the clock skew', () => {
  const sent = (more: Partial<IssueLogoutRequestOptions>) => () => receiveLogoutRedirect(request(more).redirectQuery())
  const accepted = (more: Partial<IssueLogoutRequestOptions>, at: Date) => verifyLogoutRequest(sent(more)(), trust, at)
  accepted({}, after(360))
  refuses('saml_expired', sent({}), after(360.001))
  accepted({}, after(-60))
  refuses('saml_not_yet_valid', sent({}), after(-60.001))
  accepted({ notOnOrAfter: after(10) }, after(69.999))
  refuses('saml_expired', sent({ notOnOrAfter: after(10) }), after(70))
  refuses('saml_time_invalid', sent({ beforeSigning: (xml) => xml.replace(/ IssueInstant="[^"]*"/, '') }))
})

test('verifyLogoutResponse() says what became of the request', () => {
  const outcome = (...status: readonly string[]) => {
    const issued = rsa.issueLogoutResponse({ serviceProvider, inResponseTo: '_our-request', status })
    const byRedirect = verifyLogoutResponse(receiveLogoutRedirect(issued.redirectQuery()), trust, now)
    assert.deepEqual(verifyLogoutResponse(receiveLogoutForm(issued.postFields()), trust, now), byRedirect)
    assert.equal(byRedirect.inResponseTo, '_our-request')
    return byRedirect.outcome
  }
  assert.equal(outcome('Success'), 'success')
  assert.equal(outcome('Success', 'PartialLogout'), 'partial')
  assert.equal(outcome('Responder', 'PartialLogout'), 'partial')
  assert.equal(outcome('PartialLogout'), 'partial')
  assert.equal(outcome('Responder'), 'failed')
  assert.equal(outcome('Requester', 'UnknownPrincipal'), 'failed')
})

test('verifyLogoutResponse() refuses one that answers nothing, is not signed, or is a request', () => {
  const unanswering = rsa.issueLogoutResponse({ serviceProvider, inResponseTo: null })
  const verify = (received: ReceivedLogoutMessage) => () => verifyLogoutResponse(received, trust, now)
  assert.throws(verify(receiveLogoutRedirect(unanswering.redirectQuery())), { code: 'saml_structure_invalid' })
  const [unsigned = ''] = unanswering.redirectQuery().split('&')
  assert.throws(verify(receiveLogoutRedirect(unsigned)), { code: 'saml_signature_missing' })
  assert.throws(verify(receiveLogoutRedirect(request().redirectQuery())), { code: 'saml_structure_invalid' })
})
