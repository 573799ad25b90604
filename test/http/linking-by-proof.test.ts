import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suspendAccount } from '../../src/admin/account-states.ts'
import { runCommand } from '../../src/admin/commands.ts'
import { explainAccount } from '../../src/admin/explain-account.ts'
import { grantRole } from '../../src/admin/manual-grants.ts'
import { relinkAccount } from '../../src/admin/relink-account.ts'
import { administratorRole } from '../../src/directory/role.ts'
import type { Preview } from '../../src/preview/preview.ts'
import type { IssuedPerson } from '../../src/test-identity-provider/identity-provider.ts'
import { newEvent } from '../store/samples.ts'
import { countRows } from '../support/sign-in-world.ts'
import { assertRefused, redirectOf } from './support/assert-answer.ts'
import { after, before, type LinkingWorld, openLinking, otto } from './support/linking.ts'
import type { Answer } from './support/serve.ts'
import { assertLetIn } from './support/sign-ins.ts'

async function accountsBehind({ pool }: LinkingWorld): Promise<Readonly<Record<string, string>>> {
  const { rows } = await pool.query<{ key: string; account: string }>(
    'select connection_id as key, account_id as account from identity order by 1',
  )
  return Object.fromEntries(rows.map(({ key, account }) => [key, account]))
}

/** Asserts the code, that nothing was written but the attempt, and that nobody was let in. */
async function refusedWith(world: LinkingWorld, code: Parameters<typeof assertRefused>[1], ask: () => Promise<Answer>) {
  const rows = await countRows(world.pool)
  assertRefused(await ask(), code)
  assert.deepEqual(await countRows(world.pool), { ...rows, sign_in_attempt: (rows.sign_in_attempt ?? 0) + 1 })
}

