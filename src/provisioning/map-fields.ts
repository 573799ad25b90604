import type { OrganizationDeclarations } from '../directory/organization-declarations.ts'
import { LatchkeyError } from '../errors.ts'
import type { CompiledFieldRule } from '../mapping/compile-field-rule.ts'
import type { Fault, Outcome } from '../mapping/outcome.ts'
import type { RuleInput } from '../mapping/rule-input.ts'
import { fieldLimits, findFault } from './check-values.ts'
import type { CompiledField } from './compiled-mapping.ts'
import { findTypeFault } from './custom-fields.ts'
import type { ReceivedAttributes } from './received-attributes.ts'
import type { MappedField, SetAside } from './subject.ts'

export interface MappedFields {
  readonly fields: ReadonlyMap<string, MappedField>
  readonly setAside: readonly SetAside[]
}

export interface FieldInput extends RuleInput {
  readonly received: ReceivedAttributes
  readonly declared: OrganizationDeclarations | undefined
  /** Attributes that are unknown, not missing: too many groups to send. */
  readonly unknownAttributes: readonly string[]
}

/**
 * Runs the rules of each field in order; the first that gives a value wins. What gives none keeps, clears or refuses, as
 * its rule says. Throws `attribute_missing`, `attribute_invalid`.
 */
export function mapFields(compiled: readonly CompiledField[], input: FieldInput): MappedFields {
  const fields = new Map<string, MappedField>()
  const setAside: SetAside[] = []
  for (const { field, rules } of compiled) {
    const mapped = mapField(field, rules, input, setAside)
    if (mapped !== undefined) fields.set(field, mapped)
  }
  return { fields, setAside }
}

function mapField(
  field: string,
  rules: readonly CompiledFieldRule[],
  input: FieldInput,
  setAside: SetAside[],
): MappedField | undefined {
  let cleared: MappedField | undefined
  for (const rule of rules) {
    const outcome = checked(rule.run(input), field, input)
    if (outcome.kind === 'values') return { values: outcome.values, rule: outcome.rule }
    if (outcome.kind === 'passed-over') continue
    const behaviour = rule.on[outcome.kind]
    if (behaviour === 'reject') throw refusalOf(outcome, field, rule, input.received)
    if (behaviour === 'clear' && !isUnknown(rule, input)) cleared = { values: [], rule: rule.name }
    if (outcome.kind === 'malformed' || outcome.kind === 'repeated') {
      setAside.push({ subject: 'field', value: field, reason: `${outcome.kind}: wanted ${outcome.wanted}` })
    }
  }
  return cleared
}

/** Values that cannot be kept or passed on safely, or are not of the declared type, are malformed. */
function checked(outcome: Outcome, field: string, { declared }: FieldInput): Outcome {
  if (outcome.kind !== 'values') return outcome
  const fault = findFault(outcome.values, fieldLimits) ?? findTypeFault(field, outcome.values, declared)
  return fault === undefined ? outcome : { kind: 'malformed', at: outcome.rule, ...fault }
}

function isUnknown({ attributes }: CompiledFieldRule, { unknownAttributes }: FieldInput): boolean {
  return attributes.some((name) => unknownAttributes.includes(name))
}

function refusalOf(fault: Fault, field: string, rule: CompiledFieldRule, received: ReceivedAttributes): LatchkeyError {
  const { kind, wanted, arrived, at } = fault
  if (kind === 'malformed' || kind === 'repeated') {
    return new LatchkeyError('attribute_invalid', { check: `field ${field}`, wanted, arrived, at })
  }
  const similar = received.sameButForCase(rule.attributes.filter((name) => !received.has(name)))
  return new LatchkeyError('attribute_missing', {
    check: `mandatory field ${field}`,
    wanted,
    arrived,
    ...(similar === undefined
      ? {}
      : { advice: `${similar} did arrive: names are compared with upper and lower case. Write it so in the mapping.` }),
    arrivedAttributes: received.names,
  })
}
