import type { GrantRule } from '../directory/mapping-settings.ts'
import { compileCondition, compileValues, type Expression, isFault } from './expression.ts'
import { grantVariables } from './expression-values.ts'
import { type Fault, isMalformed } from './outcome.ts'
import { compileSource, type Found, foundBy } from './read-source.ts'
import type { GrantRuleInput } from './rule-input.ts'
import { refuseSetting } from './setting-fault.ts'
import { compileTransforms, type Step } from './transforms.ts'
import { withinWorkLimit } from './work-limit.ts'

/** One rule for roles or groups, ready to run on any assertion. */
export interface CompiledGrantRule {
  readonly name: string
  run(input: GrantRuleInput): GrantOutcome
  /** A value it cannot use refuses the sign-in. */
  readonly isStrict: boolean
  readonly attributes: readonly string[]
  /** Reads the groups in one way or another: without them it cannot be decided. */
  readsGroups(groupAttributes: readonly string[]): boolean
  /** Its names are fixed: they stand in the settings and take no prefix. */
  readonly isFixed: boolean
}

export interface GrantOutcome {
  readonly names: readonly string[]
  /** Why values were left out. */
  readonly faults: readonly Fault[]
}

const nothing: GrantOutcome = { names: [], faults: [] }

/** Throws `input_invalid` at the setting. */
export function compileGrantRule(rule: GrantRule, kind: 'role' | 'group', at: string): CompiledGrantRule {
  if (kind === 'group' && rule.groups) {
    refuseSetting({ check: 'source', wanted: 'another source: groups are what the rule makes', arrived: 'groups', at })
  }
  const scope = kind === 'role' ? 'role' : 'grant'
  const when = rule.when === undefined ? undefined : compileCondition(rule.when, scope, `${at}.when`)
  const values = rule.expression === undefined ? undefined : compileValues(rule.expression, scope, `${at}.expression`)
  const read = compileGrantSource(rule, values, at)
  const transform = compileTransforms(rule.transforms ?? [], `${at}.transforms`)
  const fixed = rule.grant === undefined ? undefined : [rule.grant].flat()
  const isGiven = (input: GrantRuleInput) => when?.evaluate(grantVariables(input)) ?? true
  const run = (input: GrantRuleInput): GrantOutcome => {
    const given = isGiven(input)
    if (isFault(given)) return { names: [], faults: [{ kind: 'malformed', at: 'when', ...given, arrived: 'others' }] }
    if (!given) return nothing
    const found = runSteps(read(input), transform)
    return fixed !== undefined && found.names.length > 0 ? { ...found, names: fixed } : found
  }
  return {
    name: rule.name,
    attributes: rule.attributes ?? [],
    isStrict: rule.onMalformed === 'reject',
    isFixed: fixed !== undefined || rule.constant !== undefined,
    readsGroups: (groupAttributes) =>
      rule.groups === true ||
      (rule.attributes ?? []).some((name) => groupAttributes.includes(name)) ||
      [when, values].some((expression) => readsGroups(expression)),
    run: (input) => withinWorkLimit(`work of rule ${rule.name}`, () => run(input)),
  }
}

/** An expression that reads attributes may be after any of them. */
function readsGroups(expression: Expression<unknown> | undefined): boolean {
  return expression !== undefined && (expression.reads.has('groups') || expression.reads.has('attributes'))
}

type ReadGrantSource = (input: GrantRuleInput) => Found | Fault

function compileGrantSource(
  rule: GrantRule,
  values: Expression<readonly string[]> | undefined,
  at: string,
): ReadGrantSource {
  const { field, grant } = rule
  if (field !== undefined) return ({ fields }) => listed(fields.get(field) ?? [], field)
  if (rule.groups) return ({ groups }) => listed(groups === 'unknown' ? [] : groups, 'groups')
  if (values !== undefined) return (input) => evaluated(values, input)
  const hasSource = rule.attributes ?? rule.nameId ?? rule.authnContext ?? rule.constant
  // Without a source, `when` alone decides.
  if (hasSource === undefined) return () => listed([grant ?? []].flat(), 'when')
  const read = compileSource(rule, at)
  return ({ received }) => read(received)
}

function evaluated(values: Expression<readonly string[]>, input: GrantRuleInput): Found | Fault {
  const result = values.evaluate(grantVariables(input))
  if (!isMalformed(result)) return foundBy(result)
  return { kind: 'malformed', at: 'expression', wanted: result.wanted, arrived: 'others' }
}

function listed(values: readonly string[], from: string): Found | Fault {
  if (values.length > 0) return { kind: 'found', values, from }
  return { kind: 'missing', at: from, wanted: from, arrived: 'none' }
}

/** Value by value: one that cannot be used takes no other with it. */
function runSteps(found: Found | Fault, transform: Step): GrantOutcome {
  if (found.kind === 'malformed' || found.kind === 'repeated') return { names: [], faults: [found] }
  const lists = found.kind === 'found' ? found.values.map((value) => [value]) : [[]]
  const names: string[] = []
  const faults: Fault[] = []
  for (const list of lists) {
    const result = transform(list)
    if (!isMalformed(result)) names.push(...result)
    else faults.push({ kind: 'malformed', at: sourceName(found), wanted: result.wanted, arrived: 'another' })
  }
  return { names, faults }
}

function sourceName(found: Found | Fault): string {
  return found.kind === 'found' ? found.from : found.at
}
