import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LatchkeyError } from '../../src/errors.ts'
import { openTestDatabase } from '../support/databases.ts'
import { furnish, openOffice } from './office.ts'

const unusable: readonly {
  readonly settings: Record<string, unknown>
  readonly at: string
  readonly arrived?: RegExp
}[] = [
  {
    settings: { attributeMapping: { title: { expression: 'attributes.first("a") + 1' } } },
    at: 'connection a: settings.attributeMapping.title.expression: position 1',
    arrived: /no such overload: string \+ int/,
  },
  {
    settings: { attributeMapping: { title: [{ constant: 'x' }, { constant: 'y', when: 'grups' }] } },
    at: 'connection a: settings.attributeMapping.title.1.when: position 1',
    arrived: /Unknown variable: grups/,
  },
  {
    settings: { roleRules: [{ name: 'r', attributes: ['a'], transforms: ['trim', { capture: '(' }] }] },
    at: 'connection a: settings.roleRules.0.transforms.1.capture',
    arrived: /missing closing/,
  },
  {
    settings: { groupRules: [{ name: 'r', groups: true }] },
    at: 'connection a: settings.groupRules.0',
  },
  {
    settings: { roleRules: [{ name: 'r', when: 'groupsKnown', grant: 'editor' }], grantableRoles: [] },
    at: 'connection a: settings.roleRules.0.grant',
    arrived: /editor/,
  },
  {
    settings: { attributeMapping: { title: { attributes: ['a'], constant: 'b' } } },
    at: 'settings.attributeMapping.title',
  },
  {
    settings: { conditions: [{ name: 'c', when: 'attributes.first("a") == ""', verdict: 'deny' }] },
    at: 'connection a: settings.conditions.0.when: position 1',
    arrived: /Unknown variable: attributes/,
  },
  {
    settings: { expiryTimeZone: 'Europe/Atlantis' },
    at: 'connection a: settings.expiryTimeZone',
    arrived: /Atlantis/,
  },
  { settings: { expiryFormat: 'rfc-2822' }, at: 'settings.expiryFormat' },
  { settings: { conditions: [{ name: 'c', verdict: 'maybe' }] }, at: 'settings.conditions.0.verdict' },
  {
    settings: { attributeMapping: { title: { attributes: ['a'], required: true, onMissing: 'keep' } } },
    at: 'settings.attributeMapping.title',
  },
  { settings: { grantableGroups: ['a-*', '*-b'] }, at: 'settings.grantableGroups.1' },
  { settings: { attributeMapping: { title: {} } }, at: 'settings.attributeMapping.title' },
  { settings: { roleRules: [{ name: 'default-role', attributes: ['a'] }] }, at: 'settings.roleRules.0' },
  {
    settings: { roleRules: ['a', 'a'].map((name) => ({ name, attributes: ['a'] })) },
    at: 'settings.roleRules',
  },
]

