import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listRequests } from '../../src/admin/approvals.ts'
import { newPerson, waitingFor } from '../store/samples.ts'
import { publicUrl, type Served, serve } from './support/serve.ts'

async function whoWaits(served: Served) {
  await served.addOrganization('company-a', 'Company A')
  const connection = await served.addConnection('company-a', 'a')
  const person = newPerson()
  const tomorrow = new Date(Date.now() + 86_400_000)
  await served.directory.keepWaiting(waitingFor(connection, person, tomorrow))
  const [request] = await listRequests({}, served.office)
  assert.ok(request)
  assert.ok(request.link.startsWith(`${publicUrl}/approvals?request=v1.`))
  const stateOf = async () => (await served.directory.findAccount('company-a', person.username))?.account.state
  return { path: request.link.slice(publicUrl.length), person, stateOf }
}

test('demand 14: a link shows who asks and lets them in with one click, once', async (t) => {
  const served = await serve(t)
  const { path, person, stateOf } = await whoWaits(served)
  const shown = await served.ask(path)
  assert.equal(shown.status, 200)
  assert.ok(shown.text.includes(person.username))
  assert.equal(shown.headers['cache-control'], 'no-store')
  assert.equal(await stateOf(), 'pending')

  const approved = await served.post(path, { decision: 'approve' })
  assert.deepEqual([approved.status, approved.headers.location], [303, `${publicUrl}${path}`])
  assert.equal(await stateOf(), 'active')
  assert.ok((await served.ask(path)).text.includes('Approved'))
  const late = await served.post(path, { decision: 'reject' }, { accept: 'application/json' })
  assert.deepEqual([late.status, JSON.parse(late.text).error], [409, 'account_not_pending'])
  assert.equal(await stateOf(), 'active')
  const clicked = await served.post(path, { decision: 'reject' })
  assert.equal(clicked.status, 409)
  assert.match(clicked.text, /This account does not wait for approval\..*Approved\. The next sign-in leads in\./s)
  assert.ok(!clicked.text.includes('You could not be signed in'))
  assert.ok(!served.log.some((line) => line.includes(path.slice(20))), 'the link is in no log')
})

test('demand 14: a link refuses for good', async (t) => {
  const served = await serve(t)
  const { path, stateOf } = await whoWaits(served)
  assert.equal((await served.post(path, { decision: 'reject' })).status, 303)
  assert.equal(await stateOf(), 'suspended')
  assert.ok((await served.ask(path)).text.includes('Rejected'))
})

test('demand 14: a link that was changed, is not ours or says nothing decides nothing', async (t) => {
  const served = await serve(t)
  const { path, stateOf } = await whoWaits(served)
  const other = changed(path)
  for (const wrong of [`${path}xxxx`, '/approvals?request=v1.a.b.c', other]) {
    for (const answer of [
      await served.ask(wrong, { accept: 'application/json' }),
      await served.post(wrong, { decision: 'approve' }, { accept: 'application/json' }),
    ]) {
      assert.deepEqual([answer.status, JSON.parse(answer.text).error], [404, 'approval_link_invalid'])
    }
  }
  const odd = await served.post(path, { decision: 'perhaps' }, { accept: 'application/json' })
  assert.deepEqual([odd.status, JSON.parse(odd.text).error], [400, 'request_invalid'])
  assert.equal(await stateOf(), 'pending')
})

/** The same link with one character of what is sealed changed. */
function changed(path: string): string {
  const at = path.length - 5
  return `${path.slice(0, at)}${path[at] === 'A' ? 'B' : 'A'}${path.slice(at + 1)}`
}
