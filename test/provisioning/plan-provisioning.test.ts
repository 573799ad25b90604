import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConnectionSettingsInput } from '../../src/directory/connection.ts'
import type { SignInState } from '../../src/directory/sign-in.ts'
import { planProvisioning } from '../../src/provisioning/plan-provisioning.ts'
import {
  type Attributes,
  applied,
  connection,
  countingIds,
  formats,
  grant,
  later,
  nobody,
  now,
  plan,
  roles,
  shownGrants,
  source,
  subjectOf,
  valuesOf,
} from './fixtures.ts'

const jo = { uid: 'jdoe', mail: 'jo@a.example', title: 'Clerk', role: 'manager', groups: ['Sales', 'Berlin'] }
const settings: ConnectionSettingsInput = { grantableRoles: ['manager', 'auditor'] }
const known = applied(nobody, plan(nobody, jo, settings))

/** `known` with something of its account changed. */
function knownWith(change: Partial<NonNullable<SignInState['account']>>, rest: Partial<SignInState> = {}): SignInState {
  assert.ok(known.account)
  return { ...known, account: { ...known.account, ...change }, ...rest }
}
const actionsOf = (made: ReturnType<typeof plan>) => made.writes.auditEvents.map(({ action }) => action)

test('planProvisioning() opens an account at a first sign-in', () => {
  const made = plan(nobody, jo, settings)
  assert.equal(made.kind, 'create')
  assert.deepEqual([made.connectionId, made.connectionVersion, made.changes], ['company-a', 3, true])
  assert.equal(made.writes.expectedVersion, undefined)
  assert.deepEqual([made.writes.id, made.writes.username, made.writes.usernameKey], ['id-1', 'jdoe', 'jdoe'])
  assert.equal(made.writes.subjectKey, JSON.stringify(['nameId', 'p-4711', formats.persistent, null, null]))
  assert.deepEqual(made.writes.fields.title, { values: ['Clerk'], source, rule: 'title', since: now })
  assert.deepEqual(shownGrants(made.writes.grantsAdded), [
    'group Berlin (assertion-group)',
    'group Sales (assertion-group)',
    'role manager (assertion-role)',
  ])
  assert.deepEqual(made.after.grants, made.writes.grantsAdded)
  assert.equal(made.after.state, 'active')
})

test('planProvisioning() records what it does, by names and never by values of fields', () => {
  const made = plan(nobody, { ...jo, 'account-expiry-time': '2027-01-01T00:00:00Z' }, settings)
  const common = { at: now, actor: source, target: 'account:id-1' }
  assert.deepEqual(made.writes.auditEvents, [
    {
      id: 'id-2',
      ...common,
      action: 'account.created',
      detail: { fields: ['mail', 'role', 'title', 'uid'], expiresAt: '2027-01-01T00:00:00.000Z' },
    },
    { id: 'id-3', ...common, action: 'role.granted', detail: { roles: { manager: 'assertion-role' } } },
    {
      id: 'id-4',
      ...common,
      action: 'group.added',
      detail: { groups: { Berlin: 'assertion-group', Sales: 'assertion-group' } },
    },
  ])
})

test('planProvisioning() changes only what arrived differently, and says so', () => {
  const made = plan(
    known,
    { uid: 'jdoe', title: 'Manager', role: 'auditor', groups: ['Berlin', 'Munich'] },
    { ...settings, at: later },
  )
  assert.equal(made.kind, 'update')
  assert.equal(made.writes.expectedVersion, 1)
  assert.deepEqual(Object.keys(made.writes.fields).sort(), ['role', 'title'])
  assert.deepEqual(made.after.fields.title, { values: ['Manager'], source, rule: 'title', since: later })
  assert.deepEqual(made.after.fields.mail, known.account?.fields.mail)
  assert.deepEqual(shownGrants(made.writes.grantsAdded), [
    'group Munich (assertion-group)',
    'role auditor (assertion-role)',
  ])
  assert.deepEqual(made.writes.grantsRemoved, [
    { kind: 'role', name: 'manager', source },
    { kind: 'group', name: 'Sales', source },
  ])
  assert.deepEqual(actionsOf(made), ['account.updated', 'role.granted', 'role.revoked', 'group.added', 'group.removed'])
  assert.deepEqual(made.writes.auditEvents[0]?.detail, { fields: ['role', 'title'] })
})