const transforms = (...list: readonly unknown[]) => ({
  attributeMapping: { title: { attributes: ['a'], transforms: list } },
})
const title = 'settings.attributeMapping.title'
const misspelt: readonly (readonly [settings: object, at: string, wanted: RegExp, advice?: string])[] = [
  [{ atributeMapping: {} }, 'settings.atributeMapping', /^one of .*attributeMapping/, 'Did you mean attributeMapping?'],
  [
    { attributeMapping: { title: { attribute: ['a'] } } },
    `${title}.attribute`,
    /^one of name, attributes/,
    'Did you mean attributes?',
  ],
  [
    { attributeMapping: { title: [{ attributes: ['a'], onEmpty: 'Keep' }] } },
    `${title}.0.onEmpty`,
    /^expected one of "keep"/,
  ],
  [{ attributeMapping: { title: { attributes: 'a' } } }, `${title}.attributes`, /^expected array$/],
  [{ attributeMapping: { title: ['a'] } }, `${title}.0`, /^expected object$/],
  [{ attributeMapping: { title: 5 } }, title, /^expected object, or expected array, or expected false$/],
  [{ attributeMapping: { title: { constant: 5 } } }, `${title}.constant`, /^expected string, or expected array$/],
  [
    { attributeMapping: { 'my-title': { constant: 'x' } } },
    'settings.attributeMapping.my-title',
    /name of a field: letters and digits/,
  ],
  [transforms('lowercas'), `${title}.transforms.0`, /"lowercase"/, 'Did you mean lowercase?'],
  [transforms({ splitt: ',' }), `${title}.transforms.0`, /^one of split, join/, 'Did you mean split?'],
  [transforms('trim', { replace: 'a' }), `${title}.transforms.1.with`, /^expected string$/],
  [transforms({ lookup: { a: 1 } }), `${title}.transforms.0.lookup.a`, /^expected string, or expected array$/],
  [transforms({ date: 'iso' }), `${title}.transforms.0.date`, /"iso-8601"/],
  [
    transforms({ date: 'iso-8601', timezone: 'Europe/Berlin' }),
    `${title}.transforms.0.timezone`,
    /timeZone/,
    'Did you mean timeZone?',
  ],
]

test('a mapping that is misspelt is refused at the very place, with what is known there', async (t) => {
  const office = await openOffice(await openTestDatabase('embedded', t))
  await furnish(office)
  const before = await office.contents()
  for (const [settings, at, wanted, advice] of misspelt) {
    const declaration = { organizations: { a: { connections: { a: { settings } } } } }
    await assert.rejects(
      office.run('declaration.apply', { declaration: declaration as never }),
      ({ code, detail }: LatchkeyError) => {
        assert.equal(code, 'input_invalid')
        assert.equal(detail.at, `organizations.a.connections.a.${at}`)
        assert.match(detail.wanted ?? '', wanted)
        assert.equal(detail.advice, advice)
        return true
      },
    )
  }
  assert.equal(await office.contents(), before)
})

test('a mapping that cannot work is refused when it is saved, with its place, and nothing is written', async (t) => {
  const office = await openOffice(await openTestDatabase('embedded', t))
  await furnish(office)
  const [connection] = await office.run('connection.list', {})
  assert.ok(connection)
  const before = await office.contents()
  for (const { settings, at, arrived = /^/ } of unusable) {
    const place = at.replace('connection a', `connection ${connection.id}`)
    const isRefusal = ({ code, detail }: LatchkeyError) => {
      assert.deepEqual([code, detail.at], ['input_invalid', place])
      assert.match(detail.arrived ?? '', arrived)
      return true
    }
    await assert.rejects(office.run('connection.set', { id: connection.id, settings }), isRefusal)
  }
  assert.equal(await office.contents(), before)
})

test('a mapping that works is exported as it was written', async (t) => {
  const office = await openOffice(await openTestDatabase('embedded', t))
  await furnish(office)
  const [connection] = await office.run('connection.list', {})
  assert.ok(connection)
  const settings = {
    attributeMapping: { title: [{ name: 'HR', attributes: ['hr'], transforms: [{ split: ';' }], onMissing: 'clear' }] },
    roleRules: [{ name: 'leads', field: 'title', transforms: [{ only: '.*Lead' }], grant: 'editor' }],
    grantableRoles: ['editor'],
    groupPrefix: 'a/',
  }
  await office.run('connection.set', { id: connection.id, settings })
  const declaration = await office.run('declaration.export', {})
  const exported = declaration.organizations[connection.organizationId]?.connections[connection.id]
  assert.deepEqual(exported?.settings.roleRules, settings.roleRules)
  assert.deepEqual(exported?.settings.attributeMapping, {
    title: [{ ...settings.attributeMapping.title[0], required: false }],
  })
  const { changes } = await office.run('declaration.apply', { declaration })
  assert.deepEqual(changes, [])
})
