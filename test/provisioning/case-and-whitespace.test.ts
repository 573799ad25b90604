import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readContents } from '../admin/office.ts'
import { forEachDatabase } from '../support/databases.ts'
import type { Attributes } from './fixtures.ts'
import { openStorageWorld } from './storage-world.ts'

const emailAddress = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'
const first = { uid: 'Zoë.Ada', mail: 'Ada@Company-A.example', cn: 'Ada' }

/** The same person as identity providers write them from one day to the next. */
const respelled: readonly { readonly nameId: string; readonly attributes: Attributes }[] = [
  { nameId: 'ADA@COMPANY-A.EXAMPLE', attributes: first },
  { nameId: '  ada@company-a.example\n', attributes: first },
  { nameId: 'Ada@Company-A.example', attributes: { ...first, uid: ' ZOË.ADA ' } },
  { nameId: 'Ada@Company-A.example', attributes: { ...first, uid: 'Zoë.ada'.normalize('NFD') } },
  { nameId: 'ada@company-a.EXAMPLE', attributes: { ...first, mail: '  ada@company-a.example' } },
]

forEachDatabase((kind, open) => {
  test(`demand 8: other case, blanks and composition are the same account, and nothing has changed (${kind})`, async (t) => {
    const { pool } = await open(t)
    const { signIn, directory, organizationId } = await openStorageWorld(pool, {})
    const created = await signIn(first, { value: 'Ada@Company-A.example', format: emailAddress })
    const before = await directory.findAccount(organizationId, 'zoë.ada')
    const events = async () => (await pool.query('select action from audit_event')).rows.length
    const eventsBefore = await events()
    for (const { nameId, attributes } of respelled) {
      const plan = await signIn(attributes, { value: nameId, format: emailAddress })
      assert.equal(plan.kind, 'update')
      assert.equal(plan.changes, false, JSON.stringify({ nameId, attributes }))
      assert.equal(plan.after.id, created.after.id)
    }
    const after = await directory.findAccount(organizationId, 'ZOË.ADA')
    assert.equal(after?.account.username, 'Zoë.Ada')
    assert.deepEqual(after?.account.fields, before?.account.fields)
    assert.equal(after?.account.version, before?.account.version)
    assert.equal((await directory.listAccounts(organizationId, { limit: 10 })).length, 1)
    assert.equal(await events(), eventsBefore)
  })

  test(`demand 8: another person whose user name differs in case alone gets no second account of it (${kind})`, async (t) => {
    const { pool } = await open(t)
    const { signIn } = await openStorageWorld(pool, {})
    await signIn({ uid: 'ada' }, { value: 'p-1' })
    const before = await readContents(pool)
    for (const uid of ['ADA', ' ada', 'Ada\t']) {
      await assert.rejects(signIn({ uid }, { value: 'p-2' }), { code: 'account_conflict' })
    }
    assert.equal(await readContents(pool), before)
  })

  test(`demand 8: an attribute that is the key is the same in other case where the connection says so (${kind})`, async (t) => {
    const { pool } = await open(t)
    const subjectKey = { attribute: 'mail', ignoreCase: true }
    const { signIn, directory, organizationId } = await openStorageWorld(pool, { subjectKey })
    const created = await signIn({ mail: 'Ada@Company-A.example' })
    const again = await signIn({ mail: '\n  ada@company-a.EXAMPLE ' })
    assert.deepEqual([again.kind, again.changes, again.after.id], ['update', false, created.after.id])
    const [account, ...others] = await directory.listAccounts(organizationId, { limit: 10 })
    assert.deepEqual([account?.username, others], ['Ada@Company-A.example', []])
  })

  test(`demand 8: first sign-ins at once in different spellings make one account (${kind})`, async (t) => {
    const { pool } = await open(t)
    const { signIn, directory, organizationId } = await openStorageWorld(pool, {})
    await Promise.all(
      respelled.map(({ nameId, attributes }) => signIn(attributes, { value: nameId, format: emailAddress })),
    )
    assert.equal((await directory.listAccounts(organizationId, { limit: 10 })).length, 1)
  })
})
