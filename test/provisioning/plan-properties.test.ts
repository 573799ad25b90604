import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Account, Grant } from '../../src/directory/account.ts'
import type { ConnectionSettingsInput } from '../../src/directory/connection.ts'
import { localAccountId } from '../../src/directory/local-administrator.ts'
import type { SignInState } from '../../src/directory/sign-in.ts'
import { type Attributes, applied, later, plan, shownGrants, source } from './fixtures.ts'
import { arriving, settingsOf, states } from './plan-arbitraries.ts'

/** What holds for every plan, whatever stood before, whatever arrives and however the connection is set. */

function always(
  name: string,
  check: (state: SignInState, attributes: Attributes, settings: ConnectionSettingsInput) => void,
) {
  test(name, () => {
    fc.assert(fc.property(states, arriving, settingsOf, check), { numRuns: 500 })
  })
}

always('applying a plan twice changes nothing', (state, attributes, settings) => {
  const afterwards = applied(state, plan(state, attributes, settings))
  const again = plan(afterwards, attributes, { ...settings, at: later })
  assert.equal(again.changes, false)
  assert.deepEqual([again.writes.fields, again.writes.grantsAdded, again.writes.grantsRemoved], [{}, [], []])
  assert.equal(again.writes.username, afterwards.account?.username)
})

always('what is applied is what the plan promised', (state, attributes, settings) => {
  const made = plan(state, attributes, settings)
  const { account, grants } = applied(state, made)
  assert.deepEqual(account?.fields, made.after.fields)
  assert.deepEqual([account?.username, account?.state], [made.after.username, made.after.state])
  assert.deepEqual(shownGrants(grants), shownGrants(made.after.grants))
})

always('demand 2: no plan touches what another source owns', (state, attributes, settings) => {
  const made = plan(state, attributes, settings)
  for (const [field, value] of Object.entries(state.account?.fields ?? {})) {
    if (value.source !== source) assert.deepEqual(made.after.fields[field], value)
  }
  const isAuthoritative = settings.roleSync === 'authoritative' && settings.idpManagedRoles === true
  const mayGo = (of: Pick<Grant, 'kind' | 'name'>) =>
    isAuthoritative && of.kind === 'role' && of.name !== 'latchkey-administrator'
  for (const removed of made.writes.grantsRemoved) assert.ok(removed.source === source || mayGo(removed))
  for (const added of made.writes.grantsAdded) assert.equal(added.source, source)
})

always(
  'no assertion grants a role that administers Latchkey, or one that may not be granted',
  (state, attributes, settings) => {
    const added = plan(state, attributes, settings).writes.grantsAdded.filter(({ kind }) => kind === 'role')
    const allowed = new Set([...(settings.grantableRoles ?? []), 'agent'])
    for (const { name } of added) assert.ok(allowed.has(name), name)
  },
)

always('the order of attributes, values and groups does not matter', (state, attributes, settings) => {
  const turned = Object.fromEntries(
    Object.entries(attributes)
      .reverse()
      .map(([name, values]) => [name, [values].flat().reverse()]),
  )
  const [one, other] = [plan(state, attributes, settings), plan(state, turned, settings)]
  assert.deepEqual(shownGrants(one.after.grants), shownGrants(other.after.grants))
  assert.deepEqual(sortedValues(one.after.fields), sortedValues(other.after.fields))
  assert.equal(one.after.username, other.after.username)
})

function sortedValues(fields: Account['fields']) {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { values, source: by }]) => [name, [[...values].sort(), by]]),
  )
}

always('demand 19: no plan touches a local administrator, whoever arrives', (state, attributes, settings) => {
  const { account, grants } = state.account === undefined ? applied(state, plan(state, attributes, settings)) : state
  assert.ok(account)
  const local = { ...account, id: localAccountId('019a0000-0000-7000-8000-000000000001') }
  const known = { ...state, account: local, grants }
  assert.throws(() => plan(known, attributes, settings), { code: 'account_is_local' })
  const { account: _nobody, ...rest } = state
  const named = { ...local, username: 'jo@a.example' }
  const linkCandidate = { account: named, grants: [], domains: ['a.example'], connections: ['elsewhere'] }
  const unknown = { ...rest, grants: [], usernameHolder: { accountId: local.id }, linkCandidate }
  for (const linking of ['off', 'approval', 'verifiedDomain', 'proof'] as const) {
    assert.throws(() => plan(unknown, attributes, { ...settings, linking }), { code: 'account_conflict' })
  }
})
