import assert from 'node:assert/strict'
import { randomBytes, randomUUID, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose'
import type { ServiceKeyDirectory } from '../../src/directory/directory.ts'
import type { ServiceKey } from '../../src/directory/service-key.ts'
import { ensureKeys } from '../../src/keys/service-keys.ts'

/** What storage promises, in memory: the first key of a purpose stays. */
function keptInMemory(): ServiceKeyDirectory & { readonly kept: ServiceKey[] } {
  const kept: ServiceKey[] = []
  const of = (purpose: ServiceKey['purpose']) => kept.filter((key) => key.purpose === purpose)
  return {
    kept,
    ensureServiceKey: async (key) => {
      if (of(key.purpose).length === 0) kept.push(key)
      return of(key.purpose)
    },
    listServiceKeys: async (purpose) => of(purpose),
  }
}

const secret = Buffer.alloc(32, 1)
const deps = { now: () => new Date('2026-11-21T08:00:00Z'), randomBytes, newId: () => randomUUID() }

test('ensureKeys() makes a key that signs tokens anybody can verify with the published keys', async () => {
  const { jwt } = await ensureKeys(keptInMemory(), secret, deps)
  const token = await new SignJWT({ sub: 'nina' })
    .setProtectedHeader({ alg: jwt.algorithm, kid: jwt.kid })
    .sign(jwt.privateKey)
  const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: [...jwt.publicJwks.keys] }))
  assert.equal(payload.sub, 'nina')
  const published = JSON.stringify(jwt.publicJwks)
  assert.doesNotMatch(published, /"d":/)
  assert.match(published, /"use":"sig"/)
})

test('ensureKeys() makes a request signing key whose certificate belongs to it', async () => {
  const { samlSigning } = await ensureKeys(keptInMemory(), secret, deps)
  const certificate = new X509Certificate(Buffer.from(samlSigning.certificateBase64, 'base64'))
  assert.equal(certificate.checkPrivateKey(samlSigning.privateKey), true)
  assert.equal(certificate.publicKey.asymmetricKeyDetails?.modulusLength, 2048)
})

test('processes that start together all use the keys of the first to write', async () => {
  const directory = keptInMemory()
  const nodes = await Promise.all([1, 2, 3].map(() => ensureKeys(directory, secret, deps)))
  const later = await ensureKeys(directory, secret, deps)
  assert.equal(directory.kept.length, 2)
  for (const keys of nodes) {
    assert.equal(keys.jwt.kid, later.jwt.kid)
    assert.equal(keys.jwt.privateKey.equals(later.jwt.privateKey), true)
    assert.equal(keys.samlSigning.certificateBase64, later.samlSigning.certificateBase64)
  }
})

test('no private key rests in the open', async () => {
  const directory = keptInMemory()
  await ensureKeys(directory, secret, deps)
  assert.doesNotMatch(JSON.stringify(directory.kept), /PRIVATE KEY/)
})

test('ensureKeys() refuses another secret and writes nothing', async () => {
  const directory = keptInMemory()
  await ensureKeys(directory, secret, deps)
  await assert.rejects(ensureKeys(directory, Buffer.alloc(32, 2), deps), { code: 'secret_wrong' })
  assert.equal(directory.kept.length, 2)
})

test('after a rotation the newest key signs and the older public key stays listed', async () => {
  const [first, second] = [keptInMemory(), keptInMemory()]
  const old = await ensureKeys(first, secret, deps)
  const fresh = await ensureKeys(second, secret, deps)
  first.kept.push(...second.kept)
  const both = await ensureKeys(first, secret, deps)
  assert.equal(both.jwt.kid, fresh.jwt.kid)
  assert.deepEqual(
    both.jwt.publicJwks.keys.map(({ kid }) => kid),
    [fresh.jwt.kid, old.jwt.kid],
  )
})
