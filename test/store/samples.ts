import { createHash, randomBytes } from 'node:crypto'
import { uuidv7 } from 'uuidv7'
import { connectionSource, type FieldValue, type Grant, normalForm } from '../../src/directory/account.ts'
import { type Application, applicationSettings } from '../../src/directory/application.ts'
import { type Connection, connectionSettings } from '../../src/directory/connection.ts'
import type { NewLogoutRequest } from '../../src/directory/logout.ts'
import type { Organization } from '../../src/directory/organization.ts'
import type { AuditEvent, LoginRequest, SignInState, SignInWrites, WaitingWrites } from '../../src/directory/sign-in.ts'

/** The nouns as the tests of storage need them; every name is new, so that tests do not meet in one database. */

export const now = new Date('2026-03-01T12:00:00.123Z')

export function later(seconds: number, from: Date = now): Date {
  return new Date(from.getTime() + seconds * 1000)
}

export function newName(prefix: string): string {
  return `${prefix}-${randomBytes(5).toString('hex')}`
}

export function newHash(): string {
  return createHash('sha256').update(randomBytes(32)).digest('hex')
}

export function newEvent(action = 'test.done', at = now): AuditEvent {
  return { id: uuidv7(), at, actor: 'cli', action, target: 'test:1', detail: { nested: { list: [1, 'two', null] } } }
}

export function newOrganization(): Organization {
  return { id: newName('company'), name: 'Company Ä', createdAt: now }
}

export function newConnection(organizationId: string): Connection {
  return {
    organizationId,
    id: newName('connection'),
    name: 'Company Ä over SAML',
    identityProvider: {
      entityId: 'https://idp.example/metadata',
      singleSignOnServices: [{ binding: 'redirect', location: 'https://idp.example/sso' }],
      signingCertificates: ['TUlJQw==', 'TUlJRA=='],
      wantAuthnRequestsSigned: false,
      validUntil: new Date('2027-01-02T03:04:05.678Z'),
    },
    settings: connectionSettings.parse({ grantableRoles: ['manager'] }),
    version: 1,
    createdAt: now,
  }
}

export function newApplication(): Application {
  const id = newName('portal')
  const settings = applicationSettings.parse({
    origin: `https://${id}.example`,
    upstream: 'http://127.0.0.1:9',
    connections: ['a'],
  })
  return { id, name: 'Benefits', settings, version: 1 }
}

export function newLoginRequest(connection: Connection, more: Partial<LoginRequest> = {}): LoginRequest {
  return {
    organizationId: connection.organizationId,
    connectionId: connection.id,
    id: newName('_request'),
    browserHash: newHash(),
    returnTo: `https://portal.example/deep?${'x'.repeat(8000)}`,
    createdAt: now,
    expiresAt: later(600),
    ...more,
  }
}

/** What is kept of a session that ends. */
export function newLogout(more: Partial<NewLogoutRequest> = {}): NewLogoutRequest {
  return { id: `_${randomBytes(20).toString('hex')}`, createdAt: now, expiresAt: later(600), ...more }
}

export function fieldOf(connectionId: string, ...values: string[]): FieldValue {
  return { values, source: connectionSource(connectionId), rule: 'mail', since: now }
}

export function grantOf(connectionId: string, kind: Grant['kind'], name: string, rule = 'assertion-role'): Grant {
  return { kind, name, source: connectionSource(connectionId), rule, since: now }
}

export interface Person {
  readonly subjectKey: string
  readonly username: string
}

export function newPerson(): Person {
  const name = newName('Ada.Lovelace')
  return { subjectKey: `persistent|${name}`, username: `${name}@Company.example` }
}

/** What a sign-in of this person would write when this state was read: nothing new for one who is known already. */
export function writesFor(connection: Connection, person: Person, state?: SignInState): SignInWrites {
  const { organizationId, id: connectionId } = connection
  const known = state?.account
  const accountId = known?.id ?? uuidv7()
  return {
    organizationId,
    connectionId,
    connectionVersion: state?.connectionVersion ?? 1,
    assertion: { id: newName('_assertion'), rememberUntil: later(300) },
    account: {
      id: accountId,
      ...(known && { expectedVersion: known.version }),
      subjectKey: person.subjectKey,
      username: person.username,
      usernameKey: normalForm(person.username),
      fields: known ? {} : { mail: fieldOf(connectionId, person.username), cn: fieldOf(connectionId, 'Ada', 'Lady A') },
      grantsAdded: known
        ? []
        : [
            grantOf(connectionId, 'role', 'manager'),
            grantOf(connectionId, 'group', 'cn=Staff,ou=Ä', 'assertion-group'),
          ],
      grantsRemoved: [],
      auditEvents: [newEvent(known ? 'account.signed-in' : 'account.created')],
    },
    session: {
      id: uuidv7(),
      tokenHash: newHash(),
      nameId: person.subjectKey,
      sessionIndex: 's-1',
      expiresAt: later(8 * 3600),
    },
    attempt: {
      id: uuidv7(),
      organizationId,
      connectionId,
      at: now,
      outcome: 'accepted',
      accountId,
      trace: [{ step: 'apply', milliseconds: 1.25, notes: { why: 'first' } }],
    },
    now,
  }
}

export function queryFor(connection: Connection, person: Person, loginRequestId?: string) {
  return {
    organizationId: connection.organizationId,
    connectionId: connection.id,
    subjectKey: person.subjectKey,
    usernameKey: normalForm(person.username),
    ...(loginRequestId !== undefined && { loginRequestId }),
  }
}

/** What is kept of a new account that waits for approval until then. */
export function waitingFor(connection: Connection, person: Person, approvalExpiresAt: Date): WaitingWrites {
  const { session: _session, attempt: _attempt, ...writes } = writesFor(connection, person)
  return { ...writes, account: { ...writes.account, state: 'pending', approvalExpiresAt } }
}