const everything: readonly [string, SignInState, Attributes, ConnectionSettingsInput][] = [
  ['a first sign-in', nobody, jo, settings],
  ['a first sign-in with nothing but a NameID', nobody, {}, {}],
  ['an expiry', nobody, { ...jo, 'account-expiry-time': '2027-01-01T00:00:00.5Z' }, settings],
  [
    'roles, groups and fields that change',
    known,
    { uid: 'jane', title: 'x', role: 'auditor', groups: ['New'] },
    settings,
  ],
  ['everything gone', known, {}, settings],
  ['roles no longer managed', known, jo, { idpManagedRoles: false }],
  ['roles of another source', { ...known, grants: [grant('role', 'manager', 'manual')] }, jo, settings],
  ['too many groups', known, { 'http://schemas.microsoft.com/claims/groups.link': 'x' }, settings],
]
for (const [what, state, attributes, with_] of everything) {
  test(`planning again after applying changes nothing: ${what}`, () => {
    const first = plan(state, attributes, with_)
    const afterwards = applied(state, first)
    const { fields, grants, username, expiresAt } = first.after
    assert.deepEqual(
      {
        fields: afterwards.account?.fields,
        username: afterwards.account?.username,
        expiresAt: afterwards.account?.expiresAt,
      },
      { fields, username, expiresAt },
    )
    assert.deepEqual(shownGrants(afterwards.grants), shownGrants(grants))

    const again = plan(afterwards, attributes, { ...with_, at: later })
    assert.equal(again.changes, false)
    assert.deepEqual([again.writes.fields, again.writes.grantsAdded, again.writes.grantsRemoved], [{}, [], []])
    assert.deepEqual(again.writes.auditEvents, [])
    assert.equal(again.writes.expiresAt, undefined)
    assert.deepEqual(again.after.fields, fields)
  })
}

test('the order of attributes, values, roles and groups does not matter', () => {
  const attributes = { ...jo, telephoneNumber: ['1', '2'], role: ['manager', 'auditor'] }
  const state = applied(nobody, plan(nobody, attributes, settings))
  const reversed = Object.fromEntries(
    Object.entries(attributes)
      .reverse()
      .map(([name, values]) => [name, [values].flat().reverse()]),
  )
  assert.equal(plan(state, reversed, settings).changes, false)
  assert.equal(plan(state, { ...attributes, telephoneNumber: ['1', '1'] }, settings).changes, true)
})

test('another spelling of user name and mail is not a change', () => {
  const made = plan(known, { ...jo, uid: ' JDoe', mail: 'JO@A.example' }, settings)
  assert.equal(made.changes, false)
  assert.equal(made.writes.username, 'jdoe')
})

test('a new user name renames the account, which stays the same', () => {
  const made = plan(known, { ...jo, uid: 'Jane' }, settings)
  assert.deepEqual([made.writes.id, made.writes.username, made.writes.usernameKey], [known.account?.id, 'Jane', 'jane'])
  assert.deepEqual(made.writes.auditEvents[0]?.detail, { fields: ['uid'], usernameChanged: true })
})

test('a user name is kept when what it was taken from does not arrive', () => {
  const email = { value: 'new@a.example', format: formats.emailAddress }
  const context = { connection: connection(settings), now, newId: countingIds() }
  const withoutUid = planProvisioning(known, subjectOf({ mail: 'jo@a.example' }, settings, email), context)
  assert.equal(withoutUid.writes.username, 'jdoe')
  const named = applied(nobody, planProvisioning(nobody, subjectOf({ mail: 'jo@a.example' }), context))
  assert.equal(named.account?.username, 'jo@a.example')
  const another = { ...named, usernameHolder: { accountId: 'another' } }
  assert.equal(planProvisioning(another, subjectOf({}), context).writes.username, 'jo@a.example')
  assert.equal(
    planProvisioning(named, subjectOf({ mail: 'jane@a.example' }), context).writes.username,
    'jane@a.example',
  )
  assert.equal(planProvisioning(named, subjectOf({ uid: 'jane' }), context).writes.username, 'jane')
})

