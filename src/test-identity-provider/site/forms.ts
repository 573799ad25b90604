import { LatchkeyError } from '../../errors.ts'
import type { PersonChanges } from '../people.ts'
import type { ProviderSettings } from '../state.ts'

/** Reads what the pages submit. A field that does not arrive changes nothing. */
export type Submitted = Readonly<Record<string, string | undefined>>

export function submittedFields(body: unknown): Submitted {
  const entries = Object.entries((body ?? {}) as Record<string, unknown>)
  return Object.fromEntries(entries.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])))
}

const single = ['title', 'department', 'organization', 'displayName', 'mail', 'telephoneNumber'] as const

/** Throws `input_invalid` when a value is too long or no time where one is wanted. */
export function readPersonChanges(form: Submitted): PersonChanges {
  const texts = single.flatMap((name) => (form[name] === undefined ? [] : [[name, clean(name, form[name])]]))
  return {
    ...Object.fromEntries(texts),
    ...(form.roles === undefined ? {} : { roles: list(clean('roles', form.roles), ',') }),
    ...(form.groups === undefined ? {} : { groups: list(form.groups, '\n').map((group) => clean('groups', group)) }),
    ...(form.accountExpiryTime === undefined ? {} : { accountExpiryTime: expiry(form.accountExpiryTime) }),
  }
}

const allowed = {
  sign: ['assertion', 'response', 'both'],
  binding: ['as-asked', 'artifact'],
  encrypt: ['never', 'always'],
} as const satisfies { readonly [name in keyof ProviderSettings]: readonly ProviderSettings[name][] }

/** Throws `input_invalid` for a value that a switch does not have. */
export function readSettings(form: Submitted): Partial<ProviderSettings> {
  return {
    ...readSwitch(form, 'sign'),
    ...readSwitch(form, 'binding'),
    ...readSwitch(form, 'encrypt'),
  }
}

function readSwitch(form: Submitted, name: keyof ProviderSettings): Partial<ProviderSettings> {
  const value = form[name]
  const values: readonly string[] = allowed[name]
  if (value === undefined) return {}
  if (values.includes(value)) return { [name]: value }
  throw new LatchkeyError('input_invalid', { check: name, wanted: `one of ${values.join(', ')}` })
}

function clean(name: string, text: string): string {
  if (text.length <= 500 && !/\p{Cc}/u.test(text)) return text.trim()
  throw new LatchkeyError('input_invalid', { check: name, wanted: 'one line of at most 500 characters' })
}

function list(text: string, separator: string): readonly string[] {
  return text
    .split(separator)
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function expiry(text: string): string {
  const time = clean('accountExpiryTime', text)
  if (time === '' || !Number.isNaN(Date.parse(time))) return time
  throw new LatchkeyError('input_invalid', { check: 'Access ends', wanted: 'a time such as 2030-01-31T12:00:00Z' })
}
