import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addDomain, recheckDomains, verifyDomain } from '../../src/admin/domains.ts'
import { grantRole } from '../../src/admin/manual-grants.ts'
import { relinkAccount } from '../../src/admin/relink-account.ts'
import { administratorRole } from '../../src/directory/role.ts'
import { completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import { openWorldOffice } from '../preview/office-of-world.ts'
import { forEachDatabase } from '../support/databases.ts'
import { connectionId, createSignInWorld, nina, organizationId, type SignInWorld } from '../support/sign-in-world.ts'

/** The same person with another NameID: nobody by their subject key, somebody by their user name. */
const renamed = { ...nina, nameId: 'nina-after-the-merger' }
const domain = 'company-a.example'

const officeOf = (world: SignInWorld) => openWorldOffice(world).deps

async function signIn(world: SignInWorld, person = nina): Promise<string> {
  return (await completeSignIn({ connectionId, samlResponse: world.issue(person) }, world.deps)).accountId
}

/** Asserts that nothing but the attempt was written, and gives its reference. */
async function refusedWith(world: SignInWorld, code: string, person = renamed): Promise<string> {
  const before = await world.countRows()
  const error = await signIn(world, person).then(
    () => assert.fail('let in'),
    (refusal: { code?: string; reference?: string }) => refusal,
  )
  assert.equal(error.code, code)
  assert.deepEqual(await world.countRows(), { ...before, sign_in_attempt: (before.sign_in_attempt ?? 0) + 1 })
  return error.reference ?? ''
}

async function proveDomain(world: SignInWorld): Promise<void> {
  const office = officeOf(world)
  const { challenge } = await addDomain({ domain }, office)
  await assert.rejects(verifyDomain({ domain }, office), { code: 'domain_not_verified' })
  const answers = { ...office, resolveTxt: async (name: string) => (name === challenge.name ? [challenge.value] : []) }
  assert.ok((await verifyDomain({ domain }, answers)).verifiedAt)
}

forEachDatabase((kind, open) => {
  test(`demand 5: a changed NameID is led to its account by an administrator, and both ways in stay (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const id = await signIn(world)
    const reference = await refusedWith(world, 'account_conflict')
    const relinked = await relinkAccount({ account: 'nina', attempt: reference }, officeOf(world))
    assert.deepEqual([relinked.account.id, relinked.connection, relinked.before], [id, connectionId, undefined])
    assert.equal(await signIn(world, renamed), id)
    assert.equal(await signIn(world), id)
    const { rows } = await world.pool.query<{ detail: { connection: string } }>(
      "select detail from audit_event where action = 'account.relinked'",
    )
    assert.deepEqual(
      rows.map(({ detail }) => detail.connection),
      [connectionId],
    )
    const accepted = await world.directory.listAttempts({ organizationId, outcome: 'accepted', limit: 1 })
    const attempt = accepted[0]?.id ?? ''
    await assert.rejects(relinkAccount({ account: 'nina', attempt }, officeOf(world)), { code: 'attempt_not_linkable' })
  })

  test(`demand 6: linking by e-mail happens only for a domain that DNS proves, and ends with the proof (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool, { linking: 'verifiedDomain' })
    const id = await signIn(world)
    await refusedWith(world, 'account_link_pending')
    await proveDomain(world)
    const elsewhere = { ...renamed, attributes: { ...nina.attributes, mail: 'nina@elsewhere.example' } }
    await refusedWith(world, 'account_link_pending', elsewhere)
    assert.equal(await signIn(world, renamed), id)
    assert.equal(await signIn(world), id)

    assert.deepEqual(await recheckDomains(officeOf(world)), [], 'looked at today')
    const tomorrow = { ...officeOf(world), now: () => new Date(Date.now() + 25 * 3_600_000) }
    const unreachable = { ...tomorrow, resolveTxt: () => Promise.reject(new Error('no answer')) }
    assert.deepEqual(await recheckDomains(unreachable), [])
    const lost = await recheckDomains(tomorrow)
    assert.deepEqual(
      lost.map((known) => known.domain),
      [domain],
    )
    await refusedWith(world, 'account_link_pending', { ...nina, nameId: 'nina-again' })
  })

  test(`demand 6: privileged and suspended accounts are never linked by signing in (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool, { linking: 'verifiedDomain' })
    const id = await signIn(world)
    await proveDomain(world)
    await grantRole({ account: 'nina', role: administratorRole }, officeOf(world))
    await refusedWith(world, 'account_link_pending')
    const other = { nameId: 'otto', attributes: { uid: 'otto', mail: `otto@${domain}` } }
    const otto = await signIn(world, other)
    const change = { from: 'active', to: 'suspended' } as const
    await world.directory.setAccountState(organizationId, otto, change, world.event('account.suspended'))
    await refusedWith(world, 'account_link_pending', { ...other, nameId: 'otto-again' })
    assert.equal((await world.directory.findAccount(organizationId, id))?.account.version, 2)
  })

  test(`demand 6: a connection may leave linking to administrators (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool, { linking: 'approval' })
    const id = await signIn(world)
    await proveDomain(world)
    const reference = await refusedWith(world, 'account_link_pending')
    await relinkAccount({ account: id, attempt: reference }, officeOf(world))
    assert.equal(await signIn(world, renamed), id)
  })
})
