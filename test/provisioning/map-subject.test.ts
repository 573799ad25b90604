import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConnectionSettingsInput } from '../../src/directory/connection.ts'
import { consultModule } from '../../src/provisioning/consult-module.ts'
import { mapSubject } from '../../src/provisioning/map-subject.ts'
import type { NameId } from '../../src/saml/verified-assertion.ts'
import { type Attributes, assertionOf, connection, formats, subjectOf, valuesOf } from './fixtures.ts'

const claim = (name: string) => `http://schemas.xmlsoap.org/ws/2005/05/identity/claims/${name}`

test('mapSubject() reads every standard field from its short name', () => {
  const attributes = {
    uid: 'jdoe',
    cn: 'Jo Doe',
    sn: 'Doe',
    givenName: 'Jo',
    displayName: 'Jo D.',
    mail: 'jo@company-a.example',
    telephoneNumber: '+49 30 1234',
    title: 'Manager',
    role: 'manager',
    organization: 'Company A',
    department: 'Sales',
    employeeNumber: '4711',
  }
  const subject = subjectOf(attributes)
  const wanted = Object.fromEntries(Object.entries(attributes).map(([field, value]) => [field, [value]]))
  assert.deepEqual(valuesOf(subject.fields), wanted)
  assert.deepEqual(subject.roles, ['manager'])
  assert.equal(subject.username, 'jdoe')
})

test('mapSubject() reads the standard fields from OIDs and from WS-Federation claims', () => {
  const oids = subjectOf({
    'urn:oid:0.9.2342.19200300.100.1.1': 'jdoe',
    'urn:oid:2.5.4.3': 'Jo Doe',
    'urn:oid:2.5.4.4': 'Doe',
    'urn:oid:2.5.4.42': 'Jo',
    'urn:oid:2.16.840.1.113730.3.1.241': 'Jo D.',
    'urn:oid:0.9.2342.19200300.100.1.3': 'jo@company-a.example',
    'urn:oid:2.5.4.20': '+49',
    'urn:oid:2.5.4.12': 'Manager',
    'urn:oid:2.5.4.10': 'Company A',
    'urn:oid:2.5.4.11': 'Sales',
    'urn:oid:2.16.840.1.113730.3.1.3': '4711',
  })
  assert.deepEqual(Object.keys(oids.fields).sort(), [
    'cn',
    'department',
    'displayName',
    'employeeNumber',
    'givenName',
    'mail',
    'organization',
    'sn',
    'telephoneNumber',
    'title',
    'uid',
  ])
  const entra = subjectOf({
    [claim('givenname')]: 'Jo',
    [claim('surname')]: 'Doe',
    [claim('emailaddress')]: 'jo@company-a.example',
    [claim('name')]: 'jo@company-a.example',
    [claim('upn')]: 'jo@company-a.example',
    'http://schemas.microsoft.com/identity/claims/displayname': 'Jo Doe',
    'http://schemas.microsoft.com/ws/2008/06/identity/claims/role': ['manager', 'auditor'],
    'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups': ['g-1', 'g-2'],
  })
  assert.deepEqual(Object.keys(entra.fields).sort(), ['cn', 'displayName', 'givenName', 'mail', 'role', 'sn', 'uid'])
  assert.deepEqual(entra.roles, ['manager', 'auditor'])
  assert.deepEqual(entra.groups, ['g-1', 'g-2'])
})

test('mapSubject() matches the FriendlyName too, and a Name before a FriendlyName', () => {
  const byFriendlyName = subjectOf([{ name: 'urn:x:1', friendlyName: 'mail', values: ['jo@a.example'] }])
  assert.deepEqual(byFriendlyName.fields.mail, { values: ['jo@a.example'], rule: 'mail' })
  const both = subjectOf([
    { name: 'urn:x:1', friendlyName: 'mail', values: ['friendly@a.example'] },
    { name: 'mail', values: ['named@a.example'] },
  ])
  assert.deepEqual(both.fields.mail?.values, ['named@a.example'])
})

test('mapSubject() keeps several values, without white space around them, and leaves out what is empty', () => {
  const subject = subjectOf([
    { name: 'telephoneNumber', values: ['1', '', ' 2 ', '   '] },
    { name: 'telephoneNumber', values: ['3'] },
    { name: 'title', values: ['', ' '] },
    { name: 'department', values: [] },
  ])
  assert.deepEqual(valuesOf(subject.fields), { telephoneNumber: ['1', '2', '3'] })
})

test('mapSubject() lets the first attribute that arrives with a value win', () => {
  const mapping = { attributeMapping: { badge: { attributes: ['badgeNew', 'badgeOld'] } } }
  assert.deepEqual(subjectOf({ badgeOld: 'old', badgeNew: 'new' }, mapping).fields.badge, {
    values: ['new'],
    rule: 'badgeNew',
  })
  assert.equal(subjectOf({ badgeOld: 'old', badgeNew: '' }, mapping).fields.badge?.rule, 'badgeOld')
})

