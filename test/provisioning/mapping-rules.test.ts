import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ConnectionSettingsInput } from '../../src/directory/connection.ts'
import { mapSubject } from '../../src/provisioning/map-subject.ts'
import { applied, assertionOf, connection, grant, nobody, plan, shownGrants, subjectOf, valuesOf } from './fixtures.ts'

const overage = { 'http://schemas.microsoft.com/claims/groups.link': 'https://graph.example/' }
const microsoftGroups = 'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups'

test('demand 12: rules read attributes, NameID, AuthnContext, constants and expressions, and change what they read', () => {
  const attributeMapping: ConnectionSettingsInput['attributeMapping'] = {
    uid: { name: 'login', attributes: ['mail'], transforms: ['lowercase', { capture: '^([^@]+)@' }] },
    cn: { attributes: ['givenName', 'sn'], transforms: [{ join: ' ' }] },
    displayName: { name: 'full name', expression: 'attributes.first("givenName") + " " + attributes.first("sn")' },
    title: { attributes: ['title'], transforms: [{ lookup: { ML: 'Team Lead' }, otherwise: 'Staff' }] },
    organization: { constant: 'Company A' },
    badge: { nameId: true, transforms: [{ replace: '^p-', with: '' }] },
    strength: { authnContext: true },
    skills: { attributes: ['skills'], transforms: [{ split: ',' }, 'uppercase'] },
    hired: { attributes: ['hired'], transforms: [{ date: 'epoch-seconds' }] },
    language: { attributes: ['language'], transforms: [{ default: 'en' }] },
  }
  const assertion = assertionOf({
    mail: 'Jo.Doe@A.example',
    givenName: 'Jo',
    sn: 'Doe',
    title: 'XX',
    skills: 'saml, sql',
    hired: '1801418400',
  })
  const authenticated = { ...assertion, authnContextClassRef: 'urn:mfa' }
  const { fields, username } = mapSubject(authenticated, connection({ attributeMapping }))
  const own = Object.entries(fields).filter(([field]) => field in attributeMapping)
  assert.deepEqual(Object.fromEntries(own), {
    uid: { values: ['jo.doe'], rule: 'login' },
    cn: { values: ['Jo'], rule: 'givenName' },
    displayName: { values: ['Jo Doe'], rule: 'full name' },
    title: { values: ['Staff'], rule: 'title' },
    organization: { values: ['Company A'], rule: 'constant' },
    badge: { values: ['4711'], rule: 'nameId' },
    strength: { values: ['urn:mfa'], rule: 'authnContext' },
    skills: { values: ['SAML', 'SQL'], rule: 'skills' },
    hired: { values: ['2027-01-31T18:00:00.000Z'], rule: 'hired' },
    language: { values: ['en'], rule: 'default' },
  })
  assert.equal(username, 'jo.doe')
})

test('demand 12: of several rules the first that gives a value wins, and when passes one over', () => {
  const attributeMapping: ConnectionSettingsInput['attributeMapping'] = {
    title: [
      { name: 'contractor', constant: 'Contractor', when: 'attributes.first("type") == "external"' },
      { name: 'from HR', attributes: ['hrTitle'] },
      { name: 'nobody said', constant: 'Staff' },
    ],
  }
  const titleOf = (attributes: Record<string, string>) => subjectOf(attributes, { attributeMapping }).fields.title
  assert.deepEqual(titleOf({ type: 'external', hrTitle: 'Lead' }), { values: ['Contractor'], rule: 'contractor' })
  assert.deepEqual(titleOf({ type: 'internal', hrTitle: 'Lead' }), { values: ['Lead'], rule: 'from HR' })
  assert.deepEqual(titleOf({}), { values: ['Staff'], rule: 'nobody said' })
})