for (const kind of ['embedded', 'served'] as const) {
  test(`demand 6: who shows that an account is theirs by signing in the old way comes in both ways from then on (${kind})`, async (t) => {
    const world = await openLinking(t, kind)
    await world.known()
    const rows = await countRows(world.pool)
    const asked = await world.arrive()
    assert.deepEqual(await countRows(world.pool), {
      ...rows,
      link_request: 1,
      consumed_assertion: (rows.consumed_assertion ?? 0) + 1,
      sign_in_attempt: (rows.sign_in_attempt ?? 0) + 1,
    })
    const page = await world.ask(asked.path, { headers: { cookie: asked.cookie } })
    assert.equal(page.status, 200)
    assert.match(page.text, /Sign in with Company A \(old\)/)
    assert.match(page.text, /You signed in with <strong>Merged Company<\/strong>/)
    assert.doesNotMatch(page.text, /secret\.example|Lovelace|ada/i)

    const proof = await world.prove(asked)
    assert.equal(proof.forceAuthn, true)
    assertLetIn(await world.respond('old', before, proof))
    const { old, new: linked } = await accountsBehind(world)
    assert.equal(linked, old)
    assert.equal((await countRows(world.pool)).account, 1)
    assert.equal((await countRows(world.pool)).link_request, 0)
    assertLetIn(await world.respond('new', after, await world.login('new')))
    assertLetIn(await world.respond('old', before, {}))

    const { rows: events } = await world.pool.query<{ actor: string; detail: Record<string, string> }>(
      "select actor, detail from audit_event where action = 'account.linked'",
    )
    assert.equal(events.length, 1)
    const { attempt, ...detail } = events[0]?.detail ?? {}
    assert.deepEqual(
      [events[0]?.actor, detail],
      ['connection:old', { by: 'proof', connection: 'new', provedOver: 'old' }],
    )
    assert.equal((await world.directory.findAttempt(attempt ?? ''))?.code, 'account_link_proof_required')
    const { identities } = await explainAccount({ account: 'ada' }, world.office)
    assert.deepEqual(
      identities.map(({ connection, how }) => [connection, how]),
      [
        ['old', 'first sign-in'],
        ['new', 'proved by signing in over old'],
      ],
    )
  })

  test(`demand 6: a proof by somebody else links nothing and lets nobody in (${kind})`, async (t) => {
    const world = await openLinking(t, kind)
    await world.known()
    await world.known(otto)
    const asked = await world.arrive()
    for (const person of [otto, { nameId: 'nobody', attributes: { uid: 'nobody' } }]) {
      const proof = await world.prove(asked)
      await refusedWith(world, 'account_link_proof_failed', () => world.respond('old', person, proof))
    }
    const proof = await world.prove(asked)
    assertLetIn(await world.respond('old', before, proof))
  })

  test(`demand 6: a link request counts once, in its own browser, for minutes; of two proofs one wins (${kind})`, async (t) => {
    const world = await openLinking(t, kind)
    await world.known()
    const asked = await world.arrive()
    const elsewhere = await world.login('old')
    for (const cookie of ['', elsewhere.cookie]) {
      assertRefused(await world.ask(asked.path, { headers: { cookie } }), 'link_request_unknown')
      const pressed = await world.post(asked.path, { connection: 'old' }, { headers: { cookie } })
      assertRefused(pressed, 'link_request_unknown')
    }
    const forged = asked.path.replace(/request=.*/, 'request=00000000-0000-7000-8000-000000000000')
    const cookieOfOwn = { headers: { cookie: asked.cookie } }
    assertRefused(await world.ask(forged, cookieOfOwn), 'link_request_unknown')
    assertRefused(await world.ask('/link?request=x', cookieOfOwn), 'link_request_unknown')

    const proofs = [await world.prove(asked), await world.prove(asked), await world.prove(asked)]
    await refusedWith(world, 'login_request_other_browser', () =>
      world.respond('old', before, { ...proofs[2], cookie: elsewhere.cookie }),
    )
    const answers = await Promise.all(proofs.slice(0, 2).map((proof) => world.respond('old', before, proof)))
    const [winner, loser] = answers.sort((one, other) => one.status - other.status)
    assert.ok(winner && loser)
    assertLetIn(winner)
    assertRefused(loser, 'link_request_unknown')
    await refusedWith(world, 'link_request_unknown', () => world.respond('old', before, proofs[2] ?? {}))
    assertRefused(await world.ask(asked.path, cookieOfOwn), 'link_request_unknown')
    assert.equal((await countRows(world.pool)).identity, 2)
  })

  test(`demand 6: a link request lapses, and so does what was begun with it (${kind})`, async (t) => {
    const world = await openLinking(t, kind)
    await world.known()
    const asked = await world.arrive()
    const proof = await world.prove(asked)
    await world.pool.query("update link_request set expires_at = now() - interval '1 second'")
    const late = await world.ask(asked.path, { headers: { cookie: asked.cookie } })
    assertRefused(late, 'link_request_unknown')
    await refusedWith(world, 'link_request_unknown', () => world.respond('old', before, proof))
    const { linkRequests } = await world.directory.pruneExpired(new Date(), new Date(0))
    assert.equal(linkRequests, 1)
  })

  test(`demand 6: what changes while a proof is under way is heeded (${kind})`, async (t) => {
    const world = await openLinking(t, kind)
    await world.known()
    const asked = await world.arrive()
    const [first, second, third, fourth] = [
      await world.prove(asked),
      await world.prove(asked),
      await world.prove(asked),
      await world.prove(asked),
    ]
    await world.change('old', { samlEnabled: false })
    const pressed = await world.post(asked.path, { connection: 'old' }, { headers: { cookie: asked.cookie } })
    assertRefused(pressed, 'connection_disabled')
    const page = await world.ask(asked.path, { headers: { cookie: asked.cookie } })
    assert.match(page.text, /no other way to sign in/)
    await refusedWith(world, 'connection_disabled', () => world.respond('old', before, first))
    await world.change('old', { samlEnabled: true })

    await world.change('new', { samlEnabled: false })
    await refusedWith(world, 'connection_disabled', () => world.respond('old', before, first))
    await world.change('new', { samlEnabled: true, linking: 'approval' })
    await refusedWith(world, 'account_link_pending', () => world.respond('old', before, first))
    await world.change('new', { linking: 'proof' })

    // On another node the connection was changed a moment ago: the storage has the last word.
    const catalogKnows = await world.deps.catalog.connection('new')
    assert.ok(catalogKnows)
    await world.directory.updateConnection(
      { ...catalogKnows, settings: { ...catalogKnows.settings, linking: 'off' } },
      newEvent(),
    )
    await refusedWith(world, 'account_link_pending', () => world.respond('old', before, first))
    await world.change('new', { linking: 'proof' })

    await world.pool.query("update account set expires_at = now() - interval '1 second', version = version + 1")
    await refusedWith(world, 'account_expired', () => world.respond('old', before, second))
    await world.pool.query('update account set expires_at = null, version = version + 1')
    await grantRole({ account: 'ada', role: administratorRole }, world.office)
    await grantRole({ account: 'ada', role: 'agent' }, world.office)
    await refusedWith(world, 'account_link_pending', () => world.respond('old', before, third))
    await world.pool.query("delete from grant_set where source = 'manual'")
    await suspendAccount({ account: 'ada' }, world.office)
    await refusedWith(world, 'account_suspended', () => world.respond('old', before, fourth))
    assert.equal((await countRows(world.pool)).identity, 1)
  })

  test(`demand 6: privileged, suspended, ended and otherwise unknown accounts are left to administrators (${kind})`, async (t) => {
    const world = await openLinking(t, kind)
    await world.known()
    const arriveRefused = (person: IssuedPerson) =>
      refusedOnce(world, 'account_link_pending', async () => world.respond('new', person, await world.login('new')))
    await grantRole({ account: 'ada', role: administratorRole }, world.office)
    await arriveRefused(after)
    await world.pool.query("delete from grant_set where source = 'manual'")
    await world.pool.query("update account set expires_at = now() - interval '1 second'")
    await arriveRefused(after)
    await world.pool.query('update account set expires_at = null')
    await suspendAccount({ account: 'ada' }, world.office)
    await arriveRefused(after)

    // Known over the very connection and no other: signing in over it again would show nothing.
    assertLetIn(await world.respond('new', otto, await world.login('new')))
    await arriveRefused({ ...otto, nameId: 'otto-renamed' })
    await world.change('old', { samlEnabled: false })
    await arriveRefused(after)
    assert.equal((await countRows(world.pool)).link_request, 0)
  })

  test(`demand 6: what arrives unasked proves nothing and keeps nothing; who begins here may prove it (${kind})`, async (t) => {
    const world = await openLinking(t, kind)
    await world.known()
    await refusedWith(world, 'account_link_proof_required', () => world.respond('new', after, {}))
    const person = { attributes: { uid: 'ada' }, nameId: { value: 'ada-new' } }
    const previewed = (await runCommand('connection.preview', { id: 'new', person }, world.office)) as Preview
    assert.deepEqual([previewed.outcome, previewed.refusal?.code], ['refused', 'account_link_proof_required'])
    const begun = await world.login('new')
    const rows = await countRows(world.pool)
    const response = await world.respond('new', after, begun)
    assert.equal(redirectOf(response).pathname, '/link')
    assert.equal((await countRows(world.pool)).account, rows.account)
    // The response was consumed, and so was its request.
    await refusedOnce(world, 'login_request_unknown', () => world.respond('new', after, begun))
    // A program reads the refusal itself.
    const { id, cookie } = await world.login('new')
    const answer = await world.respond('new', after, { id, cookie }, {}, 'application/json')
    assert.deepEqual([answer.status, JSON.parse(answer.text).error], [409, 'account_link_proof_required'])
  })

  test(`demand 6: a later sign-in of the same identity takes the place of the former, and an administrator may be faster (${kind})`, async (t) => {
    const world = await openLinking(t, kind)
    await world.known()
    const former = await world.arrive()
    const proofOfFormer = await world.prove(former)
    const latter = await world.arrive()
    assert.equal((await countRows(world.pool)).link_request, 1)
    await refusedWith(world, 'link_request_unknown', () => world.respond('old', before, proofOfFormer))
    const proof = await world.prove(latter)
    const [attempt] = await world.directory.listAttempts({ organizationId: 'company-a', connectionId: 'new', limit: 1 })
    await relinkAccount({ account: 'ada', attempt: attempt?.id ?? '' }, world.office)
    await refusedWith(world, 'link_request_unknown', () => world.respond('old', before, proof))
    assertLetIn(await world.respond('new', after, await world.login('new')))
    assertLetIn(await world.respond('old', before, {}))
  })

  test(`demand 6: a proof must be an authentication of its own (${kind})`, async (t) => {
    const world = await openLinking(t, kind)
    await world.known()
    const asked = await world.arrive()
    const authnInstant = new Date(Date.now() - 600_000)
    const proof = await world.prove(asked)
    await refusedWith(world, 'saml_authn_too_old', () => world.respond('old', before, proof, { authnInstant }))
    const page = await world.post(asked.path, { connection: 'new' }, { headers: { cookie: asked.cookie } })
    assertRefused(page, 'connection_disabled')
  })
}

/** As `refusedWith`, for what also begins a sign-in: only accounts and identities are counted. */
async function refusedOnce(world: LinkingWorld, code: Parameters<typeof assertRefused>[1], ask: () => Promise<Answer>) {
  const { account, identity, session, link_request } = await countRows(world.pool)
  assertRefused(await ask(), code)
  const now = await countRows(world.pool)
  assert.deepEqual(
    [now.account, now.identity, now.session, now.link_request],
    [account, identity, session, link_request],
  )
}
