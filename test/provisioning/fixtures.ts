import type { Account, Grant } from '../../src/directory/account.ts'
import { type Connection, type ConnectionSettingsInput, connectionSettings } from '../../src/directory/connection.ts'
import type { Role } from '../../src/directory/role.ts'
import type { SignInState } from '../../src/directory/sign-in.ts'
import { mapSubject } from '../../src/provisioning/map-subject.ts'
import type { Plan } from '../../src/provisioning/plan.ts'
import { planProvisioning } from '../../src/provisioning/plan-provisioning.ts'
import type { Subject } from '../../src/provisioning/subject.ts'
import type { Assertion, Attribute, NameId, VerifiedAssertion } from '../../src/saml/verified-assertion.ts'

export const now = new Date('2026-03-01T08:00:00Z')
export const later = new Date('2026-03-02T08:00:00Z')
export const source = 'connection:company-a'

export const formats = {
  emailAddress: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  unspecified: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
  persistent: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  transient: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
}

export function connection(settings: ConnectionSettingsInput = {}): Connection {
  return {
    organizationId: 'company-b',
    id: 'company-a',
    name: 'Company A',
    identityProvider: {
      entityId: 'https://idp.company-a.example/',
      singleSignOnServices: [{ binding: 'redirect', location: 'https://idp.company-a.example/sso' }],
      signingCertificates: [],
      wantAuthnRequestsSigned: false,
    },
    settings: connectionSettings.parse(settings),
    version: 3,
    createdAt: new Date(0),
  }
}

type Values = string | readonly string[]
export type Attributes = Readonly<Record<string, Values>> | readonly Attribute[]

function attributesOf(attributes: Attributes): readonly Attribute[] {
  if (Array.isArray(attributes)) return attributes
  return Object.entries(attributes).map(([name, values]) => ({ name, values: [values].flat() as string[] }))
}

/** What a verified assertion would say. Verification has tests of its own: here it is taken for granted. */
export function assertionOf(attributes: Attributes, nameId: Partial<NameId> | null = {}): VerifiedAssertion {
  const assertion: Assertion = {
    id: '_assertion-1',
    issuer: 'https://idp.company-a.example/',
    ...(nameId === null ? {} : { nameId: { value: 'p-4711', format: formats.persistent, ...nameId } }),
    sessionIndex: '_session-1',
    authnInstant: now,
    attributes: attributesOf(attributes),
    replayableUntil: later,
    signed: { assertion: 'test' },
  }
  return assertion as VerifiedAssertion
}

export function subjectOf(
  attributes: Attributes,
  settings: ConnectionSettingsInput = {},
  nameId: Partial<NameId> | null = {},
): Subject {
  return mapSubject(assertionOf(attributes, nameId), connection(settings))
}

const role = (name: string, kind: Role['kind'] = 'application'): Role => ({
  organizationId: 'company-b',
  name,
  description: '',
  kind,
})
export const roles = [
  role('agent'),
  role('manager'),
  role('auditor'),
  role('guest'),
  role('latchkey-administrator', 'administration'),
]

export const nobody: SignInState = { connectionVersion: 3, grants: [], roles }

/** Ids that count up: `id-1`, `id-2`. */
export function countingIds(prefix = 'id'): () => string {
  let count = 0
  return () => `${prefix}-${++count}`
}

export function plan(
  state: SignInState,
  attributes: Attributes,
  { at = now, ...settings }: ConnectionSettingsInput & { at?: Date } = {},
): Plan {
  const newId = countingIds()
  return planProvisioning(state, subjectOf(attributes, settings), { connection: connection(settings), now: at, newId })
}

/** What a storage holds after a plan was written to it, from `writes` alone. */
export function applied(state: SignInState, { writes }: Plan, at = now): SignInState {
  const before = state.account
  const fields = new Map(Object.entries(before?.fields ?? {}))
  for (const [field, value] of Object.entries(writes.fields)) {
    if (value === null) fields.delete(field)
    else fields.set(field, value)
  }
  const expiresAt = writes.expiresAt === undefined ? before?.expiresAt : (writes.expiresAt ?? undefined)
  const approvalExpiresAt = writes.approvalExpiresAt ?? before?.approvalExpiresAt
  const account: Account = {
    organizationId: 'company-b',
    id: writes.id,
    username: writes.username,
    state: writes.state ?? before?.state ?? 'active',
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(approvalExpiresAt === undefined ? {} : { approvalExpiresAt }),
    fields: Object.fromEntries(fields),
    createdAt: before?.createdAt ?? at,
    updatedAt: at,
    version: (before?.version ?? 0) + 1,
  }
  const isRemoved = (grant: Grant) =>
    writes.grantsRemoved.some(
      ({ kind, name, source: by }) => kind === grant.kind && name === grant.name && by === grant.source,
    )
  return { ...state, account, grants: [...state.grants.filter((grant) => !isRemoved(grant)), ...writes.grantsAdded] }
}

export function grant(kind: Grant['kind'], name: string, by: Grant['source'] = source, rule = 'test'): Grant {
  return { kind, name, source: by, rule, since: new Date(0) }
}

/** `role agent (default-role)` for every grant, in order of text. */
export function shownGrants(grants: readonly Grant[]): readonly string[] {
  return grants.map(({ kind, name, rule, source: by }) => `${kind} ${name} (${by === source ? rule : by})`).sort()
}

export function valuesOf(fields: Subject['fields']): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(fields).map(([field, { values }]) => [field, values]))
}
