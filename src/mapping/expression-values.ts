import { LatchkeyError } from '../errors.ts'
import type { GrantRuleInput, RuleInput } from './rule-input.ts'

/** Values and characters that expressions read of one assertion; beyond, none is evaluated. */
const mostValues = 2000
const mostCharacters = 300_000

const made = new WeakMap<RuleInput | GrantRuleInput, Readonly<Record<string, unknown>>>()

/**
 * What expressions read of an assertion, by the names of `expression-scope.ts`; made once for each.
 * Throws `attribute_invalid` when there is more of it than can be read in a bounded time.
 */
export function fieldVariables(input: RuleInput): Readonly<Record<string, unknown>> {
  const known = made.get(input)
  if (known !== undefined) return known
  const attributes = input.attributes()
  checkSize(attributes)
  const variables = {
    attributes,
    nameId: input.nameId?.value ?? '',
    nameIdFormat: input.nameId?.format ?? '',
    authnContext: input.authnContext ?? '',
  }
  made.set(input, variables)
  return variables
}

/** The same with what was mapped so far. */
export function grantVariables(input: GrantRuleInput): Readonly<Record<string, unknown>> {
  const known = made.get(input)
  if (known !== undefined) return known
  const { fields, groups } = input
  const groupsKnown = groups !== 'unknown'
  const variables = { ...fieldVariables(input.received), fields, groups: groupsKnown ? groups : [], groupsKnown }
  made.set(input, variables)
  return variables
}

function checkSize(attributes: ReadonlyMap<string, readonly string[]>): void {
  let values = 0
  let characters = 0
  for (const list of attributes.values()) {
    values += list.length
    for (const value of list) characters += value.length
  }
  if (values <= mostValues && characters <= mostCharacters) return
  throw new LatchkeyError('attribute_invalid', {
    check: 'size of what expressions read',
    wanted: `at most ${mostValues} values of ${mostCharacters} characters together`,
    arrived: `${values} values of ${characters} characters`,
  })
}
