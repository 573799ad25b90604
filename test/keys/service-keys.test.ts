import assert from 'node:assert/strict'
import { randomBytes, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose'
import type { Pool } from 'pg'
import { uuidv7 } from 'uuidv7'
import { ensureKeys, newServiceKey } from '../../src/keys/service-keys.ts'
import { migrateSchema } from '../../src/store/migrate-schema.ts'
import { createDirectory } from '../../src/store/postgres-directory.ts'
import { newEvent } from '../store/samples.ts'
import { forEachDatabase } from '../support/databases.ts'

const secret = Buffer.alloc(32, 1)
let clock = Date.parse('2026-11-21T08:00:00Z')
const deps = { now: () => new Date(clock++), randomBytes, newId: () => uuidv7() }

async function keptKeys(pool: Pool): Promise<readonly { id: string; sealed_private_key: string }[]> {
  return (await pool.query('select id, sealed_private_key from service_key order by created_at')).rows
}

forEachDatabase((kind, open) => {
  test(`ensureKeys() makes keys that others can verify with, once for all processes (${kind})`, async (t) => {
    const { pool } = await open(t)
    await migrateSchema(pool)
    const directory = createDirectory(pool)
    const nodes = await Promise.all([1, 2, 3].map(() => ensureKeys(directory, secret, deps)))
    const { jwt, samlSigning, samlEncryption } = await ensureKeys(directory, secret, deps)
    assert.equal((await keptKeys(pool)).length, 3)
    for (const keys of nodes) {
      assert.equal(keys.jwt.kid, jwt.kid)
      assert.equal(keys.jwt.privateKey.equals(jwt.privateKey), true)
      assert.equal(keys.samlSigning.certificateBase64, samlSigning.certificateBase64)
      assert.equal(keys.samlEncryption.certificateBase64, samlEncryption.certificateBase64)
    }

    const header = { alg: jwt.algorithm, kid: jwt.kid }
    const token = await new SignJWT({ sub: 'nina' }).setProtectedHeader(header).sign(jwt.privateKey)
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: [...jwt.publicJwks.keys] }))
    assert.equal(payload.sub, 'nina')
    assert.match(JSON.stringify(jwt.publicJwks), /"use":"sig"/)
    assert.doesNotMatch(JSON.stringify(jwt.publicJwks), /"d":/)

    const certificate = new X509Certificate(Buffer.from(samlSigning.certificateBase64, 'base64'))
    assert.equal(certificate.checkPrivateKey(samlSigning.privateKey), true)
    assert.equal(certificate.publicKey.asymmetricKeyDetails?.modulusLength, 2048)
    const forEncryption = new X509Certificate(Buffer.from(samlEncryption.certificateBase64, 'base64'))
    assert.deepEqual(
      samlEncryption.decryptionKeys.map((key) => forEncryption.checkPrivateKey(key)),
      [true],
    )
  })

  test(`ensureKeys() keeps private keys sealed, and refuses another secret without a change (${kind})`, async (t) => {
    const { pool } = await open(t)
    await migrateSchema(pool)
    const directory = createDirectory(pool)
    await ensureKeys(directory, secret, deps)
    const kept = await keptKeys(pool)
    for (const key of kept) assert.match(key.sealed_private_key, /^v1\.[\w-]{16}\.[\w-]{22}\.[\w-]+$/)
    await assert.rejects(ensureKeys(directory, Buffer.alloc(32, 2), deps), { code: 'secret_wrong' })
    assert.deepEqual(await keptKeys(pool), kept)
  })

  test(`a next key is published before it signs, and signs once it is promoted (${kind})`, async (t) => {
    const { pool } = await open(t)
    await migrateSchema(pool)
    const directory = createDirectory(pool)
    const old = await ensureKeys(directory, secret, deps)
    await directory.createNextServiceKey(await newServiceKey('jwt', secret, deps), newEvent())
    await directory.createNextServiceKey(await newServiceKey('saml-signing', secret, deps), newEvent())
    const waiting = await ensureKeys(directory, secret, deps)
    assert.equal(waiting.jwt.kid, old.jwt.kid)
    assert.equal(waiting.jwt.publicJwks.keys.length, 2)
    assert.equal(waiting.samlSigning.certificateBase64, old.samlSigning.certificateBase64)
    const [, next = ''] = waiting.samlSigning.certificates
    assert.deepEqual(waiting.samlSigning.certificates, [old.samlSigning.certificateBase64, next])

    await directory.promoteServiceKey('jwt', deps.now(), newEvent())
    await directory.promoteServiceKey('saml-signing', deps.now(), newEvent())
    const promoted = await ensureKeys(directory, secret, deps)
    assert.notEqual(promoted.jwt.kid, old.jwt.kid)
    const listed = promoted.jwt.publicJwks.keys.map(({ kid }) => kid)
    assert.deepEqual(listed, [promoted.jwt.kid, old.jwt.kid])
    assert.deepEqual(promoted.samlSigning.certificates, [next])
    const certificate = new X509Certificate(Buffer.from(next, 'base64'))
    assert.equal(certificate.checkPrivateKey(promoted.samlSigning.privateKey), true)
  })
})
