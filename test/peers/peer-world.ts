import assert from 'node:assert/strict'
import { createWebVisitor, type Form, formsOf, type Page, type WebVisitor } from '../../src/demo/web-visitor.ts'
import type { ConnectionSettingsInput } from '../../src/directory/connection.ts'
import type { AccountWithGrants } from '../../src/directory/directory.ts'
import { type RunningLatchkey, startLatchkey } from '../support/running-latchkey.ts'
import { chooseAt, type PeerSite, type Product, type ProductOptions, startPeer } from './site.ts'

/** Latchkey and one identity provider that know each other by nothing but the metadata each of them hands out. */
export interface PeerWorld {
  readonly latchkey: RunningLatchkey
  readonly peer: PeerSite
  readonly entityId: string
  /** Signs in as Grace at the page that asks who one is; gives the page with the response. */
  choose(visitor: WebVisitor, page: Page): Promise<Page>
  /** The account whose user name is the given one. */
  account(username: string): Promise<AccountWithGrants | undefined>
  accountCount(): Promise<number>
}

interface Cleanup {
  after(work: () => Promise<void>): void
}

export async function startPeerWorld(
  t: Cleanup,
  create: (options: ProductOptions) => Product,
  settings: ConnectionSettingsInput = {},
): Promise<PeerWorld> {
  const [peer, latchkey] = [await startPeer(t, create), await startLatchkey(t)]
  const connection = {
    metadata: { url: peer.metadataUrl },
    settings: { defaultRole: 'employee', grantableRoles: ['employee', 'manager'], ...settings },
  }
  await latchkey.declare({ peer: { roles: { employee: {}, manager: {} }, connections: { peer: connection } } }, [
    'peer',
  ])
  const ours = await createWebVisitor().open(`${latchkey.publicUrl}/sso/peer/metadata`)
  peer.product.register(ours.body)
  const { directory } = latchkey.server.latchkey
  return {
    latchkey,
    peer,
    entityId: ours.url.href,
    choose: (visitor, page) => chooseAt(visitor, page, 'grace'),
    account: (username) => directory.findAccount('peer', username),
    accountCount: async () => (await directory.listAccounts('peer', { limit: 10 })).length,
  }
}

/** The form with the response. */
export function responseForm(page: Page): Form {
  const form = formsOf(page).find(({ fields }) => fields.SAMLResponse !== undefined)
  assert.ok(form, `a form with a response, not ${page.status} ${page.body}`)
  return form
}

export function messageOf(form: Form): string {
  return Buffer.from(form.fields.SAMLResponse ?? '', 'base64').toString('utf8')
}

/** The same form with something else in its message. */
export function altered(form: Form, from: string, to: string): Form {
  const message = messageOf(form)
  assert.ok(message.includes(from), `${from} in the message`)
  return {
    ...form,
    fields: { ...form.fields, SAMLResponse: Buffer.from(message.replaceAll(from, to)).toString('base64') },
  }
}

/** Opens an address of the application and follows to the page of the identity provider that asks who one is. */
export async function askThere(world: PeerWorld, visitor: WebVisitor, path = '/'): Promise<Page> {
  const page = await visitor.open(world.latchkey.applicationOrigin + path)
  const request = formsOf(page).find(({ fields }) => fields.SAMLRequest !== undefined)
  return request === undefined ? page : visitor.submit(request, page)
}

/** Signs in from a deep link of the application; gives the page it ends at. */
export async function signInFromDeepLink(world: PeerWorld, visitor: WebVisitor, path: string): Promise<Page> {
  const posting = await world.choose(visitor, await askThere(world, visitor, path))
  return visitor.submit(responseForm(posting), posting)
}

export async function signInFromTheirStart(world: PeerWorld, visitor: WebVisitor): Promise<Page> {
  const posting = await world.choose(visitor, await visitor.open(world.peer.startUrl))
  return visitor.submit(responseForm(posting), posting)
}

export function assertLanded(page: Page, url: string): void {
  assert.equal(page.status, 200, page.body)
  assert.equal(page.url.href, url)
}

export function valuesOf(found: AccountWithGrants | undefined): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(found?.account.fields ?? {}).map(([name, { values }]) => [name, values]))
}

export function grantsOf(found: AccountWithGrants | undefined): string[] {
  return (found?.grants ?? []).map(({ kind, name }) => `${kind} ${name}`).sort()
}

/**
 * An altered response is refused with the code and writes nothing but the refusal; the same response as it was issued is
 * then accepted, because nothing has been consumed.
 */
export async function assertAlteredIsRefused(world: PeerWorld, from: string, to: string, code: string): Promise<void> {
  const visitor = createWebVisitor()
  const posting = await world.choose(visitor, await askThere(world, visitor))
  const form = responseForm(posting)
  const refused = await visitor.submit(altered(form, from, to), posting, { accept: 'application/json' })
  assert.equal(JSON.parse(refused.body).error, code)
  assert.equal(await world.accountCount(), 0)
  assertLanded(await visitor.submit(form, posting), `${world.latchkey.applicationOrigin}/`)
  assert.equal(await world.accountCount(), 1)
}

/** The product verifies our signature: it takes the request as we wrote it, not with that of another one, nor without. */
export async function assertSignedRedirectIsVerified(world: PeerWorld): Promise<void> {
  const visitor = createWebVisitor()
  const { url } = await askThere(world, visitor, '/in')
  const names = [...url.searchParams.keys()]
  assert.ok(names.includes('SigAlg') && names.includes('Signature'), names.join(' '))
  const another = await askThere(world, visitor, '/in')
  assert.equal(world.peer.requestIds.length, 2)
  const signedElsewhere = new URL(url)
  signedElsewhere.searchParams.set('Signature', another.url.searchParams.get('Signature') ?? '')
  const unsigned = new URL(url)
  for (const name of ['SigAlg', 'Signature']) unsigned.searchParams.delete(name)
  for (const refused of [signedElsewhere, unsigned]) assert.equal((await visitor.open(refused.href)).status, 400)
  assert.equal(world.peer.requestIds.length, 2)
}

/** As above, for a request that is posted with its signature inside. */
export async function assertSignedPostIsVerified(world: PeerWorld): Promise<void> {
  const visitor = createWebVisitor()
  const page = await visitor.open(`${world.latchkey.applicationOrigin}/in`)
  const [form] = formsOf(page)
  const message = Buffer.from(form?.fields.SAMLRequest ?? '', 'base64').toString('utf8')
  assert.ok(form !== undefined && message.includes('<ds:Signature '), message)
  const changed = message.replace(/IssueInstant="\d/, 'IssueInstant="1')
  const unsigned = message.replace(/<ds:Signature .*<\/ds:Signature>/s, '')
  for (const refused of [changed, unsigned]) {
    const SAMLRequest = Buffer.from(refused).toString('base64')
    const answer: Page = await visitor.submit({ ...form, fields: { ...form.fields, SAMLRequest } }, page)
    assert.equal(answer.status, 400)
  }
  assert.equal((await visitor.submit(form, page)).status, 200)
  assert.equal(world.peer.requestIds.length, 1)
}
