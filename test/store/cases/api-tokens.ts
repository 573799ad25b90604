import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewApiToken } from '../../../src/directory/api-token.ts'
import type { Bench } from '../conformance.ts'
import { later, newEvent, newHash, newName, now } from '../samples.ts'

function newToken(more: Partial<NewApiToken> = {}): NewApiToken {
  return {
    name: newName('token'),
    tokenHash: newHash(),
    scope: 'read',
    mayReveal: false,
    createdAt: now,
    expiresAt: later(86_400),
    ...more,
  }
}

export function apiTokenCases(bench: () => Bench): void {
  test('a token is found by its hash until it ends or is removed', async () => {
    const { directory, newConnection, countRows } = bench()
    const { organizationId } = await newConnection()
    const before = await countRows()
    const token = newToken({ organizationId, scope: 'write', mayReveal: true })
    const { tokenHash, ...kept } = token
    await directory.createApiToken(token, newEvent())
    assert.deepEqual(await directory.useApiToken(tokenHash, now), kept)
    assert.equal(await directory.useApiToken(newHash(), now), undefined)
    assert.equal(await directory.useApiToken(tokenHash, token.expiresAt), undefined)
    await directory.removeApiToken(token.name, newEvent())
    assert.equal(await directory.useApiToken(tokenHash, now), undefined)
    assert.deepEqual(await countRows(), { ...before, audit_event: (before.audit_event ?? 0) + 2 })
  })

  test('two tokens cannot have one name, and what is not there cannot be removed; nothing is written then', async () => {
    const { directory, countRows } = bench()
    const token = newToken()
    await directory.createApiToken(token, newEvent())
    const before = await countRows()
    const second = newToken({ name: token.name })
    await assert.rejects(directory.createApiToken(second, newEvent()), { code: 'api_token_exists' })
    await assert.rejects(directory.removeApiToken(newName('nobody'), newEvent()), { code: 'api_token_not_found' })
    assert.deepEqual(await countRows(), before)
    assert.equal(await directory.useApiToken(second.tokenHash, now), undefined)
  })

  test('the use of a token is written down once an hour, and read as the hour', async () => {
    const { directory, pool } = bench()
    const token = newToken()
    await directory.createApiToken(token, newEvent())
    const lastUsed = async () => {
      const listed = (await directory.listApiTokens()).find(({ name }) => name === token.name)
      const { rows } = await pool.query<{ row: string }>('select xmin::text as row from api_token where name = $1', [
        token.name,
      ])
      return { at: listed?.lastUsedAt, row: rows[0]?.row }
    }
    assert.equal((await lastUsed()).at, undefined)
    const hour = new Date(Math.floor(now.getTime() / 3_600_000) * 3_600_000)
    await directory.useApiToken(token.tokenHash, new Date(hour.getTime() + 60_000))
    const first = await lastUsed()
    assert.deepEqual(first.at, hour)
    await directory.useApiToken(token.tokenHash, new Date(hour.getTime() + 3_599_999))
    assert.deepEqual(await lastUsed(), first)
    await directory.useApiToken(token.tokenHash, new Date(hour.getTime() + 3_600_000))
    assert.deepEqual((await lastUsed()).at, new Date(hour.getTime() + 3_600_000))
  })
}
