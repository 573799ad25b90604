import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCommand } from '../../src/admin/commands.ts'
import { countRows } from '../support/sign-in-world.ts'
import { assertRefused, redirectOf } from './support/assert-answer.ts'
import { after, before, openLinking } from './support/linking.ts'
import { assertLetIn, cookieOf } from './support/sign-ins.ts'

const deskIsAsked = { desk: { required: true, ask: { label: 'Which desk is yours?' } } }

for (const kind of ['embedded', 'served'] as const) {
  /** An account from before the question was declared, and a link request of the same person's other identity. */
  async function openQuestion(t: Parameters<typeof openLinking>[0]) {
    const world = await openLinking(t, kind)
    await world.known()
    const declaration = { organizations: { 'company-a': { customFields: deskIsAsked } } }
    await runCommand('declaration.apply', { declaration } as never, world.office)
    await world.deps.catalog.reload()
    const asked = await world.arrive()
    return { ...world, asked, proof: await world.prove(asked) }
  }

  test(`a proof links, and then the question that is still open is asked; only the answer lets in (${kind})`, async (t) => {
    const { pool, respond, proof, ask, post, login, directory } = await openQuestion(t)
    const sessions = (await countRows(pool)).session
    const held = await respond('old', before, proof)
    const { pathname, search } = redirectOf(held)
    assert.equal(pathname, '/sso/old/set-up')
    assert.doesNotMatch(held.setCookies.join(), /__Host-latchkey=/, 'no session yet')
    const rows = await countRows(pool)
    assert.deepEqual([rows.account, rows.identity, rows.link_request, rows.set_up], [1, 2, 0, 1])

    const headers = { cookie: proof.cookie }
    assert.match((await ask(pathname + search, { headers })).text, /Which desk is yours\?/)
    const done = await post(pathname + search, { 'field.desk': 'B-12' }, { headers })
    assertLetIn(done)
    assert.equal((await ask('/account', { headers: { cookie: cookieOf(done) } })).status, 200)
    assert.equal((await countRows(pool)).session, (sessions ?? 0) + 1)
    assert.deepEqual((await directory.findAccount('company-a', 'ada'))?.account.fields.desk?.values, ['B-12'])
    assertLetIn(await respond('new', after, await login('new')))
  })

  test(`a proof that comes too late leaves neither a link nor a ticket nor a session (${kind})`, async (t) => {
    const { pool, respond, proof } = await openQuestion(t)
    await pool.query("update link_request set expires_at = now() - interval '1 second'")
    const rows = await countRows(pool)
    assertRefused(await respond('old', before, proof), 'link_request_unknown')
    assert.deepEqual(await countRows(pool), { ...rows, sign_in_attempt: (rows.sign_in_attempt ?? 0) + 1 })
  })

  test(`of two proofs with an open question one links and is asked; the other leaves nothing (${kind})`, async (t) => {
    const { pool, respond, prove, asked, proof } = await openQuestion(t)
    const proofs = [proof, await prove(asked)]
    const answers = await Promise.all(proofs.map((one) => respond('old', before, one)))
    const [winner, loser] = answers.sort((one, other) => one.status - other.status)
    assert.ok(winner && loser)
    assert.equal(redirectOf(winner).pathname, '/sso/old/set-up')
    assertRefused(loser, 'link_request_unknown')
    const { identity, set_up, link_request } = await countRows(pool)
    assert.deepEqual([identity, set_up, link_request], [2, 1, 0])
  })
}
