import fc from 'fast-check'
import type { Grant } from '../../src/directory/account.ts'
import { type ConnectionSettingsInput, roleSync } from '../../src/directory/connection.ts'
import { updatePolicy } from '../../src/directory/mapping-settings.ts'
import type { SignInState } from '../../src/directory/sign-in.ts'
import { applied, grant, later, nobody, plan } from './fixtures.ts'

/** What stands, what arrives and how a connection is set, for tests of what holds for all of them. */

const someOf = (...names: readonly string[]) => fc.uniqueArray(fc.constantFrom(...names), { maxLength: names.length })
const word = fc.constantFrom('a', 'b', 'Ä', 'x y', '漢')

/** What an assertion may say. */
export const arriving: fc.Arbitrary<Readonly<Record<string, string | string[]>>> = fc.record(
  {
    uid: fc.constantFrom('jdoe', 'JDoe', 'jane'),
    mail: fc.constantFrom('jo@a.example', 'JO@a.example', 'jane@a.example'),
    title: fc.uniqueArray(word, { minLength: 1, maxLength: 3 }),
    department: word,
    role: someOf('manager', 'auditor', 'guest', 'owner', 'latchkey-administrator'),
    groups: someOf('Sales', 'Berlin', 'cn=Ä, b', 'sales'),
  },
  { requiredKeys: [] },
)

export const settingsOf: fc.Arbitrary<ConnectionSettingsInput> = fc.record({
  idpManagedRoles: fc.boolean(),
  roleSync: fc.constantFrom(...roleSync.options),
  fieldUpdates: fc.constantFrom(...updatePolicy.options),
  grantableRoles: someOf('manager', 'auditor', 'guest'),
})

const foreign: fc.Arbitrary<readonly Grant[]> = fc
  .uniqueArray(
    fc.tuple(
      fc.constantFrom<Grant['kind']>('role', 'group'),
      fc.constantFrom('manager', 'guest', 'Sales', 'latchkey-administrator'),
      fc.constantFrom<Grant['source']>('manual', 'file', 'connection:other'),
    ),
    { selector: String, maxLength: 6 },
  )
  .map((grants) => grants.map(([kind, name, by]) => grant(kind, name, by)))

const written = { values: ['by hand'], source: 'manual', rule: 'test', since: later } as const

/** An account after some sign-ins, with grants and a field of others; or nobody. */
export const states: fc.Arbitrary<SignInState> = fc
  .tuple(fc.array(fc.tuple(arriving, settingsOf), { maxLength: 3 }), foreign, fc.boolean())
  .map(([before, grants, isTitleManual]) => {
    const state = before.reduce((reached, [attributes, settings]) => {
      return applied(reached, plan(reached, attributes, settings))
    }, nobody)
    if (state.account === undefined) return state
    const fields = isTitleManual ? { ...state.account.fields, title: written } : state.account.fields
    return { ...state, account: { ...state.account, fields }, grants: [...state.grants, ...grants] }
  })
