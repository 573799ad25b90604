import { LatchkeyError } from '../errors.ts'
import type { CompiledGrantRule } from '../mapping/compile-grant-rule.ts'
import type { Fault } from '../mapping/outcome.ts'
import type { GrantRuleInput } from '../mapping/rule-input.ts'
import { checkValues, findFault, grantNameLimits } from './check-values.ts'
import type { ReceivedAttributes } from './received-attributes.ts'
import type { RuleNames, SetAside } from './subject.ts'

/** Roles or groups as the mapping makes them. */
export interface MappedGrants {
  readonly names: readonly string[]
  /** Names that a rule made, and which. */
  readonly madeBy: RuleNames
  readonly undecidedRules: readonly string[]
  readonly setAside: readonly SetAside[]
}

export interface GrantMapping {
  readonly kind: 'role' | 'group'
  readonly attributes: readonly string[]
  readonly rules: readonly CompiledGrantRule[]
  readonly prefix: string | undefined
  readonly mayGive?: ((name: string) => boolean) | undefined
  /** The groups are unknown: rules that read them cannot be decided. */
  readonly unknownAttributes: readonly string[]
}

/**
 * Names as they arrive in the attributes, then those of the rules in order, each once, in order. A rule's name stands by
 * what only it made. Throws `attribute_invalid`.
 */
export function mapGrants(mapping: GrantMapping, received: ReceivedAttributes, input: GrantRuleInput): MappedGrants {
  const arrived = arrivedNames(mapping, received)
  const { mayGive, rules } = mapping
  if (rules.length === 0 && mayGive === undefined) return { ...nothingMade, names: [...arrived] }
  const madeBy = new Map<string, string>()
  const setAside: SetAside[] = []
  for (const rule of rules) {
    for (const name of runRule(rule, mapping, input, setAside)) {
      if (!arrived.has(name) && !madeBy.has(name)) madeBy.set(name, rule.name)
    }
  }
  const isGiven = (name: string) => mayGive === undefined || mayGive(name)
  const names = [...arrived, ...madeBy.keys()]
  for (const name of names) {
    if (!isGiven(name)) setAside.push({ subject: mapping.kind, value: name, reason: 'not among the grantable groups' })
  }
  return {
    names: names.filter(isGiven),
    madeBy: Object.fromEntries([...madeBy].filter(([name]) => isGiven(name))),
    undecidedRules: undecided(mapping),
    setAside,
  }
}

const nothingMade = { madeBy: {}, undecidedRules: [], setAside: [] } as const

function undecided({ rules, unknownAttributes }: GrantMapping): readonly string[] {
  if (unknownAttributes.length === 0) return []
  return rules.filter((rule) => rule.readsGroups(unknownAttributes)).map(({ name }) => name)
}

function arrivedNames({ attributes, prefix = '' }: GrantMapping, received: ReceivedAttributes): ReadonlySet<string> {
  const names = new Set<string>()
  for (const attribute of attributes) {
    const values = received.find(attribute)
    if (values === undefined) continue
    checkValues(values, grantNameLimits, attribute)
    for (const value of values) names.add(prefix + value.trim())
  }
  return names
}

function runRule(
  rule: CompiledGrantRule,
  { kind, prefix = '' }: GrantMapping,
  input: GrantRuleInput,
  setAside: SetAside[],
): readonly string[] {
  const { names, faults } = rule.run(input)
  const found: Fault[] = [...faults]
  const usable = names
    .map((name) => (rule.isFixed ? '' : prefix) + name.trim())
    .filter((name) => {
      const fault = findFault([name], grantNameLimits)
      if (fault !== undefined) found.push({ kind: 'malformed', at: rule.name, ...fault })
      return fault === undefined
    })
  for (const { wanted, arrived, at } of found) {
    if (rule.isStrict) throw new LatchkeyError('attribute_invalid', { check: `rule ${rule.name}`, wanted, arrived, at })
    setAside.push({ subject: kind, value: rule.name, reason: `malformed: wanted ${wanted}` })
  }
  if (usable.length > grantNameLimits.count) checkValues(usable, grantNameLimits, rule.name)
  return usable
}