test('a field that somebody else wrote stays as it is', () => {
  const manual = { values: ['Chief'], source: 'manual', rule: 'test', since: now } as const
  const state = knownWith({ fields: { ...known.account?.fields, title: manual } })
  const made = plan(state, { ...jo, title: 'Manager' }, settings)
  assert.equal(made.changes, false)
  assert.deepEqual(made.after.fields.title, manual)
  assert.deepEqual(made.notes, [{ subject: 'field', value: 'title', reason: 'kept: it was written by manual' }])
  assert.deepEqual(plan(state, { ...jo, title: 'Chief' }, settings).notes, [])
})

test('a field named like something of every object is a field like others', () => {
  const odd = { ...settings, attributeMapping: { constructor: { attributes: ['c'] }, toString: { attributes: ['t'] } } }
  const made = plan(nobody, { c: '1', t: '2' }, odd)
  assert.deepEqual(valuesOf(made.after.fields), { constructor: ['1'], toString: ['2'] })
  assert.equal(plan(applied(nobody, made), { c: '1', t: '2' }, odd).changes, false)
})

interface RoleCase {
  readonly before?: readonly string[]
  readonly arrives?: readonly string[]
  readonly with?: ConnectionSettingsInput
  readonly after: readonly string[]
  readonly notes?: readonly string[]
}
/** Grants as `name`, `name/rule`, `name@source`; `before` absent: a first sign-in. */
const roleCases: Readonly<Record<string, RoleCase>> = {
  'first sign-in without roles gets the fallback role': { after: ['agent/default-role'] },
  'first sign-in gets the default role of the connection': {
    with: { ...settings, defaultRole: 'guest' },
    after: ['guest/default-role'],
  },
  'first sign-in gets the roles that arrive, not the default role': {
    arrives: ['manager', 'auditor'],
    after: ['manager/assertion-role', 'auditor/assertion-role'],
  },
  'roles that do not exist, may not be granted or administer Latchkey are set aside': {
    arrives: ['owner', 'guest', 'latchkey-administrator', 'Manager', 'auditor'],
    with: { grantableRoles: ['auditor', 'owner', 'latchkey-administrator', 'manager'] },
    after: ['auditor/assertion-role'],
    notes: [
      'owner: no such role in the organization',
      'guest: not among the grantable roles of the connection',
      'latchkey-administrator: administers Latchkey: never granted by an assertion',
      'Manager: no such role; manager exists',
    ],
  },
  'the default role when every role that arrives is set aside': {
    arrives: ['owner'],
    after: ['agent/default-role'],
    notes: ['owner: no such role in the organization'],
  },
  'a role that no longer arrives is taken back': {
    before: ['manager/assertion-role', 'auditor/assertion-role'],
    arrives: ['auditor'],
    after: ['auditor/assertion-role'],
  },
  'no role means the default role, and the others are taken back': {
    before: ['manager/assertion-role'],
    after: ['agent/default-role'],
  },
  'the default role is taken back when a role arrives': {
    before: ['agent/default-role'],
    arrives: ['manager'],
    after: ['manager/assertion-role'],
  },
  'a role the connection may no longer grant is taken back though it arrives': {
    before: ['guest/assertion-role', 'manager/assertion-role'],
    arrives: ['guest', 'manager'],
    after: ['manager/assertion-role'],
    notes: ['guest: not among the grantable roles of the connection'],
  },
  'a changed default role replaces the former one': {
    before: ['agent/default-role'],
    with: { ...settings, defaultRole: 'guest' },
    after: ['guest/default-role'],
  },
  'what others granted is not touched': {
    before: ['auditor@manual', 'latchkey-administrator@manual', 'guest@connection:other', 'manager/assertion-role'],
    after: ['auditor@manual', 'latchkey-administrator@manual', 'guest@connection:other', 'agent/default-role'],
  },
  'a role held by hand is granted by the connection besides': {
    before: ['manager@manual'],
    arrives: ['manager'],
    after: ['manager@manual', 'manager/assertion-role'],
  },
  'a grant that stays keeps the rule that made it': {
    before: ['agent/default-role'],
    arrives: ['agent'],
    with: { grantableRoles: ['agent'] },
    after: ['agent/default-role'],
  },
  'addOnly: what no longer arrives stays': {
    before: ['manager/assertion-role', 'guest@manual'],
    arrives: ['auditor'],
    with: { ...settings, roleSync: 'addOnly' },
    after: ['manager/assertion-role', 'guest@manual', 'auditor/assertion-role'],
  },
  'addOnly: who holds a role does not get the default role besides': {
    before: ['guest@manual'],
    with: { ...settings, roleSync: 'addOnly' },
    after: ['guest@manual'],
  },
  'addOnly: who holds none gets the default role': {
    with: { ...settings, roleSync: 'addOnly' },
    after: ['agent/default-role'],
  },
  'authoritative: what anybody granted is taken back, except what administers Latchkey': {
    before: ['auditor@manual', 'latchkey-administrator@manual', 'guest@connection:other', 'agent/default-role'],
    arrives: ['manager'],
    with: { ...settings, roleSync: 'authoritative' },
    after: ['latchkey-administrator@manual', 'manager/assertion-role'],
  },
  'authoritative: what arrives stays, whoever granted it': {
    before: ['manager@manual'],
    arrives: ['manager'],
    with: { ...settings, roleSync: 'authoritative' },
    after: ['manager@manual', 'manager/assertion-role'],
  },
  'authoritative while roles are not managed takes nothing of others': {
    before: ['auditor@manual', 'manager/assertion-role'],
    with: { ...settings, idpManagedRoles: false, roleSync: 'authoritative' },
    after: ['auditor@manual'],
  },
  'unmanaged: first sign-in gets the default role, whatever arrives': {
    arrives: ['manager'],
    with: { ...settings, idpManagedRoles: false },
    after: ['agent/default-role'],
    notes: ['manager: idpManagedRoles is off'],
  },
  'unmanaged: the default role stays, roles of assertions are taken back': {
    before: ['agent/default-role', 'manager/assertion-role', 'auditor@manual'],
    arrives: ['manager'],
    with: { ...settings, idpManagedRoles: false },
    after: ['agent/default-role', 'auditor@manual'],
    notes: ['manager: idpManagedRoles is off'],
  },
  'unmanaged: where nothing would remain, the default role': {
    before: ['manager/assertion-role'],
    with: { ...settings, idpManagedRoles: false },
    after: ['agent/default-role'],
  },
  'unmanaged: the default role stays though an assertion had granted it': {
    before: ['agent/assertion-role', 'auditor@manual'],
    with: { ...settings, idpManagedRoles: false },
    after: ['agent/assertion-role', 'auditor@manual'],
  },
  'unmanaged: an account without roles is left alone': {
    before: [],
    with: { ...settings, idpManagedRoles: false },
    after: [],
  },
}
function roleGrant(text: string) {
  const [, name = '', rule, by] = /^([^/@]+)(?:\/(.+)|@(.+))$/.exec(text) ?? []
  return by === undefined ? grant('role', name, source, rule) : grant('role', name, by as 'manual')
}
for (const [what, { before, arrives = [], with: given = settings, after, notes = [] }] of Object.entries(roleCases)) {
  test(`roles: ${what}`, () => {
    const state = before === undefined ? nobody : { ...known, grants: before.map(roleGrant) }
    const made = plan(state, { role: arrives }, { roleAttributes: ['role'], ...given })
    assert.deepEqual(shownGrants(made.after.grants), shownGrants(after.map(roleGrant)))
    assert.deepEqual(
      made.notes.map(({ value, reason }) => `${value}: ${reason}`),
      notes,
    )
    assert.deepEqual(shownGrants(applied(state, made).grants), shownGrants(made.after.grants))
  })
}

