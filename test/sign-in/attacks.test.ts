import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Pool } from 'pg'
import { openCatalog } from '../../src/access/catalog.ts'
import { serviceAddresses } from '../../src/directory/service-addresses.ts'
import { isLatchkeyError } from '../../src/errors.ts'
import { beginSignIn } from '../../src/sign-in/begin-sign-in.ts'
import { completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import type { SignInDependencies } from '../../src/sign-in/sign-in-dependencies.ts'
import { openStorage } from '../../src/store/open-storage.ts'
import { createDirectory } from '../../src/store/postgres-directory.ts'
import {
  createTestIdentityProvider,
  type TestIdentityProvider,
} from '../../src/test-identity-provider/identity-provider.ts'
import { openTestDatabase } from '../support/databases.ts'
import {
  connectionId,
  createSignInWorld,
  nina,
  organizationId,
  publicUrl,
  type SignInWorld,
} from '../support/sign-in-world.ts'

// Attacks that a message alone does not show: the same one at another node, one of another connection or organization.

const browserSecret = 'b'.repeat(43)

/** Asserts the exact code, and that nothing but the attempt was written. */
async function assertRefused(world: SignInWorld, run: () => Promise<unknown>, code: string): Promise<void> {
  const before = await world.countRows()
  await assert.rejects(run, { code })
  assert.deepEqual(await world.countRows(), { ...before, sign_in_attempt: (before.sign_in_attempt ?? 0) + 1 })
}

/** Another process with the same database: its own connections, its own catalog. */
async function otherNode(t: TestContext, world: SignInWorld, pool: Pool): Promise<SignInDependencies> {
  const directory = createDirectory(pool)
  const catalog = await openCatalog({ directory, now: () => new Date() })
  t.after(() => catalog.close())
  return { ...world.deps, directory, catalog }
}

async function twoNodes(t: TestContext) {
  const database = await openTestDatabase('served', t)
  const world = await createSignInWorld(database.pool)
  const { pool, close } = await openStorage(database.settings, { report: () => undefined })
  t.after(() => close())
  return { world, nodes: [world.deps, await otherNode(t, world, pool)] as const }
}

test('a response that was used at one node is refused at the other', async (t) => {
  const { world, nodes } = await twoNodes(t)
  for (const [first, second] of [nodes, [nodes[1], nodes[0]] as const]) {
    const samlResponse = world.issue(nina)
    await completeSignIn({ connectionId, samlResponse }, first)
    await assertRefused(world, () => completeSignIn({ connectionId, samlResponse }, second), 'assertion_replayed')
  }
})

test('a response that arrives at two nodes at once, many times, signs in once', async (t) => {
  const { world, nodes } = await twoNodes(t)
  await completeSignIn({ connectionId, samlResponse: world.issue(nina) }, nodes[0])
  const { session: sessions = 0 } = await world.countRows()
  const samlResponse = world.issue(nina)
  const posts = Array.from({ length: 20 }, (_unused, index) =>
    completeSignIn({ connectionId, samlResponse }, nodes[index % 2 === 0 ? 0 : 1]),
  )
  const outcomes = await Promise.allSettled(posts)
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
  assert.equal(refused.length, 19)
  for (const error of refused) assert.ok(isLatchkeyError(error, 'assertion_replayed'), String(error))
  assert.equal((await world.countRows()).session, sessions + 1)
})

test('a request that was sent by one node is answered at the other, and once over all', async (t) => {
  const { world, nodes } = await twoNodes(t)
  const inResponseTo = await begin(world)
  const samlResponse = world.issue(nina, { inResponseTo })
  await completeSignIn({ connectionId, samlResponse, browserSecret }, nodes[1])
  const again = world.issue(nina, { inResponseTo })
  for (const node of nodes) {
    const answer = { connectionId, samlResponse: again, browserSecret }
    await assertRefused(world, () => completeSignIn(answer, node), 'login_request_unknown')
  }
})

/** Begins a sign-in over the world's connection and gives the ID of the request. */
async function begin(world: SignInWorld): Promise<string> {
  await beginSignIn({ connection: await world.connection(), returnTo: '/account', browserSecret }, world.deps)
  const { rows } = await world.pool.query<{ id: string }>(
    'select id from login_request order by created_at desc limit 1',
  )
  return rows[0]?.id ?? ''
}

/** A second connection, of this organization or of another, to an identity provider of its own unless one is given. */
async function addNeighbour(world: SignInWorld, neighbour: string, id: string, given?: TestIdentityProvider) {
  const provider = given ?? (await createTestIdentityProvider({ baseUrl: 'http://neighbour.localhost:4402' }))
  if (neighbour !== organizationId) {
    const organization = { id: neighbour, name: neighbour, createdAt: new Date() }
    await world.directory.createOrganization(organization, world.event('organization.created'))
    const role = { organizationId: neighbour, description: '', kind: 'application' as const }
    for (const name of ['employee', 'manager']) {
      await world.directory.createRole({ ...role, name }, world.event('role.created'))
    }
  }
  const own = await world.connection()
  const { entityId, certificate } = provider
  const identityProvider = { ...own.identityProvider, entityId, signingCertificates: [certificate] }
  await world.directory.createConnection(
    { ...own, id, name: id, organizationId: neighbour, identityProvider, version: 1 },
    world.event('connection.created'),
  )
  return provider
}

for (const neighbour of ['company-b', organizationId]) {
  const of = neighbour === organizationId ? 'of the same organization' : 'of another organization'

  test(`the identity provider of another connection ${of} signs in nobody here, whoever it says it is`, async (t) => {
    const { pool } = await openTestDatabase('embedded', t)
    const world = await createSignInWorld(pool)
    const other = await addNeighbour(world, neighbour, 'neighbour')
    const theirs = serviceAddresses({ id: 'neighbour' }, publicUrl)
    const ours = serviceAddresses({ id: connectionId }, publicUrl)
    const ownResponse = other.issueResponse({ serviceProvider: theirs, person: nina, sign: 'both' }).samlResponse
    await completeSignIn({ connectionId: 'neighbour', samlResponse: ownResponse }, world.deps)

    const attempts = [
      other.issueResponse({ serviceProvider: theirs, person: nina, sign: 'both' }),
      other.issueResponse({ serviceProvider: ours, person: nina, sign: 'both' }),
      other.issueResponse({ serviceProvider: ours, person: nina, issuer: world.identityProvider.entityId }),
    ]
    for (const { samlResponse } of attempts) {
      await assertRefused(
        world,
        () => completeSignIn({ connectionId, samlResponse }, world.deps),
        'saml_signature_invalid',
      )
    }
    assert.equal(
      (await world.directory.findAccount(organizationId, 'nina')) !== undefined,
      neighbour === organizationId,
    )
  })

  test(`an identity provider that serves another connection ${of} too: what it says for that one is not for this one`, async (t) => {
    const { pool } = await openTestDatabase('embedded', t)
    const world = await createSignInWorld(pool)
    await addNeighbour(world, neighbour, 'neighbour', world.identityProvider)
    const theirs = serviceAddresses({ id: 'neighbour' }, publicUrl)
    const ours = serviceAddresses({ id: connectionId }, publicUrl)
    const { samlResponse } = world.identityProvider.issueResponse({ serviceProvider: theirs, person: nina })
    await assertRefused(
      world,
      () => completeSignIn({ connectionId, samlResponse }, world.deps),
      'saml_destination_mismatch',
    )
    const redirected = { serviceProvider: theirs, person: nina, destination: ours.acsUrl }
    const response = world.identityProvider.issueResponse(redirected).samlResponse
    const sent = { connectionId, samlResponse: response }
    await assertRefused(world, () => completeSignIn(sent, world.deps), 'saml_audience_mismatch')
  })

  test(`a request of one connection is not answered over another ${of}`, async (t) => {
    const { pool } = await openTestDatabase('embedded', t)
    const world = await createSignInWorld(pool)
    const other = await addNeighbour(world, neighbour, 'neighbour')
    const inResponseTo = await begin(world)
    const serviceProvider = serviceAddresses({ id: 'neighbour' }, publicUrl)
    const { samlResponse } = other.issueResponse({ serviceProvider, person: nina, inResponseTo })
    const answer = { connectionId: 'neighbour', samlResponse, browserSecret }
    await assertRefused(world, () => completeSignIn(answer, world.deps), 'login_request_unknown')
    await completeSignIn({ connectionId, samlResponse: world.issue(nina, { inResponseTo }), browserSecret }, world.deps)
  })
}