const faults = {
  missing: { arriving: {}, code: 'attribute_missing', setting: 'onMissing' },
  empty: { arriving: { badge: ' ' }, code: 'attribute_missing', setting: 'onEmpty' },
  repeated: { arriving: { badge: ['1', '2'] }, code: 'attribute_invalid', setting: 'onRepeated' },
  malformed: { arriving: { badge: 'x' }, code: 'attribute_invalid', setting: 'onMalformed' },
} as const
for (const [fault, { arriving, code, setting }] of Object.entries(faults)) {
  const settings = (behaviour?: 'keep' | 'clear' | 'reject'): ConnectionSettingsInput => ({
    attributeMapping: {
      badge: {
        name: 'the badge',
        attributes: ['badge'],
        single: true,
        transforms: [{ capture: '^\\d+$' }],
        ...(behaviour === undefined ? {} : { [setting]: behaviour }),
      },
    },
  })
  const before = applied(nobody, plan(nobody, { badge: '4711', title: 'A' }, settings()))

  test(`demand 3: a ${fault} attribute that keeps does not erase data`, () => {
    const next = plan(before, { ...arriving, title: 'A' }, settings('keep'))
    assert.deepEqual(next.after.fields.badge?.values, ['4711'])
    assert.deepEqual([next.writes.fields, next.changes], [{}, false])
  })

  test(`demand 3: a ${fault} attribute that clears removes the field, once`, () => {
    const next = plan(before, { ...arriving, title: 'A' }, settings('clear'))
    assert.equal(next.after.fields.badge, undefined)
    assert.deepEqual(next.writes.fields, { badge: null })
    assert.deepEqual(next.writes.auditEvents[0]?.detail, { fields: ['badge'] })
    assert.equal(plan(applied(before, next), { ...arriving, title: 'A' }, settings('clear')).changes, false)
  })

  test(`demand 3: a ${fault} attribute that clears does not touch what another source wrote`, () => {
    const account = before.account
    assert.ok(account?.fields.badge)
    const byHand = {
      ...before,
      account: { ...account, fields: { badge: { ...account.fields.badge, source: 'manual' } } },
    } as const
    const next = plan(byHand, arriving, settings('clear'))
    assert.deepEqual(next.after.fields.badge?.values, ['4711'])
    assert.deepEqual(next.writes.fields, {})
  })

  test(`demand 3: a ${fault} attribute that rejects refuses the sign-in with ${code}`, () => {
    assert.throws(() => plan(before, arriving, settings('reject')), { code })
  })

  const byDefault = fault === 'malformed' ? 'refuses the sign-in' : 'keeps what the account has'
  test(`demand 3: a ${fault} attribute ${byDefault}, unless the rule says otherwise`, () => {
    const next = () => plan(before, arriving, settings())
    if (fault === 'malformed') assert.throws(next, { code })
    else assert.deepEqual(next().after.fields.badge?.values, ['4711'])
  })
}

test('demand 3: a value that cannot be kept safely is malformed too', () => {
  const settings = (onMalformed: 'keep' | 'clear') => ({
    attributeMapping: { title: { attributes: ['title'], onMalformed } },
  })
  assert.deepEqual(valuesOf(subjectOf({ title: 'a\u0007' }, settings('keep')).fields), {})
  assert.deepEqual(valuesOf(subjectOf({ title: 'a\u0007' }, settings('clear')).fields), { title: [] })
  assert.deepEqual(subjectOf({ title: 'a\u0007' }, settings('keep')).setAside, [
    { subject: 'field', value: 'title', reason: 'malformed: wanted no control characters' },
  ])
})

const roleRules: ConnectionSettingsInput['roleRules'] = [
  { name: 'leads', field: 'title', transforms: [{ only: '(?i).*lead.*' }], grant: 'manager' },
  { name: 'audit group', groups: true, transforms: [{ only: ['internal-audit'] }], grant: ['auditor'] },
  { name: 'partners', when: 'fields.first("organization") != "Company A"', grant: 'guest' },
  {
    name: 'app groups',
    attributes: ['memberOf'],
    transforms: ['commonName', 'lowercase', { only: 'benefits-.*' }, { replace: '^benefits-', with: '' }],
  },
]
const grantableRoles = ['manager', 'auditor', 'guest']
const rules = { roleRules, grantableRoles }

