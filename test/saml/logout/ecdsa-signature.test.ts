import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, sign, verify, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { sideBySide } from '../../../src/saml/logout/ecdsa-signature.ts'
import { receiveLogoutRedirect } from '../../../src/saml/logout/received-message.ts'
import { verifyLogoutRequest } from '../../../src/saml/logout/verify-logout-request.ts'
import { createTestIdentityProvider } from '../../../src/test-identity-provider/identity-provider.ts'

const now = new Date('2026-11-21T12:00:00Z')
const logoutUrl = 'https://sp.example/logout'
const idp = await createTestIdentityProvider({ baseUrl: 'https://idp.example', keyKind: 'ecdsa', now: () => now })
const certificate = new X509Certificate(Buffer.from(idp.certificate, 'base64'))
const trust = {
  identityProviderEntityId: idp.entityId,
  logoutUrl,
  signingKeys: [
    { key: certificate.publicKey, fingerprint: createHash('sha256').update(certificate.raw).digest('hex') },
  ],
}

for (const [namedCurve, bytes] of [
  ['P-256', 64],
  ['P-384', 96],
  ['P-521', 132],
] as const) {
  test(`sideBySide() reads what a library signs in DER, and leaves what is side by side: ${namedCurve}`, () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
    const message = Buffer.from('SAMLRequest=a&SigAlg=b')
    // Enough for numbers with and without a zero in front, and for shorter ones.
    for (let n = 0; n < 300; n++) {
      const read = sideBySide(sign('sha256', message, privateKey))
      assert.equal(read.length, bytes)
      assert.ok(verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, read))
    }
    const given = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' })
    assert.equal(sideBySide(given), given)
  })
}

const r = '020105'
const malformed: Readonly<Record<string, string>> = {
  nothing: '',
  'one number': `3003${r}`,
  'three numbers': `3009${r}${r}${r}`,
  'something behind it': `3006${r}${r}00`,
  'a length that is too long': `3007${r}${r}`,
  'a length in the long form without need': `308106${r}${r}`,
  'a length without end': `3080${r}${r}0000`,
  'another tag': `3106${r}${r}`,
  'a negative number': `3006020180${r}`,
  'a zero in front without need': `300702020005${r}`,
  'an empty number': `30050200${r}`,
  zero: `3006020100${r}`,
  'a number for no curve': `30480243${'05'.repeat(67)}${r}`,
}
for (const [what, hex] of Object.entries(malformed)) {
  test(`sideBySide() leaves what is no signature in DER: ${what}`, () => {
    const given = Buffer.from(hex, 'hex')
    assert.equal(sideBySide(given), given)
  })
}

test('a redirect with a signature in DER is verified like one side by side, and only that', () => {
  const issued = idp.issueLogoutRequest({ serviceProvider: { logoutUrl }, nameId: 'nina' })
  const [octets = ''] = issued.redirectQuery().split('&Signature=')
  const der = sign('sha256', Buffer.from(octets), idp.key.privateKey)
  const received = (signature: Buffer, of = octets) =>
    receiveLogoutRedirect(`${of}&Signature=${encodeURIComponent(signature.toString('base64'))}`)
  assert.equal(verifyLogoutRequest(received(der), trust, now).nameId.value, 'nina')
  const refused = { code: 'saml_signature_invalid' }
  assert.throws(() => verifyLogoutRequest(received(Buffer.concat([der, Buffer.alloc(1)])), trust, now), refused)
  assert.throws(() => verifyLogoutRequest(received(der, `${octets}&RelayState=x`), trust, now), refused)
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  assert.throws(
    () => verifyLogoutRequest(received(sign('sha256', Buffer.from(octets), stranger.privateKey)), trust, now),
    refused,
  )
})
