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
