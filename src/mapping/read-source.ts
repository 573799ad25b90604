import type { FieldRule, GrantRule } from '../directory/mapping-settings.ts'
import { compileValues, isFault } from './expression.ts'
import { fieldVariables } from './expression-values.ts'
import type { Fault } from './outcome.ts'
import type { RuleInput } from './rule-input.ts'

/** The values a source gives, and what they are called in provenance. */
export interface Found {
  readonly kind: 'found'
  readonly values: readonly string[]
  readonly from: string
}

export type ReadSource = (input: RuleInput) => Found | Fault

type SourceOf = Pick<FieldRule, 'attributes' | 'nameId' | 'authnContext' | 'constant' | 'expression'>

/** How the one source of a rule is read. Throws `input_invalid` at the setting. */
export function compileSource(rule: SourceOf | GrantRule, at: string): ReadSource {
  if (rule.attributes !== undefined) return attributesOf(rule.attributes)
  if (rule.constant !== undefined) return constant([rule.constant].flat())
  if (rule.expression !== undefined) return expressionOf(rule.expression, `${at}.expression`)
  return rule.nameId
    ? oneText('nameId', ({ nameId }) => nameId?.value.trim())
    : oneText('authnContext', ({ authnContext }) => authnContext)
}

/** The first that arrives with a value. */
function attributesOf(names: readonly string[]): ReadSource {
  const wanted = names.join(' or ')
  const missing: Fault = { kind: 'missing', at: wanted, wanted, arrived: 'none of them' }
  return (input) => {
    let empty: string | undefined
    for (const name of names) {
      const values = input.find(name)
      if (values === undefined) continue
      if (values.length > 0) return { kind: 'found', values, from: name }
      empty ??= name
    }
    return empty === undefined ? missing : { kind: 'empty', at: empty, wanted, arrived: `${empty} without a value` }
  }
}

function constant(values: readonly string[]): ReadSource {
  return () => ({ kind: 'found', values, from: 'constant' })
}

function oneText(from: string, read: (input: RuleInput) => string | undefined): ReadSource {
  return (input) => {
    const value = read(input)
    if (value === undefined) return { kind: 'missing', at: from, wanted: from, arrived: 'none' }
    return value === ''
      ? { kind: 'empty', at: from, wanted: from, arrived: 'an empty one' }
      : { kind: 'found', values: [value], from }
  }
}

function expressionOf(source: string, at: string): ReadSource {
  const expression = compileValues(source, 'field', at)
  return (input) => {
    const result = expression.evaluate(fieldVariables(input))
    if (isFault(result)) return { kind: 'malformed', at: 'expression', wanted: result.wanted, arrived: 'others' }
    return foundBy(result)
  }
}

/** An expression that gives nothing but empty texts gives nothing. */
export function foundBy(result: readonly string[]): Found | Fault {
  const values = result.filter((value) => value.trim() !== '')
  return values.length > 0
    ? { kind: 'found', values, from: 'expression' }
    : { kind: 'empty', at: 'expression', wanted: 'a value', arrived: 'none' }
}
