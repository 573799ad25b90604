import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { type ConnectionSettingsInput, connectionSettings } from '../../src/directory/connection.ts'
import { organizationDeclarations } from '../../src/directory/organization-declarations.ts'
import { packageRoot } from '../../src/package-root.ts'
import { judgeConditions } from '../../src/provisioning/judge-conditions.ts'
import { mapSubject } from '../../src/provisioning/map-subject.ts'
import { openModules } from '../mapping-modules/module-files.ts'
import { type Attributes, assertionOf, connection, valuesOf } from './fixtures.ts'

// docs/guides/mapping.md says what the code does: settings, what arrives, what it becomes.

interface Example {
  readonly settings: ConnectionSettingsInput
  readonly arrives: Attributes
  readonly becomes: {
    readonly fields?: Readonly<Record<string, readonly string[]>>
    readonly rules?: Readonly<Record<string, string>>
    readonly roles?: Readonly<Record<string, string>>
    readonly groups?: readonly string[]
    readonly expires?: string
    readonly verdict?: 'allow' | 'hold'
  }
}

const guide = readFileSync(new URL('docs/guides/mapping.md', packageRoot), 'utf8')
const pattern = /^```yaml\n(.*?)^```\n```yaml arrives\n(.*?)^```\n```yaml becomes\n(.*?)^```/gms
const examples = [...guide.matchAll(pattern)].map((match): Example => {
  const [settings, arrives, becomes] = match.slice(1).map((text) => parse(text) as unknown)
  return { settings, arrives, becomes } as Example
})

test('every block of the mapping guide is part of an example', () => {
  assert.equal(guide.match(/^```yaml/gm)?.length, examples.length * 3 + 1)
  assert.ok(examples.length >= 4)
})

test('what the mapping guide declares of an organization is a declaration', () => {
  const [, text = ''] = /^```yaml declares\n(.*?)^```/ms.exec(guide) ?? []
  organizationDeclarations.parse(parse(text))
})

test('the module of the mapping guide does what the guide is about', async (t) => {
  const [, source = ''] = /^```js module\n(.*?)^```/ms.exec(guide) ?? []
  const modules = openModules(t, { hr: source })
  const attributes = { grade: ['12'], units: ['berlin'] }
  const nameId = { value: 'hr-4711', format: 'x' }
  const input = { organization: 'a', connection: 'a', nameId, attributes, groupsKnown: true }
  assert.deepEqual(await modules.ask('hr', input), {
    fields: [['employeeNumber', ['4711']]],
    groups: ['unit-berlin'],
    roles: ['manager'],
  })
})

for (const [index, { settings, arrives, becomes }] of examples.entries()) {
  test(`example ${index + 1} of the mapping guide does what it says`, () => {
    const assertion = { ...assertionOf(arrives), authnContextClassRef: 'urn:mfa' }
    const subject = mapSubject(assertion, connection(connectionSettings.parse(settings)))
    if (becomes.fields) assert.deepEqual(valuesOf(subject.fields), becomes.fields)
    for (const [field, rule] of Object.entries(becomes.rules ?? {})) assert.equal(subject.fields[field]?.rule, rule)
    if (becomes.roles) {
      assert.deepEqual(subject.madeBy.role, becomes.roles)
      assert.deepEqual([...subject.roles].sort(), Object.keys(becomes.roles).sort())
    }
    const { verdict } = judgeConditions(subject, connection(connectionSettings.parse(settings)))
    assert.equal(verdict, becomes.verdict ?? 'allow')
    if (becomes.expires) assert.deepEqual(subject.accountExpiresAt, new Date(becomes.expires))
    if (becomes.groups) assert.deepEqual(subject.groups, becomes.groups)
  })
}
