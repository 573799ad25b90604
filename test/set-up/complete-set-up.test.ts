import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { AccountState } from '../../src/directory/account.ts'
import type { Connection } from '../../src/directory/connection.ts'
import { hashSecret, newBrowserSecret } from '../../src/sessions/browser-secret.ts'
import { hashToken } from '../../src/sessions/token-hash.ts'
import { openSetUp } from '../../src/set-up/open-set-up.ts'
import { answerResponse, completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import { forEachDatabase } from '../support/databases.ts'
import { connectionId, nina, organizationId } from '../support/sign-in-world.ts'
import { asksForDesk, deepLink, openSetUpWorld } from './set-up-world.ts'

forEachDatabase((kind, openDatabase) => {
  const openWorld = async (t: Parameters<typeof openDatabase>[0], declared = asksForDesk) =>
    openSetUpWorld((await openDatabase(t)).pool, declared)

  test(`whoever lacks an answer is written, and let in nowhere until they give it (${kind})`, async (t) => {
    const { world, beHeld, open, answer, accountOf, holderOf, signIn } = await openWorld(t)
    const ticket = await beHeld('a')
    assert.equal((await accountOf('a')).state, 'active')
    const counted = await world.countRows()
    assert.deepEqual([counted.account, counted.session, counted.set_up], [1, 1, 1])
    assert.equal(counted.handoff, 0)
    const { rows } = await world.pool.query<{ token_hash: string }>('select token_hash from session')
    assert.notEqual(rows[0]?.token_hash, hashToken(ticket.ticket), 'the ticket is no token of the session')
    assert.equal(await holderOf(hashToken(ticket.ticket) ?? ''), undefined)

    const page = await open(ticket)
    assert.ok(page.kind === 'open')
    assert.deepEqual(
      page.questions.map(({ field, mustAnswer }) => [field, mustAnswer]),
      [
        ['desk', true],
        ['shirt', false],
      ],
    )

    const before = await accountOf('a')
    const done = await answer(ticket, { desk: ' B-12 ', shirt: '' })
    assert.ok(done.kind === 'done')
    assert.equal(done.returnTo, deepLink)
    const { desk, shirt } = (await accountOf('a')).fields
    assert.deepEqual([desk?.values, desk?.source, desk?.rule, shirt], [['B-12'], 'person', 'set-up', undefined])
    assert.equal((await accountOf('a')).version, before.version + 1)
    const holder = await holderOf(hashSecret(done.sessionToken))
    assert.deepEqual([holder?.account.id, holder?.session.applicationId], [before.id, undefined])
    assert.equal((await world.countRows()).session, 1)

    // Asked once: the next sign-in asks nothing and changes nothing.
    const again = await signIn('a')
    assert.ok(!('kind' in again))
    assert.deepEqual((await accountOf('a')).fields.desk, desk)
  })

  test(`the attempt, the audit and the account say what was asked and who wrote it, and not what was answered (${kind})`, async (t) => {
    const { world, office, beHeld, answer, accountOf } = await openWorld(t, {
      customFields: { passport: { required: true, sensitive: true, ask: { label: 'Passport number' } } },
    })
    await answer(await beHeld('a'), { passport: 'X-SECRET-4711' })
    const { rows: attempts } = await world.pool.query('select outcome, trace from sign_in_attempt')
    assert.equal(attempts[0]?.outcome, 'accepted')
    assert.match(JSON.stringify(attempts), /"setUp":\["passport"\]/)
    const { rows: events } = await world.pool.query(
      "select actor, target, detail from audit_event where action = 'account.set_up'",
    )
    const { id } = await accountOf('a')
    const detail = { fields: ['passport'], connection: connectionId }
    assert.deepEqual(events, [{ actor: 'person', target: `account:${id}`, detail }])
    const { reasons } = await office.run('account.why', { account: 'a', what: 'passport' })
    assert.deepEqual([reasons[0]?.source, reasons[0]?.rule], ['person', 'set-up'])
    const shown = await office.run('account.show', { account: 'a' })
    assert.deepEqual(shown.account.fields.passport?.values, ['•••'])
    const { rows: all } = await world.pool.query(
      'select detail from audit_event union all select trace from sign_in_attempt',
    )
    assert.doesNotMatch(JSON.stringify(all), /SECRET/)
  })

  test(`wrong answers are told all at once, and nothing is written (${kind})`, async (t) => {
    const { office, beHeld, answer } = await openWorld(t, {
      customFields: {
        desk: { required: true, ask: { label: 'Desk', pattern: '[A-Z]-[0-9]{1,3}' } },
        shirt: { required: true, ask: { label: 'Shirt', choices: ['S', 'M'] } },
        nights: { type: 'number', ask: { label: 'Nights' } },
        begins: { type: 'date', ask: { label: 'Begins' } },
        parks: { type: 'boolean', required: true, ask: { label: 'Parks' } },
        motto: { ask: { label: 'Motto', maxLength: 5 } },
        note: { ask: { label: 'Note' } },
      },
    })
    const ticket = await beHeld('a')
    const before = await office.contents()
    const typed = {
      desk: 'b12',
      shirt: 'XXL',
      nights: 'two',
      begins: '31.1.2027',
      motto: '123456',
      note: 'one\r\ntwo',
      department: 'not asked',
      role: 'latchkey-administrator',
    }
    const wrong = await answer(ticket, typed)
    assert.ok(wrong.kind === 'wrong')
    assert.deepEqual(Object.fromEntries(wrong.faults), {
      desk: 'pattern',
      shirt: 'choice',
      nights: 'type',
      begins: 'type',
      parks: 'missing',
      motto: 'too-long',
      note: 'characters',
    })
    assert.equal(wrong.typed.get('nights'), 'two')
    assert.equal(await office.contents(), before)
    const right = { desk: 'B-1', shirt: 'M', nights: '2', begins: '2027-01-31', parks: 'false', motto: '  12345  ' }
    assert.equal((await answer(ticket, right)).kind, 'done')
  })

  test(`what was not asked is not written, whatever the form says (${kind})`, async (t) => {
    const { beHeld, answer, accountOf } = await openWorld(t, {
      customFields: { ...asksForDesk.customFields, salaryBand: {} },
    })
    const ticket = await beHeld('a')
    const before = (await accountOf('a')).fields
    await answer(ticket, { desk: 'B-1', salaryBand: '9', mail: 'root@a.example', title: 'CEO', accountType: 'staff' })
    const { desk, ...others } = (await accountOf('a')).fields
    assert.deepEqual(desk?.values, ['B-1'])
    assert.deepEqual(others, before)
  })

  test(`a forged, ended, used or stolen ticket opens nothing (${kind})`, async (t) => {
    const { world, beHeld, open, answer, assertRefused, skip, holderOf } = await openWorld(t)
    const [mine, theirs] = [await beHeld('a'), await beHeld('b')]
    const good = { desk: 'B-1' }
    const other = newBrowserSecret(randomBytes).secret
    for (const [ticket, code] of [
      [{ ...mine, ticket: newBrowserSecret(randomBytes).secret }, 'set_up_ended'],
      [{ ...mine, ticket: 'x' }, 'set_up_ended'],
      [{ ...mine, ticket: `${mine.ticket}A` }, 'set_up_ended'],
      [{ ...mine, browserSecret: other }, 'set_up_other_browser'],
      [{ ...mine, browserSecret: undefined }, 'set_up_other_browser'],
      // The ticket of somebody else's account, in one's own browser.
      [{ ...mine, ticket: theirs.ticket }, 'set_up_other_browser'],
      [{ ...mine, connectionId: 'another' }, 'connection_not_found'],
    ] as const) {
      const seen = await assertRefused(() => open(ticket), code)
      assert.equal(seen.detail.returnTo, undefined, 'a stranger does not learn where it leads')
      await assertRefused(() => answer(ticket, good), code)
    }
    const done = await answer(mine, good)
    assert.ok(done.kind === 'done')
    const before = await world.countRows()
    assert.equal((await answer(mine, { desk: 'C-1' })).kind, 'answered')
    assert.equal((await open(mine)).kind, 'answered')
    assert.deepEqual(await world.countRows(), before)
    assert.ok(await holderOf(hashSecret(done.sessionToken)))

    skip(3601)
    const late = await assertRefused(() => answer(theirs, good), 'set_up_ended')
    assert.equal(late.detail.returnTo, deepLink)
    await assertRefused(() => open(theirs), 'set_up_ended')
  })

  test(`a ticket does not outlive the session at the identity provider (${kind})`, async (t) => {
    const { world, deps, open, assertRefused, skip } = await openWorld(t)
    const soon = new Date(Date.now() + 600_000)
    const samlResponse = world.issue(nina, { sessionNotOnOrAfter: soon })
    const held = await answerResponse({ connectionId, samlResponse }, deps)
    assert.ok('kind' in held && held.kind === 'held')
    const ticket = new URL(held.redirectTo).searchParams.get('ticket') ?? ''
    const arrived = { connectionId, ticket, browserSecret: held.browserSecret }
    assert.equal((await open(arrived)).kind, 'open')
    skip(601)
    await assertRefused(() => open(arrived), 'set_up_ended')
  })

  test(`of many who answer at once one is first, and the others learn that it was answered (${kind})`, async (t) => {
    const { world, beHeld, answer, accountOf } = await openWorld(t)
    const ticket = await beHeld('a')
    const version = (await accountOf('a')).version
    const outcomes = await Promise.all(Array.from({ length: 12 }, (_, index) => answer(ticket, { desk: `B-${index}` })))
    assert.equal(outcomes.filter((outcome) => outcome.kind === 'done').length, 1)
    assert.equal(outcomes.filter((outcome) => outcome.kind === 'answered').length, 11)
    assert.equal((await accountOf('a')).version, version + 1)
    const { rows } = await world.pool.query("select id from audit_event where action = 'account.set_up'")
    assert.equal(rows.length, 1)
  })

  test(`whoever answered in another browser finds nothing left to say, and keeps what they said (${kind})`, async (t) => {
    const { beHeld, open, answer, accountOf } = await openWorld(t)
    const [first, second] = [await beHeld('a'), await beHeld('a')]
    assert.equal((await answer(first, { desk: 'B-1', shirt: 'M' })).kind, 'done')
    const page = await open(second)
    assert.ok(page.kind === 'open')
    assert.deepEqual(page.questions, [])
    assert.equal((await answer(second, { desk: 'C-9' })).kind, 'done')
    assert.deepEqual((await accountOf('a')).fields.desk?.values, ['B-1'])
  })

  test(`an account that lost its access meanwhile is refused with the code that says so (${kind})`, async (t) => {
    const { world, beHeld, open, answer, assertRefused, skip } = await openWorld(t)
    const good = { desk: 'B-1' }
    for (const [state, code] of [
      ['suspended', 'account_suspended'],
      ['deactivated', 'account_deactivated'],
      ['pending', 'account_pending'],
    ] as const) {
      const ticket = await beHeld(state)
      const found = await world.directory.findAccount(organizationId, state)
      const change = (from: AccountState, to: AccountState) =>
        world.directory.setAccountState(organizationId, found?.account.id ?? '', { from, to }, world.event('test'))
      await change('active', state)
      await assertRefused(() => open(ticket), code)
      await assertRefused(() => answer(ticket, good), code)
      // Given back, the sign-in of before does not come back with it.
      await change(state, 'active')
      const refusal = await assertRefused(() => answer(ticket, good), 'set_up_ended')
      assert.equal(refusal.detail.returnTo, deepLink)
    }
    const ends = await beHeld('ends', { 'account-expiry-time': new Date(Date.now() + 300_000).toISOString() })
    skip(301)
    await assertRefused(() => answer(ends, good), 'account_expired')

    const off = await beHeld('off')
    await world.changeSettings({ samlEnabled: false })
    world.deps.catalog.forgetConnection(connectionId)
    await assertRefused(() => answer(off, good), 'connection_disabled')
  })

  test(`a value that another account has is told at its field, and two who claim one at once get it once (${kind})`, async (t) => {
    const badge = { required: true, unique: true, ask: { label: 'Badge' } }
    const { office, beHeld, answer, accountOf } = await openWorld(t, {
      customFields: { badge, locker: { ...badge, ask: { label: 'Locker' } } },
    })
    assert.equal((await answer(await beHeld('a'), { badge: '4711', locker: '1' })).kind, 'done')
    const ticket = await beHeld('b')
    const before = await office.contents()
    const wrong = await answer(ticket, { badge: '4711', locker: '2' })
    assert.ok(wrong.kind === 'wrong')
    assert.deepEqual([...wrong.faults], [['badge', 'taken']])
    assert.equal(await office.contents(), before)
    assert.equal((await answer(ticket, { badge: '0815', locker: '2' })).kind, 'done')

    const [one, other] = [await beHeld('c'), await beHeld('d')]
    const outcomes = await Promise.all([
      answer(one, { badge: '1', locker: '3' }),
      answer(other, { badge: '1', locker: '4' }),
    ])
    assert.deepEqual(outcomes.map((outcome) => outcome.kind).sort(), ['done', 'wrong'])
    const fields = [(await accountOf('c')).fields, (await accountOf('d')).fields]
    assert.equal(fields.filter((held) => held.badge?.values[0] === '1').length, 1)
  })

  test(`declarations that change meanwhile count, and a question that is gone sends back to the sign-in (${kind})`, async (t) => {
    const { declare, beHeld, open, answer, assertRefused, world } = await openWorld(t)
    const [stays, goes] = [await beHeld('a'), await beHeld('b')]
    // A process that has not heard of the question yet looks again.
    const { declared: _asks, ...copy } = await world.connection()
    const copies: Connection[] = [copy]
    const connection = async () => copies.pop() ?? (await world.connection())
    const slow = {
      directory: world.directory,
      catalog: { connection, forgetConnection: () => {} },
      now: world.deps.now,
    }
    assert.equal((await openSetUp(stays, slow)).kind, 'open')
    assert.deepEqual(copies, [])
    // Not forgotten by hand: the write finds that the connection has another version.
    await declare({ customFields: { desk: { required: true, ask: { label: 'Desk', pattern: 'X[0-9]' } } } })
    const wrong = await answer(stays, { desk: 'B-12' })
    assert.ok(wrong.kind === 'wrong')
    assert.deepEqual([...wrong.faults], [['desk', 'pattern']])
    assert.equal((await answer(stays, { desk: 'X1' })).kind, 'done')
    await declare({ customFields: { desk: { required: true } } })
    world.deps.catalog.forgetConnection(connectionId)
    await assertRefused(() => open(goes), 'set_up_ended')
  })

  test(`a caller that shows no pages is told that one is needed, and gets no session (${kind})`, async (t) => {
    const { world, deps } = await openWorld(t)
    const run = () => completeSignIn({ connectionId, samlResponse: world.issue(nina) }, deps)
    await assert.rejects(run, { code: 'set_up_needed' })
  })
})
