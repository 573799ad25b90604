import type { Behaviour, FieldRule } from '../directory/mapping-settings.ts'
import { compileCondition, isFault } from './expression.ts'
import { fieldVariables } from './expression-values.ts'
import type { Fault, Outcome } from './outcome.ts'
import { isMalformed } from './outcome.ts'
import { compileSource, type Found } from './read-source.ts'
import type { RuleInput } from './rule-input.ts'
import { compileTransforms, type Step } from './transforms.ts'
import { withinWorkLimit } from './work-limit.ts'

/** One rule for one field, ready to run on any assertion. */
export interface CompiledFieldRule {
  run(input: RuleInput): Outcome
  /** What becomes of the field when the rule gives no value. */
  readonly on: Readonly<Record<Fault['kind'], Behaviour>>
  /** Stands in provenance where no attribute was read. */
  readonly name: string
  readonly attributes: readonly string[]
}

/** Throws `input_invalid` at the setting. */
export function compileFieldRule(rule: FieldRule, at: string): CompiledFieldRule {
  const read = compileSource(rule, at)
  const isWanted = compileWhen(rule.when, at)
  const transform = rule.transforms === undefined ? undefined : compileTransforms(rule.transforms, `${at}.transforms`)
  const isSingle = rule.single === true
  const run = (input: RuleInput): Outcome => {
    const found = read(input)
    const outcome = transform === undefined ? asOutcome(found, rule.name) : transformed(found, transform, rule.name)
    return isSingle ? single(outcome) : outcome
  }
  const name = rule.name ?? rule.attributes?.join(' or ') ?? 'rule'
  return {
    run: (input) => withinWorkLimit(`work of rule ${name}`, () => isWanted?.(input) ?? run(input)),
    on: behaviours(rule),
    name,
    attributes: rule.attributes ?? [],
  }
}

/** Design of what is absent: it keeps. A value nobody can use refuses, unless the rule says otherwise. */
function behaviours(rule: FieldRule): CompiledFieldRule['on'] {
  const absent = rule.required ? 'reject' : 'keep'
  return {
    missing: rule.onMissing ?? absent,
    empty: rule.onEmpty ?? absent,
    repeated: rule.onRepeated ?? 'keep',
    malformed: rule.onMalformed ?? 'reject',
  }
}

/** `undefined`: the rule is to be run. */
function compileWhen(when: string | undefined, at: string): ((input: RuleInput) => Outcome | undefined) | undefined {
  if (when === undefined) return undefined
  const condition = compileCondition(when, 'field', `${at}.when`)
  return (input) => {
    const result = condition.evaluate(fieldVariables(input))
    if (isFault(result)) return { kind: 'malformed', at: 'when', wanted: result.wanted, arrived: 'others' }
    return result ? undefined : { kind: 'passed-over' }
  }
}

function asOutcome(found: Found | Fault, name: string | undefined): Outcome {
  return found.kind === 'found' ? { kind: 'values', values: found.values, rule: name ?? found.from } : found
}

/** Transforms run on nothing too: `default` makes something of it. */
function transformed(found: Found | Fault, transform: Step, name: string | undefined): Outcome {
  if (found.kind !== 'found' && found.kind !== 'missing' && found.kind !== 'empty') return found
  const isFound = found.kind === 'found'
  const result = transform(isFound ? found.values : [])
  const from = isFound ? found.from : 'default'
  if (isMalformed(result)) return { kind: 'malformed', at: from, wanted: result.wanted, arrived: 'another' }
  if (result.length > 0) return { kind: 'values', values: result, rule: name ?? from }
  return isFound ? { kind: 'empty', at: from, wanted: 'a value', arrived: 'none that the rule keeps' } : found
}

function single(outcome: Outcome): Outcome {
  if (outcome.kind !== 'values' || outcome.values.length < 2) return outcome
  const values = [...new Set(outcome.values)]
  if (values.length === 1) return { ...outcome, values }
  const arrived = `${values.length} different values`
  return { kind: 'repeated', at: outcome.rule, wanted: 'one value', arrived }
}
