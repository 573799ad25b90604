import { after } from 'node:test'
import { uuidv7 } from 'uuidv7'
import { type AccountState, connectionSource, type FieldValue, type Grant } from '../../src/directory/account.ts'
import type { Application } from '../../src/directory/application.ts'
import { connectionSettings } from '../../src/directory/connection.ts'
import type { Directory } from '../../src/directory/directory.ts'
import type { AuditEvent } from '../../src/directory/sign-in.ts'
import { hashSecret } from '../../src/sessions/browser-secret.ts'
import { migrateSchema } from '../../src/store/migrate-schema.ts'
import { createDirectory } from '../../src/store/postgres-directory.ts'
import { type OpenTestDatabase, openTestDatabase } from '../support/databases.ts'

/** A real directory for the tests of the gateway: one organization, one connection, one application, and who signs in. */
export interface TestDirectory {
  readonly directory: Directory
  /** What a sign-in that began at the application leaves behind: the account as told, and a one-time code. */
  signIn(entry: Entry, person?: Partial<Person>): Promise<void>
  /** A later sign-in, after which the person has these grants and no others. */
  grant(roles: readonly string[], groups: readonly string[]): Promise<void>
  setState(state: AccountState): Promise<void>
}

export interface Person {
  readonly username: string
  readonly fields: Readonly<Record<string, string>>
  readonly roles: readonly string[]
  readonly groups: readonly string[]
}

export interface Entry {
  readonly code: string
  /** SHA-256 (hex) of the entry cookie. */
  readonly browserHash: string
  readonly returnTo: string
  readonly now: Date
}

const ada: Person = {
  username: 'ada',
  fields: { displayName: 'Ada Byron', mail: 'ada@company-a.example' },
  roles: ['agent'],
  groups: ['Staff'],
}

const organizationId = 'company-a'
const connectionId = 'company-a'
const source = connectionSource(connectionId)

/** One database for each file of tests, emptied for each test. */
let opened: Promise<OpenTestDatabase> | undefined
const closing: (() => Promise<void>)[] = []
after(async () => {
  for (const close of closing) await close()
})

async function openEmpty(): Promise<Directory> {
  opened ??= openTestDatabase('embedded', { after: (close) => closing.push(close) })
  const { pool } = await opened
  await migrateSchema(pool)
  await pool.query('truncate organization, application cascade')
  return createDirectory(pool, async () => {})
}

export async function openTestDirectory(application: Application): Promise<TestDirectory> {
  const directory = await openEmpty()
  await fill(directory, application)
  let present = ada

  async function read() {
    const usernameKey = present.username
    const state = await directory.readSignInState({ organizationId, connectionId, subjectKey: 'ada', usernameKey })
    return { account: state.account, grants: state.grants }
  }

  async function signIn(person: Person, entry?: Entry): Promise<void> {
    present = person
    const { account, grants } = await read()
    const now = entry?.now ?? new Date()
    const id = account?.id ?? uuidv7()
    const outcome = await directory.applySignIn({
      organizationId,
      connectionId,
      connectionVersion: 1,
      assertion: { id: uuidv7(), rememberUntil: now },
      account: {
        id,
        ...(account && { expectedVersion: account.version }),
        subjectKey: 'ada',
        username: person.username,
        usernameKey: person.username,
        fields: fieldsOf(person, now),
        grantsAdded: grantsOf(person, now),
        grantsRemoved: grants,
        auditEvents: [],
      },
      session: {
        id: uuidv7(),
        tokenHash: hashSecret(uuidv7()),
        expiresAt: new Date(now.getTime() + 10 * 3600_000),
      },
      ...(entry && { handoff: handoffOf(entry, application.id) }),
      attempt: { id: uuidv7(), organizationId, connectionId, at: now, outcome: 'accepted', accountId: id, trace: [] },
      now,
    })
    if (outcome !== 'applied') throw new Error(outcome)
  }

  return {
    directory,
    signIn: (entry, person) => signIn({ ...ada, ...person }, entry),
    grant: (roles, groups) => signIn({ ...present, roles, groups }),
    async setState(state) {
      const { account } = await read()
      const change = { from: account?.state ?? state, to: state }
      await directory.setAccountState(organizationId, account?.id ?? '', change, newEvent('account.changed'))
    },
  }
}

async function fill(directory: Directory, application: Application): Promise<void> {
  const createdAt = new Date()
  await directory.createOrganization({ id: organizationId, name: 'Company A', createdAt }, newEvent('created'))
  const connection = {
    organizationId,
    id: connectionId,
    name: 'Company A',
    identityProvider: {
      entityId: 'https://idp.company-a.example',
      singleSignOnServices: [],
      signingCertificates: [],
      wantAuthnRequestsSigned: false,
    },
    settings: connectionSettings.parse({}),
    version: 1,
    createdAt,
  }
  await directory.createConnection(connection, newEvent('created'))
  await directory.saveApplication(application, newEvent('created'))
}

function newEvent(action: string): AuditEvent {
  return { id: uuidv7(), at: new Date(), actor: 'cli', action, target: 'test', detail: {} }
}

function fieldsOf(person: Person, since: Date): Readonly<Record<string, FieldValue>> {
  const entries = Object.entries(person.fields)
  return Object.fromEntries(entries.map(([name, value]) => [name, { values: [value], source, rule: name, since }]))
}

function grantsOf({ roles, groups }: Person, since: Date): readonly Grant[] {
  return [
    ...roles.map((name): Grant => ({ kind: 'role', name, source, rule: 'assertion-role', since })),
    ...groups.map((name): Grant => ({ kind: 'group', name, source, rule: 'assertion-group', since })),
  ]
}

function handoffOf({ code, browserHash, returnTo, now }: Entry, applicationId: string) {
  const expiresAt = new Date(now.getTime() + 60_000)
  return { applicationId, browserHash, codeHash: hashSecret(code), returnTo, expiresAt }
}
