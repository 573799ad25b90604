import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { uuidv7 } from 'uuidv7'
import { approveAccount } from '../../src/admin/account-states.ts'
import { approvalLink, createApprovals } from '../../src/admin/approvals.ts'
import { createNoticeSender, type NoticeOutcome } from '../../src/notices/notice-sender.ts'
import { createWebhook } from '../../src/notices/webhook.ts'
import { completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import { openWorldOffice } from '../preview/office-of-world.ts'
import { forEachDatabase, type OpenTestDatabase } from '../support/databases.ts'
import { freePort } from '../support/free-port.ts'
import { connectionId, createSignInWorld, nina, organizationId, publicUrl } from '../support/sign-in-world.ts'
import { until } from '../support/until.ts'
import { assertSigned, type Receiver, startReceiver } from './receiver.ts'

const secret = randomBytes(32)

/** A world in which whoever arrives waits, and as many senders as are wanted, by a clock that can be put forward. */
async function openNotices({ pool }: OpenTestDatabase, receiver: Receiver | undefined) {
  const world = await createSignInWorld(pool, { newAccounts: 'pending' })
  const office = openWorldOffice(world).deps
  // Whatever is kept while a test runs is due.
  const clock = { now: new Date(Date.now() + 3_600_000) }
  const outcomes: (readonly [NoticeOutcome, string | undefined])[] = []
  const openSender = (timeoutMs = 10_000) =>
    createNoticeSender({
      directory: world.directory,
      now: () => clock.now,
      webhook: receiver && createWebhook({ url: receiver.url, secret }, timeoutMs),
      approvalLink: (account) => approvalLink(account, office),
      onOutcome: (outcome, _notice, reason) => outcomes.push([outcome, reason]),
    })
  const arrive = (person = nina) =>
    assert.rejects(completeSignIn({ connectionId, samlResponse: world.issue(person) }, world.deps), {
      code: 'account_pending',
    })
  const rows = async () =>
    (
      await pool.query<{ id: string; attempts: number; due: Date; last_error: string | null }>(
        'select id, attempts, next_attempt_at as due, last_error from notice order by id',
      )
    ).rows
  const putForward = (seconds: number) => {
    clock.now = new Date(clock.now.getTime() + seconds * 1000)
  }
  return { world, office, clock, outcomes, openSender, arrive, rows, putForward }
}

forEachDatabase((kind, open) => {
  test(`demand 14: administrators are told once of whoever begins to wait, with a link that decides and nothing of the person (${kind})`, async (t) => {
    const receiver = await startReceiver(t)
    const { world, office, arrive, openSender, rows, outcomes } = await openNotices(await open(t), receiver)
    await arrive()
    await arrive()
    assert.equal((await rows()).length, 1)
    assert.deepEqual(await world.directory.measureWaiting(), { accounts: 1, notices: 1 })
    assert.equal(await openSender().sendDue(), 1)
    assert.deepEqual(await rows(), [])
    assert.deepEqual(
      outcomes.map(([outcome]) => outcome),
      ['begun', 'delivered'],
    )

    const [told] = receiver.received
    assert.ok(told)
    assert.equal(receiver.received.length, 1)
    assertSigned(told, secret)
    assert.throws(() => assertSigned({ ...told, body: `${told.body} ` }, secret))
    assert.throws(() => assertSigned({ ...told, headers: { ...told.headers, 'webhook-timestamp': '1' } }, secret))
    const { account, approvalLink: link = '', lapsesAt, ...named } = told.notice.data
    assert.equal(told.notice.type, 'account.waiting')
    assert.deepEqual(named, { organization: organizationId, connection: connectionId })
    const found = await world.directory.findAccount(organizationId, 'nina')
    assert.deepEqual([account, lapsesAt], [found?.account.id, found?.account.approvalExpiresAt?.toISOString()])
    assert.doesNotMatch(told.body, /nina|newcomer|analyst|staff/i)
    const { rows: events } = await world.pool.query(
      "select id from audit_event where action = 'account.approval_requested'",
    )
    assert.deepEqual(events, [{ id: told.id }])

    const [address, token = ''] = link.split('?request=')
    assert.equal(address, `${publicUrl}/approvals`)
    assert.equal((await createApprovals(office).decide(token, 'approve')).changed, true)
    await completeSignIn({ connectionId, samlResponse: world.issue(nina) }, world.deps)
    assert.equal(await openSender().sendDue(), 0)
  })

  test(`demand 14: a notice that is not taken is sent again later and later, under the same id, and given up after three days (${kind})`, async (t) => {
    const [receiver, elsewhere] = [await startReceiver(t), await startReceiver(t)]
    const { arrive, openSender, rows, outcomes, clock, putForward } = await openNotices(await open(t), receiver)
    await arrive()
    const sender = openSender()
    const answers = [
      { status: 500, headers: {}, reason: 'status 500', seconds: 5 },
      { status: 302, headers: { location: elsewhere.url }, reason: 'status 302, a redirect', seconds: 30 },
      { status: 307, headers: { location: elsewhere.url }, reason: 'status 307, a redirect', seconds: 120 },
      { status: 410, headers: {}, reason: 'status 410', seconds: 600 },
    ]
    for (const [index, { status, headers, reason, seconds }] of answers.entries()) {
      receiver.answer((response) => void response.writeHead(status, headers).end('no'))
      assert.equal(await sender.sendDue(), 0)
      const [row] = await rows()
      assert.deepEqual([row?.attempts, row?.last_error], [index + 1, reason])
      assert.equal(row?.due.getTime(), clock.now.getTime() + seconds * 1000)
      assert.equal(await sender.sendDue(), 0, 'not before it is due')
      assert.equal(receiver.received.length, index + 1)
      putForward(seconds)
    }
    assert.equal(elsewhere.received.length, 0)
    assert.equal(new Set(receiver.received.map(({ id }) => id)).size, 1)
    for (const one of receiver.received) assertSigned(one, secret)
    putForward(72 * 3600)
    await sender.sendDue()
    assert.deepEqual([outcomes.at(-1), await rows()], [['given_up', 'status 410'], []])
  })

  test(`demand 14: of several nodes one sends each notice, and one that dies loses none (${kind})`, async (t) => {
    const receiver = await startReceiver(t)
    const { world, arrive, openSender, rows, putForward, clock } = await openNotices(await open(t), receiver)
    const names = Array.from({ length: 20 }, (_, index) => `p${index}`)
    for (const name of names) await arrive({ nameId: name, attributes: { uid: name } })
    // A node that dies at work: it has taken a notice, and nothing more is heard of it.
    const leasedUntil = new Date(clock.now.getTime() + 60_000)
    const [taken] = await world.directory.leaseNotices({ now: clock.now, leasedUntil }, 1)
    const sent = await Promise.all([openSender(), openSender(), openSender()].map((sender) => sender.sendDue()))
    assert.equal(
      sent.reduce((sum, count) => sum + count, 0),
      19,
    )
    assert.equal(new Set(receiver.received.map(({ id }) => id)).size, 19)
    assert.equal(receiver.received.length, 19)
    assert.deepEqual(
      (await rows()).map(({ id }) => id),
      [taken?.id],
    )
    putForward(60)
    assert.equal(await openSender().sendDue(), 1)
    assert.equal(receiver.received.at(-1)?.id, taken?.id)
  })

  test(`demand 14: whoever was decided about meanwhile is not told of, and without a webhook nothing piles up (${kind})`, async (t) => {
    const receiver = await startReceiver(t)
    const database = await open(t)
    const { world, office, arrive, openSender, rows, outcomes } = await openNotices(database, receiver)
    await arrive()
    await approveAccount({ account: 'nina' }, office)
    assert.equal(await openSender().sendDue(), 0)
    assert.deepEqual([receiver.received, await rows(), outcomes.at(-1)?.[0]], [[], [], 'obsolete'])

    await arrive({ nameId: 'otto', attributes: { uid: 'otto' } })
    const unheard: NoticeOutcome[] = []
    const sender = createNoticeSender({
      directory: world.directory,
      now: () => new Date(Date.now() + 3_600_000),
      webhook: undefined,
      approvalLink: () => assert.fail('no link is made for nobody'),
      onOutcome: (outcome) => unheard.push(outcome),
    })
    assert.equal(await sender.sendDue(), 0)
    assert.deepEqual([unheard, await rows()], [['begun', 'no_webhook'], []])
  })

  test(`a receiver that never answers, or is not there, holds nothing up, and what is broken off is sent again (${kind})`, async (t) => {
    const receiver = await startReceiver(t)
    const { world, openSender, rows, outcomes, putForward, clock, arrive } = await openNotices(await open(t), receiver)
    receiver.answer(() => undefined)
    await arrive()
    await openSender(50).sendDue()
    assert.deepEqual(outcomes.at(-1), ['failed', 'TimeoutError'])

    putForward(5)
    const sender = openSender()
    const sending = sender.sendDue()
    await until(() => receiver.received.length === 2)
    await sender.close()
    assert.equal(await sending, 0)
    assert.equal((await rows()).length, 1)
    receiver.answer((response) => void response.writeHead(200).end())
    putForward(60)
    assert.equal(await openSender().sendDue(), 1)

    const id = uuidv7()
    const notice = {
      organizationId,
      id,
      kind: 'account.waiting',
      at: clock.now,
      content: { account: uuidv7() },
    } as const
    await world.directory.keepNotice(notice)
    await world.directory.keepNotice(notice)
    assert.equal((await rows()).length, 1, 'one of the same id stays as it is')
    const nobody = createWebhook({ url: `http://127.0.0.1:${await freePort()}/`, secret })
    const delivery = await nobody.post({ id, at: clock.now, body: '{}' }, new AbortController().signal)
    assert.deepEqual(delivery, { delivered: false, reason: 'ECONNREFUSED' })
  })
})
