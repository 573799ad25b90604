import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openCatalog } from '../../src/access/catalog.ts'
import { hashSecret } from '../../src/sessions/browser-secret.ts'
import { hashToken } from '../../src/sessions/token-hash.ts'
import { beginSignIn } from '../../src/sign-in/begin-sign-in.ts'
import { completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import { forEachDatabase } from '../support/databases.ts'
import {
  benefitsOrigin,
  connectionId,
  createSignInWorld,
  nina,
  organizationId,
  publicUrl,
  type SignInWorld,
} from '../support/sign-in-world.ts'

const browserSecret = 'b'.repeat(43)

/** Begins a sign-in and gives the ID of the request that a response must answer. */
async function begin(world: SignInWorld, returnTo: string, secret = browserSecret): Promise<string> {
  const started = await beginSignIn(
    { connection: await world.connection(), returnTo, browserSecret: secret },
    world.deps,
  )
  assert.equal(started.kind, 'redirect')
  const { rows } = await world.pool.query<{ id: string }>(
    'select id from login_request order by created_at desc limit 1',
  )
  return rows[0]?.id ?? ''
}

/** Asserts the exact code, that nothing but the attempt was written, and that the refusal names the attempt. */
async function assertRefused(world: SignInWorld, run: () => Promise<unknown>, code: string): Promise<void> {
  const before = await world.countRows()
  let reference: string | undefined
  await assert.rejects(run, (error: { code?: string; reference?: string }) => {
    reference = error.reference
    assert.equal(error.code, code)
    return true
  })
  const attempt = await world.directory.findAttempt(reference ?? '')
  assert.equal(attempt?.outcome, 'refused')
  assert.equal(attempt?.code, code)
  assert.deepEqual(await world.countRows(), { ...before, sign_in_attempt: (before.sign_in_attempt ?? 0) + 1 })
}

forEachDatabase((kind, open) => {
  test(`completeSignIn() opens an account at the first sign-in and updates it at the next (${kind})`, async (t) => {
    const { pool } = await open(t)
    const world = await createSignInWorld(pool)
    const first = await completeSignIn({ connectionId, samlResponse: world.issue(nina) }, world.deps)
    assert.equal(first.redirectTo, `${benefitsOrigin}/`)
    const created = await world.directory.findAccount(organizationId, 'nina')
    assert.equal(created?.account.id, first.accountId)
    assert.deepEqual(created?.account.fields.title?.values, ['Analyst'])

    const promoted = {
      ...nina,
      attributes: { ...nina.attributes, title: 'Lead', role: ['manager'], groups: ['staff'] },
    }
    const second = await completeSignIn({ connectionId, samlResponse: world.issue(promoted) }, world.deps)
    assert.equal(second.accountId, first.accountId)
    const updated = await world.directory.findAccount(organizationId, 'NINA')
    assert.deepEqual(updated?.account.fields.title?.values, ['Lead'])
    const held = updated?.grants.map((grant) => `${grant.kind} ${grant.name} from ${grant.source}`).sort()
    assert.deepEqual(held, ['group staff from connection:company-a', 'role manager from connection:company-a'])
  })

  test(`completeSignIn() answers a request once, in the browser that began it, and leads to the deep link (${kind})`, async (t) => {
    const { pool } = await open(t)
    const world = await createSignInWorld(pool, { allowIdpInitiated: false })
    const deepLink = `${benefitsOrigin}/plans/dental?year=${'9'.repeat(8000)}`
    const inResponseTo = await begin(world, deepLink)
    const samlResponse = world.issue(nina, { inResponseTo })

    const elsewhere = { connectionId, samlResponse, browserSecret: 'c'.repeat(43) }
    await assertRefused(world, () => completeSignIn(elsewhere, world.deps), 'login_request_other_browser')
    await assertRefused(
      world,
      () => completeSignIn({ connectionId, samlResponse }, world.deps),
      'login_request_other_browser',
    )

    const signedIn = await completeSignIn(
      { connectionId, samlResponse, browserSecret, relayState: 'https://evil.example' },
      world.deps,
    )
    assert.equal(signedIn.redirectTo, deepLink)
    const again = { connectionId, samlResponse, browserSecret }
    await assertRefused(world, () => completeSignIn(again, world.deps), 'login_request_unknown')
    await assertRefused(
      world,
      () => completeSignIn({ connectionId, samlResponse: world.issue(nina) }, world.deps),
      'saml_unsolicited',
    )
  })

  test(`completeSignIn() refuses a response that was used before and one that was altered (${kind})`, async (t) => {
    const { pool } = await open(t)
    const world = await createSignInWorld(pool)
    const samlResponse = world.issue(nina)
    await completeSignIn({ connectionId, samlResponse }, world.deps)
    await assertRefused(world, () => completeSignIn({ connectionId, samlResponse }, world.deps), 'assertion_replayed')

    const xml = Buffer.from(world.issue(nina), 'base64').toString('utf8')
    const altered = Buffer.from(xml.replace('>employee<', '>manager<')).toString('base64')
    assert.notEqual(altered, Buffer.from(xml).toString('base64'))
    await assertRefused(
      world,
      () => completeSignIn({ connectionId, samlResponse: altered }, world.deps),
      'saml_digest_mismatch',
    )
  })

  test(`completeSignIn() makes one account of 50 parallel first sign-ins of one person, and 50 of 50 persons (${kind})`, async (t) => {
    const { pool } = await open(t)
    const world = await createSignInWorld(pool)
    const same = Array.from({ length: 50 }, () => world.issue(nina))
    const results = await Promise.all(
      same.map((samlResponse) => completeSignIn({ connectionId, samlResponse }, world.deps)),
    )
    assert.equal(new Set(results.map((result) => result.accountId)).size, 1)

    const persons = Array.from({ length: 50 }, (_, n) =>
      world.issue({ nameId: `person-${n}`, attributes: { uid: `person${n}` } }),
    )
    await Promise.all(persons.map((samlResponse) => completeSignIn({ connectionId, samlResponse }, world.deps)))
    const counts = await world.countRows()
    assert.equal(counts.account, 51)
    assert.equal(counts.identity, 51)
    assert.equal(counts.session, 100)
  })

  test(`completeSignIn() heeds what changed since the connection was last seen (${kind})`, async (t) => {
    const { pool } = await open(t)
    const world = await createSignInWorld(pool)
    await world.deps.catalog.lastSeenConnection(connectionId)
    await world.changeSettings({ jitProvisioning: false })
    await assertRefused(
      world,
      () => completeSignIn({ connectionId, samlResponse: world.issue(nina) }, world.deps),
      'account_creation_disabled',
    )
    await world.changeSettings({ samlEnabled: false })
    await assertRefused(
      world,
      () => completeSignIn({ connectionId, samlResponse: world.issue(nina) }, world.deps),
      'connection_disabled',
    )
  })

  test(`completeSignIn() does not refuse by settings that were changed since (${kind})`, async (t) => {
    const { pool } = await open(t)
    const world = await createSignInWorld(pool, { samlEnabled: false })
    let elapsedMs = 0
    const now = () => new Date(Date.now() + elapsedMs)
    const catalog = await openCatalog({ directory: world.directory, now })
    catalog.close()
    const deps = { ...world.deps, catalog }
    const samlResponse = world.issue(nina)
    await assertRefused(world, () => completeSignIn({ connectionId, samlResponse }, deps), 'connection_disabled')
    await world.changeSettings({ samlEnabled: true })
    elapsedMs = 10_000
    const { accountId } = await completeSignIn({ connectionId, samlResponse }, deps)
    assert.equal((await world.directory.findAccount(organizationId, 'nina'))?.account.id, accountId)
  })

  test(`completeSignIn() refuses a suspended account and one that has ended (${kind})`, async (t) => {
    const { pool } = await open(t)
    const world = await createSignInWorld(pool)
    const { accountId } = await completeSignIn({ connectionId, samlResponse: world.issue(nina) }, world.deps)
    const suspended = await world.directory.setAccountState(
      organizationId,
      accountId,
      { from: 'active', to: 'suspended' },
      world.event('account.suspended'),
    )
    assert.deepEqual(suspended, { sessionsEnded: 1 })
    await assertRefused(
      world,
      () => completeSignIn({ connectionId, samlResponse: world.issue(nina) }, world.deps),
      'account_suspended',
    )
    const ended = { nameId: 'carl', attributes: { uid: 'carl', 'account-expiry-time': '2020-01-01T00:00:00Z' } }
    await assertRefused(
      world,
      () => completeSignIn({ connectionId, samlResponse: world.issue(ended) }, world.deps),
      'account_expired',
    )
  })

  test(`completeSignIn() ends an account, and its open sessions, when the assertion says that it has ended (${kind})`, async (t) => {
    const { pool } = await open(t)
    const world = await createSignInWorld(pool)
    const { sessionToken } = await completeSignIn({ connectionId, samlResponse: world.issue(nina) }, world.deps)
    const at = () => ({ now: new Date(), limits: world.deps.sessionLimits })
    const tokenHash = hashToken(sessionToken) ?? ''
    assert.ok(await world.directory.findSession(tokenHash, at()))

    const ended = { ...nina, attributes: { ...nina.attributes, 'account-expiry-time': '2020-01-01T00:00:00Z' } }
    const samlResponse = world.issue(ended)
    const refused = (error: { code?: string }) => error.code === 'account_expired'
    await assert.rejects(() => completeSignIn({ connectionId, samlResponse }, world.deps), refused)
    assert.equal(await world.directory.findSession(tokenHash, at()), undefined)
    const found = await world.directory.findAccount(organizationId, 'nina')
    assert.equal(found?.account.expiresAt?.toISOString(), '2020-01-01T00:00:00.000Z')
    assert.equal((await world.countRows()).session, 0)
    await assertRefused(world, () => completeSignIn({ connectionId, samlResponse }, world.deps), 'account_expired')

    const renewed = { ...nina, attributes: { ...nina.attributes, 'account-expiry-time': '2100-01-01T00:00:00Z' } }
    await completeSignIn({ connectionId, samlResponse: world.issue(renewed) }, world.deps)
  })

  test(`completeSignIn() hands over to the application where the sign-in began (${kind})`, async (t) => {
    const { pool } = await open(t)
    const world = await createSignInWorld(pool)
    const handoff = { applicationId: 'benefits', browserHash: hashSecret('the cookie at the application') }
    await beginSignIn(
      { connection: await world.connection(), returnTo: `${benefitsOrigin}/plans`, browserSecret, handoff },
      world.deps,
    )
    const { rows } = await pool.query<{ id: string }>('select id from login_request')
    const samlResponse = world.issue(nina, { inResponseTo: rows[0]?.id ?? '' })
    const { redirectTo } = await completeSignIn({ connectionId, samlResponse, browserSecret }, world.deps)
    const url = new URL(redirectTo)
    assert.equal(url.origin + url.pathname, `${benefitsOrigin}/.latchkey/enter`)
    assert.equal((await world.countRows()).login_request, 0)
  })
})

test('completeSignIn() chooses among known places by RelayState and never goes elsewhere', async (t) => {
  const { openTestDatabase } = await import('../support/databases.ts')
  const { pool } = await openTestDatabase('embedded', t)
  const world = await createSignInWorld(pool)
  const cases: readonly (readonly [string, string])[] = [
    [`${benefitsOrigin}/plans`, `${benefitsOrigin}/plans`],
    ['/account', `${publicUrl}/account`],
    ['https://evil.example/', `${benefitsOrigin}/`],
    ['//evil.example/', `${benefitsOrigin}/`],
    ['javascript:alert(1)', `${benefitsOrigin}/`],
    [`${benefitsOrigin}@evil.example/`, `${benefitsOrigin}/`],
    ['some opaque value', `${benefitsOrigin}/`],
    ['', `${benefitsOrigin}/`],
  ]
  for (const [relayState, redirectTo] of cases) {
    const signedIn = await completeSignIn({ connectionId, samlResponse: world.issue(nina), relayState }, world.deps)
    assert.equal(signedIn.redirectTo, redirectTo, relayState)
  }
})
