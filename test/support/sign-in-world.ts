import { randomBytes } from 'node:crypto'
import type { Pool } from 'pg'
import { uuidv7 } from 'uuidv7'
import { openCatalog } from '../../src/access/catalog.ts'
import { applicationSettings } from '../../src/directory/application.ts'
import { type Connection, type ConnectionSettingsInput, connectionSettings } from '../../src/directory/connection.ts'
import type { Directory } from '../../src/directory/directory.ts'
import { serviceAddresses } from '../../src/directory/service-addresses.ts'
import type { AuditEvent } from '../../src/directory/sign-in.ts'
import { createBackChannel } from '../../src/http/back-channel.ts'
import { createSigningKey } from '../../src/keys/signing-key.ts'
import { createRefusalBudget } from '../../src/sign-in/record-refusal.ts'
import type { SignInDependencies } from '../../src/sign-in/sign-in-dependencies.ts'
import { migrateSchema } from '../../src/store/migrate-schema.ts'
import { createDirectory } from '../../src/store/postgres-directory.ts'
import {
  createTestIdentityProvider,
  type IssuedPerson,
  type IssueOptions,
  type TestIdentityProvider,
} from '../../src/test-identity-provider/identity-provider.ts'

/** One organization with one connection to an identity provider that really signs, on a real database. */
export interface SignInWorld {
  readonly pool: Pool
  readonly directory: Directory
  readonly deps: SignInDependencies
  readonly identityProvider: TestIdentityProvider
  readonly connection: () => Promise<Connection>
  /** Signed for our connection; unsolicited unless `inResponseTo` is given. */
  issue(person: IssuedPerson, options?: Partial<IssueOptions>): string
  changeSettings(settings: Partial<ConnectionSettingsInput>): Promise<void>
  event(action: string): AuditEvent
  /** Number of rows in every table, to compare before and after. */
  countRows(): Promise<Readonly<Record<string, number>>>
}

export const organizationId = 'company-a'
export const connectionId = 'company-a'
export const publicUrl = 'http://latchkey.localhost:4400'
export const benefitsOrigin = 'http://benefits.localhost:4400'

export const nina: IssuedPerson = {
  nameId: 'nina-7f3k',
  attributes: {
    uid: 'nina',
    cn: 'Nina Newcomer',
    mail: 'nina@company-a.example',
    title: 'Analyst',
    role: ['employee'],
    groups: ['staff', 'berlin'],
  },
}

export async function createSignInWorld(pool: Pool, settings: ConnectionSettingsInput = {}): Promise<SignInWorld> {
  const now = () => new Date()
  await migrateSchema(pool)
  const directory = createDirectory(pool)
  const identityProvider = await sharedIdentityProvider()
  const event = (action: string): AuditEvent => ({
    id: uuidv7(),
    at: now(),
    actor: 'test',
    action,
    target: 'test',
    detail: {},
  })

  await directory.createOrganization(
    { id: organizationId, name: 'Company A', createdAt: now() },
    event('organization.created'),
  )
  for (const name of ['employee', 'manager']) {
    await directory.createRole({ organizationId, name, description: name, kind: 'application' }, event('role.created'))
  }
  await directory.createConnection(describeConnection(identityProvider, settings, now()), event('connection.created'))
  await directory.saveApplication(
    {
      id: 'benefits',
      name: 'Benefits',
      version: 1,
      settings: applicationSettings.parse({
        origin: benefitsOrigin,
        upstream: 'http://127.0.0.1:1',
        connections: [connectionId],
      }),
    },
    event('application.saved'),
  )
  const catalog = await openCatalog({ directory, now })
  catalog.close()
  const { privateKey } = await createSigningKey({ now, randomBytes })
  const deps: SignInDependencies = {
    directory,
    catalog,
    publicUrl,
    sessionLimits: { idleSeconds: 1800, absoluteSeconds: 28_800 },
    requestSigning: { key: privateKey },
    decryptionKeys: [privateKey],
    askIdentityProvider: createBackChannel(),
    refusalBudget: createRefusalBudget(),
    onRecordFailed: (error) => {
      throw error
    },
    now,
    newId: uuidv7,
    randomBytes,
  }
  const connection = async () => {
    const found = await directory.findConnection(connectionId)
    if (found === undefined) throw new Error('the connection is gone')
    return found
  }
  return {
    pool,
    directory,
    deps,
    identityProvider,
    connection,
    event,
    issue: (person, options = {}) =>
      identityProvider.issueResponse({
        serviceProvider: serviceAddresses({ id: connectionId }, publicUrl),
        person,
        ...options,
      }).samlResponse,
    async changeSettings(changes) {
      const current = await connection()
      const merged = connectionSettings.parse({ ...current.settings, ...changes })
      await directory.updateConnection({ ...current, settings: merged }, event('connection.updated'))
    },
    countRows: () => countRows(pool),
  }
}

let shared: Promise<TestIdentityProvider> | undefined

/** One key pair for a whole test file: making one takes longer than most tests. */
function sharedIdentityProvider(): Promise<TestIdentityProvider> {
  shared ??= createTestIdentityProvider({ baseUrl: 'http://company-a.localhost:4401' })
  return shared
}

function describeConnection(
  identityProvider: TestIdentityProvider,
  settings: ConnectionSettingsInput,
  createdAt: Date,
): Connection {
  return {
    organizationId,
    id: connectionId,
    name: 'Company A sign-in',
    identityProvider: {
      entityId: identityProvider.entityId,
      singleSignOnServices: [
        { binding: 'redirect', location: `${identityProvider.baseUrl}/sso` },
        { binding: 'post', location: `${identityProvider.baseUrl}/sso` },
      ],
      signingCertificates: [identityProvider.certificate],
      wantAuthnRequestsSigned: false,
    },
    settings: connectionSettings.parse({
      allowIdpInitiated: true,
      defaultRole: 'employee',
      grantableRoles: ['employee', 'manager'],
      ...settings,
    }),
    version: 1,
    createdAt,
  }
}

export async function countRows(pool: Pool): Promise<Record<string, number>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = current_schema() and table_type = 'BASE TABLE' order by 1`,
  )
  const counts: Record<string, number> = {}
  for (const { name } of tables) {
    const { rows } = await pool.query<{ count: string }>(`select count(*) as count from "${name}"`)
    counts[name] = Number(rows[0]?.count)
  }
  return counts
}
