import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCommand } from '../../src/admin/commands.ts'
import { serviceAddresses } from '../../src/directory/service-addresses.ts'
import { createTestIdentityProvider } from '../../src/test-identity-provider/identity-provider.ts'
import { newEvent } from '../store/samples.ts'
import { publicUrl, serve } from './support/serve.ts'

const identityProvider = await createTestIdentityProvider({ baseUrl: 'https://idp.example' })

async function openHouse(t: { after(work: () => Promise<void>): void }) {
  const served = await serve(t)
  await served.addOrganization('company-a', 'Company A')
  const connection = await served.addConnection('company-a', 'a', {
    name: 'Company A sign-in',
    settings: { allowIdpInitiated: true, defaultRole: 'agent' },
  })
  const trusted = {
    ...connection.identityProvider,
    entityId: identityProvider.entityId,
    signingCertificates: [identityProvider.certificate],
  }
  await served.directory.updateConnection({ ...connection, identityProvider: trusted }, newEvent())
  const customFields = {
    desk: { required: true, sensitive: true, ask: { label: 'Desk <number>', help: 'On the wall.' } },
    parks: { type: 'boolean', required: true, ask: { label: 'Do you park here?' } },
  }
  const declaration = { organizations: { 'company-a': { customFields } } }
  await runCommand('declaration.apply', { declaration } as never, served.office)
  await served.deps.catalog.reload()

  /** Signs in as somebody new, from the identity provider; gives the address of the page and the browser's cookie. */
  async function beHeld(name: string, cookie?: string) {
    const { samlResponse } = identityProvider.issueResponse({
      serviceProvider: serviceAddresses(connection, publicUrl),
      person: { nameId: name, attributes: { uid: name, cn: name, mail: `${name}@a.example` } },
    })
    const headers = cookie === undefined ? {} : { headers: { cookie } }
    const answer = await served.post('/sso/a/acs', { SAMLResponse: samlResponse }, headers)
    assert.equal(answer.status, 303, answer.text)
    const path = (answer.headers.location ?? '').slice(publicUrl.length)
    assert.match(path, /^\/sso\/a\/set-up\?ticket=[\w-]{43}$/)
    assert.equal(answer.setCookies.length, 1, 'no cookie of a session')
    const [given = ''] = answer.setCookies[0]?.split(';') ?? []
    assert.match(answer.setCookies[0] ?? '', /^__Host-latchkey-browser=[\w-]{43}; .*SameSite=None/)
    return { path, cookie: given }
  }
  return { ...served, beHeld }
}

const good = { 'field.desk': 'B-12', 'field.parks': 'true' }
const json = { accept: 'application/json' }

test('a sign-in that was begun elsewhere gets a browser cookie, and the page belongs to it', async (t) => {
  const { beHeld, ask, post, directory } = await openHouse(t)
  const mine = await beHeld('a')
  const kept = await beHeld('b', mine.cookie)
  assert.equal(kept.cookie, mine.cookie, 'tabs of one browser share it')
  const page = await ask(mine.path, { headers: { cookie: mine.cookie } })
  assert.equal(page.status, 200)
  assert.match(page.text, /<label for="field-desk">Desk &lt;number&gt;<\/label>/)
  assert.match(
    page.text,
    /<input type="text" id="field-desk" name="field\.desk" required aria-describedby="field-desk-help" value="" autocomplete="off">/,
  )
  assert.match(page.text, /<option value="true">Yes<\/option>\n<option value="false">No<\/option>/)
  const policy = String(page.headers['content-security-policy'])
  assert.match(policy, /default-src 'none'/)
  assert.match(policy, /form-action 'self' https:;/)
  assert.doesNotMatch(policy, /script-src/)

  const theirs = await beHeld('c')
  for (const headers of [{}, { cookie: theirs.cookie }]) {
    for (const answer of [
      await ask(mine.path, { ...json, headers }),
      await post(mine.path, good, { ...json, headers }),
    ]) {
      assert.deepEqual([answer.status, JSON.parse(answer.text).error], [403, 'set_up_other_browser'])
      assert.equal(answer.setCookies.length, 0)
    }
  }
  assert.equal((await directory.findAccount('company-a', 'a'))?.account.fields.desk, undefined)
  const done = await post(mine.path, good, { headers: { cookie: mine.cookie } })
  assert.deepEqual([done.status, done.headers.location], [303, `${publicUrl}/account`])
  assert.match(done.setCookies[0] ?? '', /^__Host-latchkey=[\w-]{43}; .*SameSite=Lax/)
  const [session = ''] = done.setCookies[0]?.split(';') ?? []
  assert.equal((await ask('/account', { headers: { cookie: session } })).status, 200)
})

test('a form that is too large, too long, doubled or of another kind is refused and changes nothing', async (t) => {
  const { beHeld, ask, post, directory } = await openHouse(t)
  const { path, cookie } = await beHeld('a')
  const headers = { cookie }
  const many = Array.from({ length: 65 }, (_, index) => `x${index}=1`).join('&')
  const inJson = { cookie, 'content-type': 'application/json' }
  for (const [answer, status, code] of [
    [await post(path, `field.desk=${'x'.repeat(300_000)}`, { ...json, headers }), 413, 'request_too_large'],
    [await post(path, many, { ...json, headers }), 400, 'request_invalid'],
    [await post(path, 'field.desk=1&field.desk=2', { ...json, headers }), 400, 'request_invalid'],
    [await post(path, 'field.desk=%ff%fe', { ...json, headers }), 400, 'request_invalid'],
    [await post(path, '{}', { ...json, headers: inJson }), 415, 'content_type_unsupported'],
    [await post('/sso/a/set-up', good, { ...json, headers }), 400, 'request_invalid'],
    [await ask('/sso/a/set-up?ticket=', { ...json, headers }), 400, 'request_invalid'],
    [await ask(`${path}&ticket=x`, { ...json, headers }), 400, 'request_invalid'],
    [await post('/sso/a/set-up?ticket=%00', good, { ...json, headers }), 403, 'set_up_ended'],
    [await ask(path, { ...json, headers, method: 'PUT' }), 405, 'method_not_allowed'],
    [await ask(path.replace('/a/', '/nobody/'), { ...json, headers }), 404, 'connection_not_found'],
  ] as const) {
    assert.deepEqual([answer.status, JSON.parse(answer.text).error], [status, code])
    assert.equal(answer.setCookies.length, 0)
  }
  const wrong = await post(path, { 'field.desk': 'x'.repeat(1000), 'field.parks': '\u0000' }, { headers })
  assert.equal(wrong.status, 422)
  assert.match(wrong.text, /role="alert">\n<p><strong>2 answers need another look/)
  assert.match(wrong.text, /at most 200 characters/)
  assert.equal((await directory.findAccount('company-a', 'a'))?.account.fields.desk, undefined)
  assert.equal((await post(path, good, { headers })).status, 303, 'the ticket is still good')
})

test('neither the ticket nor an answer is in a log', async (t) => {
  const { beHeld, ask, post, log } = await openHouse(t)
  const { path, cookie } = await beHeld('a')
  const headers = { cookie }
  await ask(path, { headers })
  await post(path, { 'field.desk': 'SECRET DESK' }, { headers })
  await post(path, { ...good, 'field.desk': 'SECRET DESK' }, { headers })
  const ticket = path.slice(path.indexOf('=') + 1)
  assert.ok(log.length > 0)
  assert.ok(!log.some((line) => line.includes(ticket) || line.includes('SECRET')), log.join(''))
})
