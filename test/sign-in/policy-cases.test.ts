import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import type { Connection, ConnectionSettingsInput } from '../../src/directory/connection.ts'
import { serviceAddresses } from '../../src/directory/service-addresses.ts'
import { mapSubject } from '../../src/provisioning/map-subject.ts'
import { decodeResponse } from '../../src/saml/decode-response.ts'
import { readMetadata } from '../../src/saml/metadata/read-metadata.ts'
import { verifyResponse } from '../../src/saml/verify-response.ts'
import { trustOf } from '../../src/sign-in/trust-of.ts'
import { createTestIdentityProvider } from '../../src/test-identity-provider/identity-provider.ts'
import { createIdentityProviderKey } from '../../src/test-identity-provider/signing-key.ts'
import { connection } from '../provisioning/fixtures.ts'

// Decisions of docs/decisions/0141 that need more than one message: the connection's metadata, its subject key.

const now = new Date('2026-06-01T12:00:00Z')
const publicUrl = 'https://latchkey.example'

/** A connection that trusts an identity provider by its metadata, and what comes of one of its messages. */
async function signIn(
  key: Awaited<ReturnType<typeof createIdentityProviderKey>>,
  settings: ConnectionSettingsInput,
  alter: (xml: string) => string = (xml) => xml,
) {
  const idp = await createTestIdentityProvider({ baseUrl: 'https://idp.example', key, now: () => now })
  const { nameIdFormats: _offered, ...identityProvider } = readMetadata(idp.metadata(), { now })
  const trusted: Connection = { ...connection({ allowIdpInitiated: true, ...settings }), identityProvider }
  const { samlResponse } = idp.issueResponse({
    serviceProvider: serviceAddresses(trusted, publicUrl),
    person: { nameId: 'nina', attributes: { employeeNumber: '1001' } },
    beforeSigning: { assertion: alter },
  })
  return mapSubject(
    verifyResponse(decodeResponse(samlResponse), trustOf(trusted, { publicUrl, decryptionKeys: [] }), now),
    trusted,
  )
}

test('a signing certificate in trusted metadata is believed after its end, too', async () => {
  const key = await createIdentityProviderKey({ now: new Date('2012-01-01T00:00:00Z') })
  const { validTo } = new X509Certificate(Buffer.from(key.certificate, 'base64'))
  assert.ok(new Date(validTo) < now)
  assert.match((await signIn(key, {})).subjectKey, /nina/)
})

test('without a NameID an attribute can be the subject key, and without either there is none', async () => {
  const key = await createIdentityProviderKey({ now })
  const withoutNameId = (xml: string) => xml.replace(/<saml:NameID.*?<\/saml:NameID>/, '')
  const subject = await signIn(key, { subjectKey: { attribute: 'employeeNumber' } }, withoutNameId)
  assert.equal(subject.subjectKey, '["attribute","employeeNumber","1001"]')
  assert.equal(subject.nameId, undefined)
  await assert.rejects(signIn(key, {}, withoutNameId), { code: 'subject_key_missing' })
})
