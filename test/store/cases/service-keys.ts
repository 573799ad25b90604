import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ServiceKey } from '../../../src/directory/service-key.ts'
import { currentKey } from '../../../src/keys/service-keys.ts'
import type { Bench } from '../conformance.ts'
import { later, newEvent, newName, now } from '../samples.ts'

const purpose = 'jwt'

function newKey(createdAt: Date): ServiceKey {
  return { id: newName('key'), purpose, sealedPrivateKey: 'sealed', publicPart: '{}', createdAt }
}

export function serviceKeyCases(bench: () => Bench): void {
  test('one next key waits, signs when it is promoted, and then the last one before it is kept', async () => {
    const { directory, pool, countRows } = bench()
    await pool.query('delete from service_key')
    const [first, second, third] = [newKey(now), newKey(later(1)), newKey(later(2))] as const
    await directory.ensureServiceKey(first)
    const before = await countRows()
    await assert.rejects(directory.promoteServiceKey(purpose, now, newEvent()), { code: 'key_not_found' })
    assert.deepEqual(await countRows(), before)

    await directory.createNextServiceKey(second, newEvent())
    const withNext = await countRows()
    await assert.rejects(directory.createNextServiceKey(third, newEvent()), { code: 'key_exists' })
    assert.deepEqual(await countRows(), withNext)
    const ids = async () => (await directory.listServiceKeys(purpose)).map(({ id }) => id)
    const current = async () => currentKey(await directory.listServiceKeys(purpose))?.id
    assert.deepEqual([await current(), await ids()], [first.id, [first.id, second.id]])

    await directory.promoteServiceKey(purpose, later(-5), newEvent())
    assert.deepEqual([await current(), await ids()], [second.id, [first.id, second.id]])
    await directory.createNextServiceKey(third, newEvent())
    await directory.promoteServiceKey(purpose, later(9), newEvent())
    assert.deepEqual([await current(), await ids()], [third.id, [second.id, third.id]])
    await pool.query('delete from service_key')
  })
}
