import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { allPresets } from '../../src/admin/presets/all-presets.ts'
import { fillDeclaredPresets } from '../../src/admin/presets/fill-declared-presets.ts'
import { fillPreset, findPreset } from '../../src/admin/presets/fill-preset.ts'
import { cliCommands } from '../../src/cli/command-list.ts'
import { findCommand } from '../../src/cli/find-command.ts'
import { parseArguments } from '../../src/cli/parse-arguments.ts'
import { type ConnectionSettings, connectionSettings } from '../../src/directory/connection.ts'
import { errorEntries } from '../../src/errors.ts'
import { packageRoot } from '../../src/package-root.ts'
import { groupsOverageAttribute } from '../../src/provisioning/default-mapping.ts'
import { mapSubject } from '../../src/provisioning/map-subject.ts'
import { assertionOf, connection } from '../provisioning/fixtures.ts'
import { openTestDatabase } from '../support/databases.ts'
import { metadataOf, openOffice } from './office.ts'

const guides = new URL('docs/guides/', packageRoot)
const guideOf = (id: string) => readFileSync(new URL(`${id}.md`, guides), 'utf8')

function settingsOf(id: string): ConnectionSettings {
  return connectionSettings.parse(fillPreset(findPreset(id), {}))
}

for (const preset of allPresets) {
  test(`${preset.product}: what it sends arrives where the preset says`, () => {
    const sends = preset.sends.filter(({ attribute }) => attribute !== groupsOverageAttribute)
    const settings = settingsOf(preset.id)
    const attributes = Object.fromEntries(sends.map(({ attribute }) => [attribute, `value of ${attribute}`]))
    const subject = mapSubject(assertionOf(attributes), { ...connection(), settings })
    for (const { attribute, becomes } of sends) {
      const value = attributes[attribute] ?? ''
      const places = placesIn(becomes)
      assert.notDeepEqual(places, [], becomes)
      for (const place of places) {
        if (place === 'roles' || place === 'groups') assert.deepEqual(subject[place], [value], place)
        else if (place === 'the subject key') assert.ok(subject.subjectKey.includes(value), place)
        else assert.deepEqual(subject.fields[place], { values: [value], rule: attribute }, place)
      }
    }
    if (typeof settings.subjectKey === 'object') assert.ok(settings.subjectKey.attribute in attributes)
  })

  test(`${preset.product}: the guide names the same attributes, its commands are understood, its codes exist`, () => {
    const guide = guideOf(preset.id)
    const rows = [...guide.matchAll(/^\| `([^`]+)` \| (.+) \| ([^|]+) \|$/gm)].map(([, attribute, becomes, when]) => ({
      attribute,
      becomes,
      when,
    }))
    assert.deepEqual(rows, preset.sends)
    const commands = [...guide.matchAll(/^latchkey .*(?:\\\n.*)*$/gm)].map(([command]) =>
      command.replaceAll('\\\n', ' '),
    )
    assert.ok(commands.some((command) => command.includes(`connection add company-a --preset ${preset.id} `)))
    for (const command of commands) assertUnderstood(command)
    for (const [, code = ''] of guide.matchAll(/^\* `([a-z_]+)`:/gm)) assert.ok(code in errorEntries, code)
  })
}

/** `uid, cn and displayName (the e-mail address), when …` → the three. */
function placesIn(becomes: string): readonly string[] {
  if (becomes === 'the subject key') return [becomes]
  const [names = ''] =
    /^[A-Za-z]+(?:(?:, | and )[A-Za-z]+)*(?=$|,| \(|:)/.exec(becomes.replace(/, (?:as|by|when) .*$/, '')) ?? []
  return names.split(/, | and /).filter((name) => name !== '')
}

function assertUnderstood(command: string): void {
  const words = command.match(/'[^']*'|"[^"]*"|\S+/g)?.map((word) => word.replace(/^(['"])(.*)\1$/, '$2')) ?? []
  const found = findCommand(cliCommands, words.slice(1))
  const { given } = parseArguments(found.command, found.rest)
  const { preset, set = [] } = given.flags
  if (typeof preset === 'string') findPreset(preset)
  for (const text of Array.isArray(set) ? set : []) {
    const [name = ''] = String(text).split('=')
    assert.ok(name in connectionSettings.shape, name)
  }
}

test('there is a guide for every preset, and the index names them all', () => {
  const index = readFileSync(new URL('README.md', guides), 'utf8')
  const files = readdirSync(guides).filter((name) => name !== 'README.md')
  for (const name of [...files, ...allPresets.map(({ id }) => `${id}.md`)]) assert.ok(index.includes(`(${name})`), name)
})

test('a preset fills only what is not given: setting by setting, and in the mapping field by field', () => {
  const given = { subjectKey: 'nameId', attributeMapping: { cn: false, title: { attributes: ['job'] } } }
  const filled = connectionSettings.parse(fillPreset(findPreset('entra-id'), given))
  assert.equal(filled.subjectKey, 'nameId')
  assert.deepEqual(Object.keys(filled.attributeMapping ?? {}).sort(), ['cn', 'title', 'uid'])
  assert.equal(filled.attributeMapping?.cn, false)
  assert.deepEqual(fillPreset(findPreset('okta'), { attributeMapping: 7 }).attributeMapping, 7)
})

test('Entra ID: too many groups to send are unknown, never none', () => {
  const settings = settingsOf('entra-id')
  const key = { 'http://schemas.microsoft.com/identity/claims/objectidentifier': '1' }
  const overage = assertionOf({ ...key, [groupsOverageAttribute]: 'https://graph.example/groups' })
  assert.equal(mapSubject(overage, { ...connection(), settings }).groups, 'unknown')
  assert.deepEqual(mapSubject(assertionOf(key), { ...connection(), settings }).groups, [])
})

test('a declaration of another shape is left to the schema', () => {
  for (const odd of [
    null,
    7,
    [],
    { organizations: [] },
    { organizations: { a: { connections: { b: { preset: 7 } } } } },
  ]) {
    assert.deepEqual(fillDeclaredPresets(odd), odd)
  }
})

test('connection add and apply take a preset by its name; what they keep is settings', async (t) => {
  const office = await openOffice(await openTestDatabase('embedded', t))
  await office.run('organization.create', { id: 'company-a' })
  const metadata = { text: metadataOf('https://idp.example') }
  const settings = { grantableRoles: [], subjectKey: 'nameId' }
  const added = await office.run('connection.add', { id: 'added', preset: 'entra-id', metadata, settings })
  assert.equal(added.connection.settings.subjectKey, 'nameId')
  assert.deepEqual(added.connection.settings.attributeMapping, settingsOf('entra-id').attributeMapping)

  const declaration = { organizations: { 'company-a': { connections: { declared: { preset: 'okta', metadata } } } } }
  await office.run('declaration.apply', { declaration })
  const { connection: declared } = await office.run('connection.show', { id: 'declared' })
  assert.deepEqual(declared.settings, JSON.parse(JSON.stringify(settingsOf('okta'))))
  assert.equal((await office.run('declaration.apply', { declaration })).written, false)

  const before = await office.contents()
  const unknown = { code: 'input_invalid', detail: { check: 'preset', arrived: 'okat', advice: 'Did you mean okta?' } }
  const isUnknown = (error: { code?: string; detail?: object }) => {
    assert.equal(error.code, unknown.code)
    for (const [name, value] of Object.entries(unknown.detail))
      assert.equal(Reflect.get(error.detail ?? {}, name), value)
    return true
  }
  await assert.rejects(office.run('connection.add', { id: 'x', preset: 'okat', metadata }), isUnknown)
  const misspelt = { organizations: { 'company-a': { connections: { x: { preset: 'okat', metadata } } } } }
  await assert.rejects(office.run('declaration.apply', { declaration: misspelt }), isUnknown)
  assert.equal(await office.contents(), before)
})
