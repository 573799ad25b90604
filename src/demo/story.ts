import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { suspendAccount } from '../admin/account-states.ts'
import { showAccount } from '../admin/accounts.ts'
import { isLatchkeyError } from '../errors.ts'
import { administrationOf } from '../main.ts'
import type { RunningDemo } from './start-demo.ts'
import { createWebVisitor, type Form, formsOf, type Page, type WebVisitor } from './web-visitor.ts'

/** One thing that must hold; `run` throws when it does not, and may say what it saw. */
export interface StoryStep {
  readonly title: string
  readonly run: () => Promise<string | undefined>
}

const organization = 'company-a'
const account = 'nina.newcomer'

/** The story of design: a new employee of Company A opens the benefits portal of Company B, where she has no account. */
export function storySteps(demo: RunningDemo): readonly StoryStep[] {
  const { addresses, settings } = demo
  const deps = administrationOf(settings, demo.latchkey.latchkey.directory)
  const atCompanyA = createWebVisitor()
  const atTheDoor = createWebVisitor()
  let accountId = ''

  const show = () => showAccount({ organization, account }, deps)

  return [
    {
      title: 'Nina does not exist at Company B yet',
      async run() {
        await assert.rejects(show, (error) => isLatchkeyError(error, 'account_not_found'))
        return undefined
      },
    },
    {
      title: 'Nina signs in at Company A',
      async run() {
        const page = await choosePerson(atCompanyA, await atCompanyA.open(addresses.identityProvider), 'nina')
        assert.match(page.body, /Hello, Nina/)
        return undefined
      },
    },
    {
      title: 'she follows the link to Company B and is let in, with no form of ours',
      async run() {
        const page = await followLaunchLink(atCompanyA, addresses.identityProvider)
        assert.equal(page.status, 200)
        assert.equal(page.url.href, `${addresses.portal}/`)
        assert.match(page.body, /Welcome, Nina/)
        return page.url.href
      },
    },
    {
      title: 'the account exists now, with the attributes Company A sent',
      async run() {
        const found = await show()
        accountId = found.account.id
        const fields = Object.fromEntries(
          Object.entries(found.account.fields).map(([name, field]) => [name, field.values]),
        )
        assert.deepEqual(fields.mail, ['nina.newcomer@company-a.example'])
        assert.deepEqual(fields.title, ['Junior Analyst'])
        for (const name of ['uid', 'cn', 'sn', 'givenName', 'displayName', 'telephoneNumber', 'role', 'organization']) {
          assert.ok(fields[name]?.length, `the field ${name}`)
        }
        for (const name of ['department', 'employeeNumber']) assert.ok(fields[name]?.length, `the field ${name}`)
        return `${Object.keys(fields).length} fields, ${found.grants.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`
      },
    },
    {
      title: 'the portal shows what she may see, and refuses what she may not',
      async run() {
        assert.equal((await atCompanyA.open(`${addresses.portal}/plans`)).status, 200)
        const refused = await atCompanyA.open(`${addresses.portal}/administration`, json)
        assert.equal(codeOf(refused), 'account_not_entitled')
        const bypassed = await createWebVisitor().open(addresses.bypass)
        assert.equal(bypassed.status, 401)
        return '/plans opens, /administration does not, and nobody comes in round the gateway'
      },
    },
    {
      title: 'a sign-in begun at a deep link of the portal lands on that very page',
      async run() {
        const deepLink = `${addresses.portal}/plans/dental?from=${'x'.repeat(4000)}`
        const page = await pressOn(atTheDoor, await choosePerson(atTheDoor, await atTheDoor.open(deepLink), 'nina'))
        assert.equal(page.status, 200)
        assert.equal(page.url.href, deepLink)
        assert.match(page.body, /Dental plan/)
        assert.equal((await show()).account.id, accountId, 'the same account')
        return `${page.url.pathname} with ${page.url.search.length} characters of query`
      },
    },
    {
      title: 'a title and a role changed at Company A show at Company B after the next sign-in',
      async run() {
        await changePerson(atCompanyA, addresses.identityProvider, {
          title: 'Team Lead',
          roles: 'employee, project-manager',
        })
        await followLaunchLink(atCompanyA, addresses.identityProvider)
        const { account: changed, grants } = await show()
        assert.deepEqual(changed.fields.title?.values, ['Team Lead'])
        assert.ok(grants.some(({ name }) => name === 'project-manager'))
        assert.equal((await atCompanyA.open(`${addresses.portal}/team`)).status, 200)
        return 'Team Lead, and /team opens'
      },
    },
    {
      title: 'a role that no longer arrives is taken back',
      async run() {
        await changePerson(atCompanyA, addresses.identityProvider, { roles: 'employee' })
        await followLaunchLink(atCompanyA, addresses.identityProvider)
        assert.equal(codeOf(await atCompanyA.open(`${addresses.portal}/team`, json)), 'account_not_entitled')
        return '/team is closed again'
      },
    },
    {
      title: 'the same response posted twice is refused',
      async run() {
        const { form, from } = await fetchResponse(atCompanyA, addresses.identityProvider)
        assert.equal((await atCompanyA.submit(form, from)).status, 200)
        const again = codeOf(await atCompanyA.submit(form, from, json))
        assert.equal(again, 'assertion_replayed')
        return again
      },
    },
    {
      title: 'an altered assertion is refused',
      async run() {
        const { form, from } = await fetchResponse(atCompanyA, addresses.identityProvider)
        const altered = codeOf(await createWebVisitor().submit(alter(form, 'Team Lead', 'Director!'), from, json))
        assert.equal(altered, 'saml_digest_mismatch')
        return altered
      },
    },
    {
      title: 'suspending the account ends its open sessions at once',
      async run() {
        assert.equal((await atCompanyA.open(`${addresses.portal}/me`, json)).status, 200)
        const startedMs = performance.now()
        const { sessionsEnded } = await suspendAccount({ organization, account }, deps)
        const code = codeOf(await atCompanyA.open(`${addresses.portal}/me`, json))
        assert.equal(code, 'session_required')
        return `${sessionsEnded} sessions ended and the next request refused ${Math.round(performance.now() - startedMs)} ms after the command`
      },
    },
    {
      title: 'a suspended account is refused at sign-in',
      async run() {
        const { form, from } = await fetchResponse(atCompanyA, addresses.identityProvider)
        const code = codeOf(await atCompanyA.submit(form, from, json))
        assert.equal(code, 'account_suspended')
        return code
      },
    },
  ]
}