test('groups: what the connection granted follows what arrives, what others granted stays', () => {
  const grants = [
    grant('group', 'Old'),
    grant('group', 'Both'),
    grant('group', 'Hand', 'manual'),
    grant('role', 'agent'),
  ]
  const made = plan({ ...known, grants }, { groups: ['Both', 'New'] })
  assert.deepEqual(made.writes.grantsRemoved, [{ kind: 'group', name: 'Old', source }])
  assert.deepEqual(shownGrants(made.writes.grantsAdded), ['group New (assertion-group)'])
  assert.deepEqual(
    plan({ ...known, grants }, {}).writes.grantsRemoved.map(({ name }) => name),
    ['Old', 'Both'],
  )
})

test('groups: too many to send takes nothing back, and says so', () => {
  const made = plan(known, { 'http://schemas.microsoft.com/claims/groups.link': 'https://graph.example' }, settings)
  assert.deepEqual(
    made.writes.grantsRemoved.filter(({ kind }) => kind === 'group'),
    [],
  )
  assert.deepEqual(made.notes, [
    { subject: 'group', value: '', reason: 'the identity provider had too many groups to send: kept' },
  ])
})

const past = new Date(now.getTime() - 1)
const soon = new Date(now.getTime() + 1)

test('expiry: what arrives replaces what stands, what does not arrive keeps it', () => {
  const made = plan(known, { 'account-expiry-time': soon.toISOString() }, settings)
  assert.deepEqual(made.writes.expiresAt, soon)
  assert.deepEqual(made.writes.auditEvents[0]?.detail, { fields: [], expiresAt: soon.toISOString() })
  const kept = plan(knownWith({ expiresAt: soon }), jo, settings)
  assert.deepEqual([kept.writes.expiresAt, kept.after.expiresAt, kept.changes], [undefined, soon, false])
})