test('mapSubject() takes the settings for the fields they name, and the usual names for the others', () => {
  const attributeMapping = {
    title: { attributes: ['position'] },
    department: false as const,
    constructor: { attributes: ['c'] },
  }
  const subject = subjectOf({ title: 'A', position: 'B', department: 'C', sn: 'Doe' }, { attributeMapping })
  assert.deepEqual(valuesOf(subject.fields), { title: ['B'], sn: ['Doe'] })
})

test('mapSubject() reads no roles, groups or end from an empty list of attributes', () => {
  const nothing = { roleAttributes: [], groupAttributes: [], expiryAttributes: [] }
  const subject = subjectOf({ role: 'manager', groups: 'g', 'account-expiry-time': 'never' }, nothing)
  assert.deepEqual([subject.roles, subject.groups, subject.accountExpiresAt], [[], [], undefined])
})

test('mapSubject() keeps role and group names in order, trimmed, each once', () => {
  const subject = subjectOf({ role: ['b', ' a ', 'b'], roles: ['c', 'a'], groups: ['x, y', 'cn=z', 'x, y'] })
  assert.deepEqual(subject.roles, ['b', 'a', 'c'])
  assert.deepEqual(subject.groups, ['x, y', 'cn=z'])
})

test('mapSubject() knows too many groups from none', () => {
  const overage = { 'http://schemas.microsoft.com/claims/groups.link': 'https://graph.example/' }
  assert.equal(subjectOf(overage).groups, 'unknown')
  assert.deepEqual(subjectOf({}).groups, [])
  assert.deepEqual(subjectOf({ ...overage, groups: 'g' }).groups, ['g'])
})

test('mapSubject() names what is missing, what arrived, and a name that differs only in case', () => {
  const attributeMapping = { badge: { attributes: ['badge', 'urn:badge'], required: true } }
  const attributes = [
    { name: 'Badge', values: ['1'] },
    { name: 'urn:x', friendlyName: 'mail', values: ['jo@a.example'] },
  ]
  assert.throws(() => subjectOf(attributes, { attributeMapping }), {
    code: 'attribute_missing',
    detail: {
      check: 'mandatory field badge',
      wanted: 'badge or urn:badge',
      arrived: 'none of them',
      advice: 'Badge did arrive: names are compared with upper and lower case. Write it so in the mapping.',
      arrivedAttributes: ['Badge', 'urn:x (mail)'],
    },
  })
  assert.throws(() => subjectOf({ badge: ' ' }, { attributeMapping }), {
    code: 'attribute_missing',
    detail: {
      check: 'mandatory field badge',
      wanted: 'badge or urn:badge',
      arrived: 'badge without a value',
      arrivedAttributes: ['badge'],
    },
  })
})

const moments = {
  '2027-01-31T18:00:00Z': '2027-01-31T18:00:00.000Z',
  '2027-01-31T18:00:00.5Z': '2027-01-31T18:00:00.500Z',
  '2027-01-31T18:00:00.123456789Z': '2027-01-31T18:00:00.123Z',
  '2027-01-31T18:00:00,25Z': '2027-01-31T18:00:00.250Z',
  '2027-01-31T18:00+01:00': '2027-01-31T17:00:00.000Z',
  '2027-01-31T23:30:00-0530': '2027-02-01T05:00:00.000Z',
  ' 2028-02-29T00:00:00+02 ': '2028-02-28T22:00:00.000Z',
  '9999-12-31T23:59:59.9999999Z': '9999-12-31T23:59:59.999Z',
} as const
for (const [text, wanted] of Object.entries(moments)) {
  test(`mapSubject() reads ${text.trim()} as the end of the account`, () => {
    assert.deepEqual(subjectOf({ 'account-expiry-time': text }).accountExpiresAt, new Date(wanted))
  })
}

const noMoments = [
  'never',
  '2027-01-31',
  '2027-01-31T18:00:00',
  '2027-02-30T00:00:00Z',
  '2027-02-29T00:00:00Z',
  '2027-13-01T00:00:00Z',
  '2027-01-31T24:00:00Z',
  '2027-01-31T18:60:00Z',
  '2027-01-31T18:00:60Z',
  '2027-01-31T18:00:00+24:00',
  '2027-01-31T18:00:00+01:60',
  '2027-01-31 18:00:00Z',
  '20270131T180000Z',
  '133800000000000000',
  '2027-01-31T18:00:00z',
  '9999-12-31T23:59:59-14:00',
  '+02027-01-31T18:00:00Z',
  '2027-01-31T18:00:00Z2027-01-31T18:00:00Z',
]
for (const text of noMoments) {
  test(`mapSubject() refuses ${text} as the end of the account`, () => {
    assert.throws(() => subjectOf({ 'account-expiry-time': text }), { code: 'attribute_invalid' })
  })
}