const json = { accept: 'application/json' } as const

/** The refusal's code in a JSON answer. */
function codeOf(page: Page): string {
  const body: unknown = JSON.parse(page.body)
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : body
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : error
  return String(code)
}

async function choosePerson(visitor: WebVisitor, page: Page, person: string): Promise<Page> {
  const form = formsOf(page).find((candidate) => candidate.fields.person === person)
  assert.ok(form, `a page to choose ${person} on, not ${page.status} at ${page.url.origin}`)
  return visitor.submit(form, page)
}

/** The self-submitting form with the response, as the identity provider's page holds it. */
function responseForm(page: Page): Form {
  const form = formsOf(page).find((candidate) => candidate.fields.SAMLResponse !== undefined)
  assert.ok(form, `a form with a response, not ${page.status} at ${page.url.origin}`)
  return form
}

async function pressOn(visitor: WebVisitor, page: Page): Promise<Page> {
  return visitor.submit(responseForm(page), page)
}

/** Company A's start page, its link to Company B, and the form behind it, not yet submitted. */
async function fetchResponse(visitor: WebVisitor, identityProvider: string): Promise<{ form: Form; from: Page }> {
  const start = await visitor.open(identityProvider)
  const link = /href="(\/launch\?to=[^"]+)"/.exec(start.body)?.[1]
  assert.ok(link, 'a link to Company B on the start page')
  const from = await visitor.open(new URL(link.replaceAll('&amp;', '&'), start.url).href)
  return { form: responseForm(from), from }
}

async function followLaunchLink(visitor: WebVisitor, identityProvider: string): Promise<Page> {
  const { form, from } = await fetchResponse(visitor, identityProvider)
  return visitor.submit(form, from)
}

async function changePerson(
  visitor: WebVisitor,
  identityProvider: string,
  changes: Readonly<Record<string, string>>,
): Promise<void> {
  const page = await visitor.open(`${identityProvider}/people/nina`)
  const form = formsOf(page).find((candidate) => 'title' in candidate.fields)
  assert.ok(form, 'a form to edit Nina')
  await visitor.submit({ ...form, fields: { ...form.fields, ...changes } }, page)
}

function alter(form: Form, from: string, to: string): Form {
  const xml = Buffer.from(form.fields.SAMLResponse ?? '', 'base64').toString('utf8')
  assert.ok(xml.includes(from), `the response says ${from}`)
  const SAMLResponse = Buffer.from(xml.replaceAll(from, to)).toString('base64')
  return { ...form, fields: { ...form.fields, SAMLResponse } }
}