test('demand 12: roles come from fields, groups, conditions and DN-shaped groups, each with its rule', () => {
  const next = plan(
    nobody,
    {
      title: 'Team Lead',
      organization: 'Company A',
      groups: ['internal-audit', 'staff'],
      memberOf: ['CN=Benefits-Guest,OU=x', 'not a name', 'CN=Benefits-Owner,OU=x', 'CN=Other,OU=x'],
    },
    rules,
  )
  assert.deepEqual(
    shownGrants(next.after.grants).filter((text) => text.startsWith('role')),
    ['role auditor (audit group)', 'role guest (app groups)', 'role manager (leads)'],
  )
  assert.deepEqual(next.notes, [
    {
      subject: 'role',
      value: 'app groups',
      reason: 'malformed: wanted a distinguished name with a CN',
    },
    { subject: 'role', value: 'owner', reason: 'no such role in the organization' },
  ])
})

test('demand 1: what a rule granted goes when it no longer holds, and when the rule itself is gone', () => {
  const arriving = { title: 'Team Lead', organization: 'Company A' }
  const before = applied(nobody, plan(nobody, arriving, rules))
  assert.deepEqual(shownGrants(before.grants), ['role manager (leads)'])
  const promoted = plan(before, { ...arriving, title: 'Director' }, rules)
  assert.deepEqual(shownGrants(promoted.after.grants), ['role agent (default-role)'])
  const without = plan(before, arriving, { ...rules, roleRules: [] })
  assert.deepEqual(shownGrants(without.after.grants), ['role agent (default-role)'])
  const switchedOff = plan(before, arriving, { ...rules, idpManagedRoles: false })
  assert.deepEqual(shownGrants(switchedOff.after.grants), ['role agent (default-role)'])
})

test('demand 2: rules take back nothing that somebody else granted', () => {
  const before = applied(nobody, plan(nobody, { title: 'Team Lead', organization: 'Company A' }, rules))
  const byHand = {
    ...before,
    grants: [...before.grants, grant('role', 'manager', 'manual'), grant('group', 'g', 'file')],
  }
  const next = plan(byHand, { title: 'Director', organization: 'Company A' }, rules)
  assert.deepEqual(shownGrants(next.after.grants), [
    'group g (file)',
    'role agent (default-role)',
    'role manager (manual)',
  ])
})

test('demand 23: with too many groups to send, what rules granted by group stays, and what they grant otherwise is decided', () => {
  const settings = {
    grantableRoles,
    roleRules: [
      { name: 'audit', groups: true as const, transforms: [{ only: ['internal-audit'] }], grant: 'auditor' },
      { name: 'expression', expression: '"internal-audit" in groups ? ["guest"] : []' },
      { name: 'leads', field: 'title', transforms: [{ only: ['Lead'] }], grant: 'manager' },
    ],
  }
  const before = applied(nobody, plan(nobody, { [microsoftGroups]: ['internal-audit'], title: 'Lead' }, settings))
  const all = [
    'group internal-audit (assertion-group)',
    'role auditor (audit)',
    'role guest (expression)',
    'role manager (leads)',
  ]
  assert.deepEqual(shownGrants(before.grants), all)
  const next = plan(before, { ...overage, title: 'Clerk' }, settings)
  assert.deepEqual(shownGrants(next.after.grants), all.slice(0, 3))
  assert.deepEqual(shownGrants(plan(before, { title: 'Clerk' }, settings).after.grants), ['role agent (default-role)'])
})

test('demand 23: with too many groups to send, a field that is read from them is not cleared', () => {
  const attributeMapping = { teams: { attributes: [microsoftGroups], onMissing: 'clear' as const } }
  assert.deepEqual(valuesOf(subjectOf(overage, { attributeMapping }).fields), {})
  assert.deepEqual(valuesOf(subjectOf({}, { attributeMapping }).fields), { teams: [] })
  assert.equal(
    subjectOf(overage, { groupAttributes: [], groupRules: [{ name: 'g', attributes: [microsoftGroups] }] }).groups,
    'unknown',
  )
})

test('groups come from rules, with the prefix of the connection and as far as they may be given', () => {
  const settings: ConnectionSettingsInput = {
    groupAttributes: ['groups'],
    groupRules: [{ name: 'dn', attributes: ['memberOf'], transforms: ['commonName'] }],
    groupPrefix: 'a/',
    grantableGroups: ['a/app-*', 'a/staff'],
  }
  const subject = subjectOf({ groups: ['staff', 'all'], memberOf: ['CN=app-x,OU=y', 'CN=admins,OU=y'] }, settings)
  assert.deepEqual(subject.groups, ['a/staff', 'a/app-x'])
  assert.deepEqual(subject.madeBy.group, { 'a/app-x': 'dn' })
  assert.deepEqual(
    subject.setAside.map(({ value, reason }) => `${value} ${reason}`),
    ['a/all not among the grantable groups', 'a/admins not among the grantable groups'],
  )
})

