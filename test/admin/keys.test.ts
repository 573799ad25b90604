import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { openKeyRing } from '../../src/keys/key-ring.ts'
import { forEachDatabase } from '../support/databases.ts'
import { openOffice } from './office.ts'

forEachDatabase((kind, open) => {
  test(`demand 21: key next is published and unused, key promote switches what every node signs with (${kind})`, async (t) => {
    const office = await openOffice(await open(t))
    const { deps, run } = office
    assert.deepEqual(await run('key.list', {}), [])
    await assert.rejects(run('key.promote', {}), { code: 'key_not_found' })
    const made = await run('key.next', {})
    assert.deepEqual(
      made.map(({ purpose, state }) => [purpose, state]),
      [
        ['saml-signing', 'current'],
        ['saml-signing', 'next'],
        ['saml-encryption', 'current'],
        ['jwt', 'current'],
      ],
    )
    assert.doesNotMatch(JSON.stringify(made), /sealed|PRIVATE/)
    await assert.rejects(run('key.next', { purpose: 'saml-signing' }), { code: 'key_exists' })
    const wrong = 'other' as 'jwt'
    await assert.rejects(run('key.next', { purpose: wrong }), { code: 'input_invalid' })

    const nodes = await Promise.all([1, 2].map(() => openKeyRing(deps.directory, deps.secret(), deps)))
    const before = nodes.map(({ samlSigning }) => samlSigning)
    assert.equal(before[0]?.certificates.length, 2)
    const promoted = await run('key.promote', {})
    assert.deepEqual(
      promoted.filter(({ purpose }) => purpose === 'saml-signing').map(({ state }) => state),
      ['previous', 'current'],
    )
    for (const [index, node] of nodes.entries()) {
      assert.equal(node.samlSigning.certificateBase64, before[index]?.certificateBase64)
      assert.equal(await node.refresh(), true)
      assert.equal(await node.refresh(), false)
      assert.equal(node.samlSigning.certificateBase64, before[index]?.certificates[1])
      assert.deepEqual(node.samlSigning.certificates, [before[index]?.certificates[1]])
      const certificate = new X509Certificate(Buffer.from(node.samlSigning.certificateBase64, 'base64'))
      assert.equal(certificate.checkPrivateKey(node.samlSigning.privateKey), true)
    }
    const { rows } = await office.pool.query("select action from audit_event where action like 'key.%' order by id")
    assert.deepEqual(
      rows.map(({ action }) => action),
      ['key.created', 'key.promoted'],
    )
  })

  test(`a key is not made under another secret, and nothing is written (${kind})`, async (t) => {
    const office = await openOffice(await open(t))
    await office.run('key.next', { purpose: 'jwt' })
    const before = await office.contents()
    Object.assign(office.deps, { secret: () => Buffer.alloc(32, 9) })
    await assert.rejects(office.run('key.next', {}), { code: 'secret_wrong' })
    assert.equal(await office.contents(), before)
  })
})