test('expiry: a later end from the identity provider opens an ended account again', () => {
  const made = plan(knownWith({ expiresAt: past }), { ...jo, 'account-expiry-time': soon.toISOString() }, settings)
  assert.deepEqual(made.after.expiresAt, soon)
})

const ended = { ...jo, 'account-expiry-time': now.toISOString() }
const another = { usernameHolder: { accountId: 'another' } }
const refusals: Readonly<Record<string, readonly [SignInState, Attributes, ConnectionSettingsInput, string]>> = {
  'a first sign-in while just-in-time creation is off': [
    nobody,
    jo,
    { jitProvisioning: false },
    'account_creation_disabled',
  ],
  'a suspended account': [knownWith({ state: 'suspended' }), jo, settings, 'account_suspended'],
  'a suspended account that has also expired': [
    knownWith({ state: 'suspended', expiresAt: past }),
    jo,
    settings,
    'account_suspended',
  ],
  'a deactivated account': [knownWith({ state: 'deactivated' }), jo, settings, 'account_deactivated'],
  'a deactivated account, whatever expiry arrives': [
    knownWith({ state: 'deactivated' }),
    { ...jo, 'account-expiry-time': soon.toISOString() },
    settings,
    'account_deactivated',
  ],
  'an account that has expired': [knownWith({ expiresAt: past }), jo, settings, 'account_expired'],
  'an account that expires this very moment': [knownWith({ expiresAt: now }), jo, settings, 'account_expired'],
  'an account that ends by what arrives': [knownWith({ expiresAt: soon }), ended, settings, 'account_expired'],
  'a first sign-in of somebody whose access has ended': [nobody, ended, settings, 'account_expired'],
  'a first sign-in under a user name that is taken': [{ ...nobody, ...another }, jo, settings, 'account_conflict'],
  'a rename to a user name that is taken': [
    { ...known, ...another },
    { ...jo, uid: 'x' },
    settings,
    'account_conflict',
  ],
  'a default role that does not exist': [nobody, {}, { defaultRole: 'nobody' }, 'default_role_invalid'],
  'a default role that administers Latchkey': [
    nobody,
    {},
    { defaultRole: 'latchkey-administrator' },
    'default_role_invalid',
  ],
}
for (const [whom, [state, attributes, given, code]] of Object.entries(refusals)) {
  test(`planProvisioning() refuses ${whom}`, () => {
    assert.throws(() => plan(state, attributes, given), { name: 'LatchkeyError', code })
  })
}

test('planProvisioning() needs no account creation for an account that exists, and no default role where another arrives', () => {
  assert.equal(plan(known, jo, { ...settings, jitProvisioning: false }).kind, 'update')
  assert.equal(plan(nobody, jo, { ...settings, defaultRole: 'missing' }).kind, 'create')
  assert.ok(known.account)
  assert.equal(plan({ ...known, usernameHolder: { accountId: known.account.id } }, jo, settings).changes, false)
})

test('planProvisioning() is pure: it changes neither state nor subject', () => {
  const freeze = <T>(value: T): T => {
    if (typeof value === 'object' && value !== null && !(value instanceof Date))
      Object.values(Object.freeze(value)).forEach(freeze)
    return value
  }
  const state = freeze(structuredClone(known))
  const subject = freeze(subjectOf({ uid: 'x', role: ['auditor'], groups: ['New'] }, settings))
  const decide = () => planProvisioning(state, subject, { connection: connection(settings), now, newId: countingIds() })
  assert.deepEqual(decide(), decide())
  assert.equal(roles.length, 5)
})
