import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWebVisitor, type Form, formsOf, type Page } from '../../src/demo/web-visitor.ts'
import { startTestIdentityProvider } from '../../src/test-identity-provider/server.ts'
import type { DatabaseKind } from '../support/databases.ts'
import { startLatchkey } from '../support/running-latchkey.ts'
import { asksForDesk } from './set-up-world.ts'

/** From a deep link of an application over the identity provider and the page for set-up to that very link: a whole server, real HTTP. */

const id = 'company-a'

async function startWorld(t: { after(work: () => Promise<void>): void }, kind: DatabaseKind) {
  const latchkey = await startLatchkey(t, kind)
  const at = `${latchkey.publicUrl}/sso/${id}`
  const idp = await startTestIdentityProvider({
    port: 0,
    name: 'Company A',
    serviceProviders: [{ entityId: `${at}/metadata`, acsUrl: `${at}/acs`, name: 'Latchkey' }],
  })
  t.after(() => idp.close())
  const connections = { [id]: { metadata: { text: idp.metadata() }, settings: {} } }
  await latchkey.declare({ [id]: { name: 'Company A', ...asksForDesk, connections } }, [id])
  return { ...latchkey, idp, directory: latchkey.server.latchkey.directory }
}

/** Opens an address and signs in as Nina where that is asked; gives where it leads. */
async function arrive(visitor: ReturnType<typeof createWebVisitor>, address: string): Promise<Page> {
  let page = await visitor.open(address)
  if (formsOf(page).some(({ fields }) => fields.person === 'nina')) {
    page = await visitor.submit(formWith(page, 'person', 'nina'), page)
  }
  const response = formsOf(page).find(({ fields }) => 'SAMLResponse' in fields)
  return response === undefined ? page : visitor.submit(response, page)
}

function formWith(page: Page, name: string, value?: string): Form {
  const form = formsOf(page).find(({ fields }) => (value === undefined ? name in fields : fields[name] === value))
  assert.ok(form, `a form with ${name} on ${page.status} ${page.body}`)
  return form
}

/** The form of the page for set-up with these answers; what is not given is left as it stands. */
function answered(page: Page, answers: Readonly<Record<string, string>>): Form {
  const form = formWith(page, 'field.desk')
  return { ...form, fields: { ...form.fields, ...answers } }
}

for (const kind of ['embedded', 'served'] as const) {
  test(`set-up stands between a first sign-in and the very page that was wanted, however often one comes (${kind})`, async (t) => {
    const { applicationOrigin, publicUrl, directory } = await startWorld(t, kind)
    const deepLink = `${applicationOrigin}/travel/2027?trip=4711&view=%C3%A4`
    const visitor = createWebVisitor()
    const asked = await arrive(visitor, deepLink)
    assert.equal(asked.url.origin + asked.url.pathname, `${publicUrl}/sso/${id}/set-up`)
    assert.match(asked.body, /<h1>Before you go on<\/h1>/)
    assert.match(asked.body, /Company A needs a few answers from you before echo opens/)
    assert.equal(asked.headers['cache-control'], 'no-store')
    assert.equal(asked.headers['referrer-policy'], 'no-referrer')
    assert.doesNotMatch(asked.body, /<script/)

    // No way in meanwhile: neither the application nor the account page.
    const json = { accept: 'application/json' }
    assert.equal((await visitor.open(`${applicationOrigin}/api`, json)).status, 401)
    assert.doesNotMatch((await visitor.open(`${publicUrl}/account`)).body, /<h2>Your account<\/h2>/)
    assert.match((await visitor.open(asked.url.href)).body, /<h1>Before you go on<\/h1>/)

    const wrong = await visitor.submit(answered(asked, { 'field.desk': '"><b>b12', 'field.shirt': 'XXL' }), asked)
    assert.equal(wrong.status, 422)
    assert.match(
      wrong.body,
      /<p class="fault" id="field-desk-fault">This does not have the form that is asked for\.<\/p>/,
    )
    assert.match(
      wrong.body,
      /id="field-desk"[^>]*aria-invalid="true" aria-describedby="field-desk-fault field-desk-help"/,
    )
    assert.match(wrong.body, /id="field-shirt"[^>]*aria-invalid="true" aria-describedby="field-shirt-fault"/)
    assert.match(wrong.body, /value="&quot;&gt;&lt;b&gt;b12"/)
    assert.equal((await directory.findAccount(id, 'nina.newcomer'))?.account.fields.desk, undefined)

    // The browser was closed: signing in again, in another one, comes back to the page.
    const other = createWebVisitor()
    const again = await arrive(other, deepLink)
    assert.match(again.body, /<h1>Before you go on<\/h1>/)
    assert.notEqual(again.url.search, asked.url.search)

    const inside = await other.submit(answered(again, { 'field.desk': 'B-12', 'field.shirt': 'M' }), again)
    assert.equal(inside.url.href, deepLink)
    const { url, headers } = JSON.parse(inside.body) as { url: string; headers: Record<string, string> }
    assert.equal(url, '/travel/2027?trip=4711&view=%C3%A4')
    assert.ok(Object.values(headers).includes('nina.newcomer'), inside.body)
    const account = (await directory.findAccount(id, 'nina.newcomer'))?.account
    assert.deepEqual([account?.fields.desk?.values, account?.fields.desk?.source], [['B-12'], 'person'])

    // Going back or pressing twice leads on, and opens nothing new; so does the page that is still open elsewhere.
    assert.equal((await other.open(again.url.href)).url.href, deepLink)
    assert.equal((await other.submit(answered(again, { 'field.desk': 'C-1' }), again)).url.href, deepLink)
    const elsewhere = await visitor.open(asked.url.href)
    assert.match(elsewhere.body, /<h1>You are all set<\/h1>/)
    const [goOn] = formsOf(elsewhere)
    assert.ok(goOn)
    assert.equal((await visitor.submit(goOn, elsewhere)).url.href, deepLink)

    // Signed out, the used ticket opens nothing; signing in leads to the same place.
    await other.open(`${publicUrl}/logout`)
    const ended = await other.open(again.url.href)
    assert.equal(ended.status, 403)
    assert.match(ended.body, /<code>set_up_ended<\/code>/)
    const [, tryAgain = ''] = /href="([^"]+)">Sign in</.exec(ended.body) ?? []
    assert.equal(tryAgain, `${publicUrl}/sso/${id}/login?return_to=${encodeURIComponent(deepLink)}`)
    assert.equal((await arrive(other, tryAgain)).url.href, deepLink)
  })
}
