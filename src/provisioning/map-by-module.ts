import type { Connection } from '../directory/connection.ts'
import { LatchkeyError } from '../errors.ts'
import type { CompiledGrantRule } from '../mapping/compile-grant-rule.ts'
import type { CompiledMapping } from './compiled-mapping.ts'
import { type ModuleAnswer, moduleRule } from './consult-module.ts'
import { findTypeFault } from './custom-fields.ts'
import type { MappedFields } from './map-fields.ts'

/** What a module's answer does to a mapping: it is one method more beside rules and expressions, under the same limits. */

/**
 * The module's fields, besides those that a rule of the connection gave a value; what is read from its usual names only
 * gives way. Throws `attribute_invalid` for a value of another type than the organization declares.
 */
export function withModuleFields(
  { fields, setAside }: MappedFields,
  { module, fields: given }: ModuleAnswer,
  { settings: { attributeMapping = {} }, declared }: Connection,
): MappedFields {
  const rule = moduleRule(module)
  const together = new Map(fields)
  for (const [field, values] of given) {
    const own = Object.hasOwn(attributeMapping, field) ? fields.get(field) : undefined
    if (own !== undefined && own.values.length > 0) continue
    const fault = findTypeFault(field, values, declared)
    if (fault !== undefined)
      throw new LatchkeyError('attribute_invalid', { check: `field ${field}`, ...fault, at: rule })
    together.set(field, { values, rule })
  }
  return { fields: together, setAside }
}

/** The module's groups and roles as the last rule of each: with the prefix, within what the connection may give. */
export function withModuleRules(mapping: CompiledMapping, answer: ModuleAnswer | undefined): CompiledMapping {
  if (answer === undefined) return mapping
  const { groups, roles } = answer
  return {
    ...mapping,
    groupRules: [...mapping.groupRules, ruleOf(answer, groups)],
    roleRules: [...mapping.roleRules, ruleOf(answer, roles)],
  }
}

/** It may have looked at the groups: while they are unknown, what it granted before stays. */
function ruleOf({ module }: ModuleAnswer, names: readonly string[]): CompiledGrantRule {
  return {
    name: moduleRule(module),
    attributes: [],
    isStrict: true,
    isFixed: false,
    readsGroups: () => true,
    run: () => ({ names, faults: [] }),
  }
}
