import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { before, test } from 'node:test'
import { isLatchkeyError, type LatchkeyError } from '../../../src/errors.ts'
import { decodeResponse, type TrustSettings, verifyResponse } from '../../../src/saml/index.ts'
import type { ContentEncryption } from '../../../src/test-identity-provider/encryption.ts'
import {
  createTestIdentityProvider,
  type IssueOptions,
  type TestIdentityProvider,
} from '../../../src/test-identity-provider/identity-provider.ts'

const now = new Date('2026-06-01T12:00:00Z')
const serviceProvider = { entityId: 'https://benefits.example/metadata', acsUrl: 'https://benefits.example/acs' }
const person = {
  nameId: 'nina-7f3a',
  attributes: { cn: 'Zo\u00eb <&> ]]> \u{1F511}', groups: ['staff', 'new, hires'] },
}
const [ours, former, stranger] = [1, 2, 3].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }))
assert.ok(ours && former && stranger)
const { publicKey } = ours

let provider: TestIdentityProvider
before(async () => {
  provider = await createTestIdentityProvider({ baseUrl: 'https://idp.example', now: () => now })
})

function trust(changes: Partial<TrustSettings> = {}): TrustSettings {
  const { publicKey: key } = new X509Certificate(Buffer.from(provider.certificate, 'base64'))
  return {
    identityProviderEntityId: provider.entityId,
    serviceProviderEntityId: serviceProvider.entityId,
    acsUrl: serviceProvider.acsUrl,
    signingKeys: [{ key, fingerprint: 'idp' }],
    decryptionKeys: ours ? [ours.privateKey] : [],
    ...changes,
  }
}

const issue = (options: Partial<IssueOptions>) =>
  provider.issueResponse({ serviceProvider, person, inResponseTo: '_r', encrypt: { publicKey }, ...options })

const verify = (xml: string, changes: Partial<TrustSettings> = {}) =>
  verifyResponse(decodeResponse(Buffer.from(xml).toString('base64')), trust(changes), now)

function refusalOf(xml: string, changes: Partial<TrustSettings> = {}): LatchkeyError {
  try {
    verify(xml, changes)
  } catch (error) {
    if (isLatchkeyError(error)) return error
    throw error
  }
  return assert.fail('accepted')
}

const contents: readonly ContentEncryption[] = ['aes-128-gcm', 'aes-192-gcm', 'aes-256-gcm']
const chained: readonly ContentEncryption[] = ['aes-128-cbc', 'aes-192-cbc', 'aes-256-cbc']

for (const content of [...contents, ...chained]) {
  for (const sign of ['assertion', 'response', 'both'] as const) {
    const isAccepted = sign !== 'assertion' || contents.includes(content)
    test(`verifyResponse() ${isAccepted ? 'opens' : 'refuses'} ${content}, signed: ${sign}`, () => {
      for (const oaepHash of ['sha1', 'sha256', 'sha384', 'sha512'] as const) {
        const { xml } = issue({ sign, encrypt: { publicKey, content, oaepHash } })
        assert.ok(!xml.includes(person.nameId))
        if (isAccepted) {
          const { nameId, attributes, signed } = verify(xml)
          assert.equal(nameId?.value, person.nameId)
          const [cn, groups] = Object.values(person.attributes)
          assert.deepEqual(
            attributes.map(({ values }) => values),
            [[cn], groups],
          )
          assert.deepEqual(Object.keys(signed), sign === 'both' ? ['response', 'assertion'] : [sign])
        } else assert.equal(refusalOf(xml).code, 'saml_encryption_algorithm_not_allowed')
      }
    })
  }
}

test('what no signature covers is refused, however well it is encrypted', () => {
  assert.equal(refusalOf(issue({ sign: 'none' }).xml).code, 'saml_signature_missing')
  const { xml } = issue({ sign: 'response' })
  assert.equal(refusalOf(xml, { wantAssertionsSigned: true }).code, 'saml_signature_missing')
  assert.equal(refusalOf(issue({}).xml, { wantResponseSigned: true }).code, 'saml_signature_missing')
})

test('a key from before the change of keys still opens', () => {
  const { xml } = issue({ encrypt: { publicKey: former.publicKey } })
  const decryptionKeys = [ours.privateKey, former.privateKey]
  assert.equal(verify(xml, { decryptionKeys }).nameId?.value, person.nameId)
})

test('whatever keeps a ciphertext from being opened, the refusal is the same to the letter', () => {
  const { xml } = issue({})
  const values = [...xml.matchAll(/<xenc:CipherValue>([^<]*)</g)].map(([, value]) => value ?? '')
  const [wrappedKey = '', content = ''] = values
  const flipped = (base64: string, at: number) => {
    const bytes = Buffer.from(base64, 'base64')
    bytes[at < 0 ? bytes.length + at : at] = (bytes.at(at) ?? 0) ^ 1
    return bytes.toString('base64')
  }
  const changed: Readonly<Record<string, string>> = {
    'for another key': issue({ encrypt: { publicKey: stranger.publicKey } }).xml,
    'another wrapped key': xml.replace(wrappedKey, flipped(wrappedKey, 100)),
    'a wrapped key above the modulus': xml.replace(wrappedKey, Buffer.alloc(256, 0xff).toString('base64')),
    'a wrapped key that is too short': xml.replace(wrappedKey, Buffer.alloc(16).toString('base64')),
    'another nonce': xml.replace(content, flipped(content, 0)),
    'another ciphertext': xml.replace(content, flipped(content, 40)),
    'another tag': xml.replace(content, flipped(content, -1)),
    'no tag': xml.replace(content, Buffer.alloc(12).toString('base64')),
    'almost nothing': xml.replace(content, 'AAAA'),
    'another length of key': xml.replace('aes256-gcm', 'aes128-gcm'),
    'another label hash': xml.replace('xmldsig#sha1', 'xmlenc#sha256').replaceAll('2000/09/xmlenc', '2001/04/xmlenc'),
    'another label': xml.replace('<ds:DigestMethod', '<xenc:OAEPparams>AAAA</xenc:OAEPparams><ds:DigestMethod'),
  }
  const told = new Set<string>()
  for (const [name, text] of Object.entries(changed)) {
    assert.notEqual(text, xml, name)
    const { code, message, detail } = refusalOf(text)
    assert.equal(code, 'saml_decryption_failed', `${name}: ${JSON.stringify(detail)}`)
    told.add(JSON.stringify([code, message, detail]))
  }
  assert.equal(told.size, 1)
})

test('wantAssertionsEncrypted refuses an assertion in the clear', () => {
  const { xml } = provider.issueResponse({ serviceProvider, person, inResponseTo: '_r' })
  assert.equal(refusalOf(xml, { wantAssertionsEncrypted: true }).code, 'saml_encryption_missing')
  assert.equal(verify(issue({}).xml, { wantAssertionsEncrypted: true }).nameId?.value, person.nameId)
})

test('without a key of ours, and with one that is none, it says so', () => {
  const { xml } = issue({})
  assert.equal(refusalOf(xml, { decryptionKeys: [] }).code, 'saml_assertion_encrypted')
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const short = generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey
  for (const key of [ec, short, publicKey]) {
    assert.equal(refusalOf(xml, { decryptionKeys: [key] }).code, 'configuration_invalid')
  }
})
