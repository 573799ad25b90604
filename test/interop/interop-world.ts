import assert from 'node:assert/strict'
import { createWebVisitor, type Form, formsOf, type Page, type WebVisitor } from '../../src/demo/web-visitor.ts'
import type { AccountWithGrants } from '../../src/directory/directory.ts'
import { type RunningLatchkey, startLatchkey } from '../support/running-latchkey.ts'
import type { IdentityProvider, Product } from './identity-provider.ts'

/** Latchkey and one product that know each other by nothing but the metadata each of them hands out. */
export interface InteropWorld {
  readonly latchkey: RunningLatchkey
  readonly product: Product
  readonly there: IdentityProvider
  /** Name of the organization, and of its connection. */
  readonly organization: string
  readonly entityId: string
  account(): Promise<AccountWithGrants | undefined>
  accountCount(): Promise<number>
}

export interface Cleanup {
  after(work: () => Promise<void>): void
}

/** What one check needs: an organization of its own, so that nothing of another check is left in it. */
export interface Setting {
  readonly organization: string
  /** The product encrypts, and the connection accepts nothing else. */
  readonly encrypt: boolean
  /** Responses come by artifact, their assertions signed: SimpleSAMLphp signs nothing else of them then. */
  readonly artifact: boolean
}

/** Starts both, with a connection for each setting. Gives what opens the application to one of them, and to no other. */
export async function startInteropWorlds(
  cleanup: Cleanup,
  product: Product,
  settings: readonly Setting[],
): Promise<(organization: string) => Promise<InteropWorld>> {
  const there = await product.start()
  cleanup.after(() => there.stop())
  const latchkey = await startLatchkey(cleanup)
  const organizations = Object.fromEntries(
    settings.map((setting) => [setting.organization, declarationOf(setting, product, there)]),
  )
  await latchkey.declare(organizations, Object.keys(organizations).slice(0, 1))
  const entityIdOf = (organization: string) => `${latchkey.publicUrl}/sso/${organization}/metadata`
  await there.addServiceProviders(
    await Promise.all(
      settings.map(async ({ organization, encrypt }) => {
        const { body } = await createWebVisitor().open(entityIdOf(organization))
        return { name: organization, metadataXml: body, encrypt }
      }),
    ),
  )
  const { directory } = latchkey.server.latchkey
  return async (organization) => {
    await latchkey.declare(organizations, [organization])
    there.turnTo?.(organization)
    return {
      latchkey,
      product,
      there,
      organization,
      entityId: entityIdOf(organization),
      account: () => directory.findAccount(organization, product.person.username),
      accountCount: async () => (await directory.listAccounts(organization, { limit: 10 })).length,
    }
  }
}

function declarationOf({ organization, encrypt, artifact }: Setting, product: Product, there: IdentityProvider) {
  const settings = {
    allowIdpInitiated: true,
    defaultRole: 'employee',
    grantableRoles: ['employee', 'manager'],
    wantAssertionsEncrypted: encrypt,
    ...(artifact ? { responseBinding: 'artifact' as const, wantAssertionsSigned: true } : {}),
    ...product.settings,
  }
  return {
    roles: { employee: {}, manager: {} },
    connections: { [organization]: { metadata: { url: there.metadataUrl }, settings } },
  }
}

/** Begins at the application, and signs in there; gives the page with the response, not yet posted. */
export async function logInFromHere(world: InteropWorld, visitor: WebVisitor, path: string): Promise<Page> {
  const page = await visitor.open(world.latchkey.applicationOrigin + path)
  const request = formsOf(page).find(({ fields }) => fields.SAMLRequest !== undefined)
  return world.there.logIn(visitor, request === undefined ? page : await visitor.submit(request, page))
}

export async function signIn(world: InteropWorld, visitor: WebVisitor, path: string): Promise<Page> {
  const posting = await logInFromHere(world, visitor, path)
  return visitor.submit(responseForm(posting), posting)
}

/** The form with the response. */
export function responseForm(page: Page): Form {
  const form = formsOf(page).find(({ fields }) => fields.SAMLResponse !== undefined)
  assert.ok(form, `a form with a response, not ${page.status} ${page.url.href} ${page.body}`)
  return form
}

export function messageOf(form: Form): string {
  return Buffer.from(form.fields.SAMLResponse ?? '', 'base64').toString('utf8')
}

export function withMessage(form: Form, message: string): Form {
  return { ...form, fields: { ...form.fields, SAMLResponse: Buffer.from(message).toString('base64') } }
}

export function assertLanded(page: Page, url: string): void {
  assert.equal(page.status, 200, page.body)
  assert.equal(page.url.href, url)
}

/** The account holds what the product said of the person, no more roles and groups than that. */
export async function assertAccountIsComplete(world: InteropWorld): Promise<void> {
  const found = await world.account()
  assert.ok(found, 'an account')
  const { fields, grants } = world.product.person
  for (const [name, values] of Object.entries(fields))
    assert.deepEqual(found.account.fields[name]?.values, values, name)
  assert.deepEqual(found.grants.map(({ kind, name }) => `${kind} ${name}`).sort(), grants)
  assert.equal(await world.accountCount(), 1)
}