test('a prefix stands before roles that arrive, not before those that a rule names', () => {
  const settings: ConnectionSettingsInput = {
    rolePrefix: 'a-',
    grantableRoles: ['manager'],
    roleRules: [
      { name: 'fixed', field: 'title', grant: 'manager' },
      { name: 'values', field: 'title', transforms: ['lowercase'] },
    ],
  }
  assert.deepEqual(subjectOf({ role: 'x', title: 'Lead' }, settings).roles, ['a-x', 'manager', 'a-lead'])
})

test('a rule never grants a role that administers Latchkey, nor one that is not grantable', () => {
  const settings: ConnectionSettingsInput = {
    grantableRoles: ['latchkey-administrator', 'manager'],
    roleRules: [{ name: 'all', attributes: ['r'] }],
  }
  const next = plan(nobody, { r: ['latchkey-administrator', 'auditor', 'manager'] }, settings)
  assert.deepEqual(shownGrants(next.after.grants), ['role manager (all)'])
  assert.deepEqual(
    next.notes.map(({ value }) => value),
    ['latchkey-administrator', 'auditor'],
  )
})

test('a rule for roles that is strict refuses what it cannot use', () => {
  const roleRules = [
    { name: 'dn', attributes: ['memberOf'], transforms: ['commonName' as const], onMalformed: 'reject' as const },
  ]
  assert.throws(() => subjectOf({ memberOf: 'x' }, { roleRules }), {
    code: 'attribute_invalid',
    detail: { check: 'rule dn', wanted: 'a distinguished name with a CN', arrived: 'another', at: 'memberOf' },
  })
})

test('the order of attributes and of groups does not matter', () => {
  const name = fc.constantFrom('title', 'mail', 'groups', 'memberOf', 'role', 'organization', 'other')
  const value = fc.constantFrom('Team Lead', 'CN=benefits-guest,OU=x', 'internal-audit', 'manager', 'jo@a.example', ' ')
  const attributes = fc.uniqueArray(fc.record({ name, values: fc.uniqueArray(value) }), { selector: (one) => one.name })
  const settings: ConnectionSettingsInput = { ...rules, groupPrefix: 'a/' }
  const grantsOf = (given: readonly { name: string; values: readonly string[] }[]) =>
    [...plan(nobody, given, settings).after.grants].map(({ kind, name: held }) => `${kind} ${held}`).sort()
  fc.assert(
    fc.property(attributes, fc.infiniteStream(fc.nat()), (given, numbers) => {
      const shuffled = <A>(list: readonly A[]) => {
        const keyed = list.map((item) => [numbers.next().value ?? 0, item] as const)
        return keyed.sort(([a], [b]) => a - b).map(([, item]) => item)
      }
      const other = shuffled(given).map((one) => ({ ...one, values: shuffled(one.values) }))
      assert.deepEqual(grantsOf(other), grantsOf(given))
    }),
  )
})

test('applying what rules plan twice changes nothing', () => {
  const value = fc.constantFrom('Team Lead', 'Clerk', 'CN=benefits-guest,OU=x', 'internal-audit', '4711', 'x', '')
  const attributes = fc.dictionary(
    fc.constantFrom('title', 'groups', 'memberOf', 'badge', 'organization'),
    fc.array(value),
  )
  const settings: ConnectionSettingsInput = {
    ...rules,
    attributeMapping: {
      badge: { attributes: ['badge'], single: true, onMissing: 'clear', onEmpty: 'clear', onRepeated: 'clear' },
    },
  }
  fc.assert(
    fc.property(attributes, attributes, (first, second) => {
      const before = applied(nobody, plan(nobody, first, settings))
      const after = applied(before, plan(before, second, settings))
      assert.equal(plan(after, second, settings).changes, false)
    }),
  )
})