test('mapSubject() refuses two ends of an account, not the same end twice', () => {
  const one = '2027-01-31T18:00:00Z'
  assert.ok(subjectOf({ 'account-expiry-time': [one, one] }).accountExpiresAt)
  assert.throws(() => subjectOf({ 'account-expiry-time': [one, '2028-01-31T18:00:00Z'] }), {
    code: 'attribute_invalid',
  })
})

const bad: Readonly<Record<string, Attributes>> = {
  'a line break in a field': { title: 'A\nB' },
  'a null byte in a field': { sn: 'a\u0000' },
  'a C1 control character': { sn: 'a\u0085b' },
  'a line separator': { sn: 'a\u2028b' },
  'a lone surrogate': { sn: 'a\ud800b' },
  'a control character in a role': { role: 'a\tb' },
  'a control character in a group': { groups: ['fine', 'a\r\nX-Header: b'] },
  'a value that is too long': { title: 'x'.repeat(4097) },
  'a value that is too long in bytes': { title: '漢'.repeat(1400) },
  'a group name that is too long': { groups: 'x'.repeat(1025) },
  'too many values': { telephoneNumber: Array.from({ length: 101 }, (_, index) => `${index}`) },
  'too many groups': { groups: Array.from({ length: 2001 }, (_, index) => `${index}`) },
  'a user name that is too long': { uid: 'x'.repeat(513) },
}
for (const [what, attributes] of Object.entries(bad)) {
  test(`mapSubject() refuses ${what}`, () => {
    assert.throws(() => subjectOf(attributes), { code: 'attribute_invalid' })
  })
}

test('mapSubject() shortens long names for refusals and never within a character', () => {
  const long = `${'x'.repeat(255)}😀😀`
  assert.deepEqual(subjectOf({ [long]: '1' }).arrivedAttributes, ['x'.repeat(255)])
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`a${index}`, '1']))
  assert.equal(subjectOf(many).arrivedAttributes.length, 200)
})

test('mapSubject() does not repeat a bad value, and looks only at what is mapped', () => {
  assert.throws(() => subjectOf({ title: 'secret\u0007' }), {
    detail: { check: 'field title', wanted: 'no control characters', arrived: 'U+0007 at position 7', at: 'title' },
  })
  assert.ok(subjectOf({ unmapped: 'a\nb', title: 'x'.repeat(4096) }))
})

const usernames: [string, string, Attributes, Partial<NameId> | null, ConnectionSettingsInput?][] = [
  ['uid', 'jdoe', { uid: [' jdoe ', 'other'], mail: 'jo@a.example' }, { value: 'x', format: formats.unspecified }],
  [
    'an e-mail NameID',
    'Jo@a.example',
    { mail: 'm@a.example' },
    { value: 'Jo@a.example', format: formats.emailAddress },
  ],
  ['an unspecified NameID', 'jo', { mail: 'm@a.example' }, { value: ' jo ', format: formats.unspecified }],
  ['mail, when the NameID is opaque', 'm@a.example', { mail: 'm@a.example' }, {}],
  ['the opaque NameID, when nothing else is there', 'p-4711', {}, {}],
  [
    'the key attribute rather than a transient NameID',
    '4711',
    { employeeNumber: '4711' },
    { value: '_t', format: formats.transient },
    { subjectKey: { attribute: 'employeeNumber' } },
  ],
]
const usernameOfNothing: ConnectionSettingsInput = { attributeMapping: { uid: { constant: ' ' } } }
usernames.push([
  'mail, when the rule for uid gives a blank',
  'm@a.example',
  { mail: 'm@a.example' },
  {},
  usernameOfNothing,
])

test('what a mapping module gives without anything in it says nothing, and only an empty list clears', async () => {
  const settings = { mappingModule: 'hr' }
  const given = [
    ['mail', ['']],
    ['title', [' ', 'Lead']],
    ['sn', []],
  ] as const
  const modules = { names: ['hr'], ask: async () => ({ fields: given, groups: [], roles: [] }) }
  const assertion = assertionOf({ mail: 'jo@a.example', sn: 'Doe' })
  const answer = await consultModule(assertion, connection(settings), modules)
  const { fields, username } = mapSubject(assertion, connection(settings), answer)
  assert.deepEqual(valuesOf(fields), { mail: ['jo@a.example'], title: ['Lead'], sn: [] })
  assert.equal(username, 'jo@a.example')
})

for (const [what, wanted, attributes, nameId, settings] of usernames) {
  test(`mapSubject() takes as user name ${what}`, () => {
    assert.equal(subjectOf(attributes, settings, nameId).username, wanted)
  })
}
