import type { ConnectionSettings } from '../directory/connection.ts'
import type { Condition } from '../directory/mapping-settings.ts'
import { type CompiledFieldRule, compileFieldRule } from '../mapping/compile-field-rule.ts'
import { type CompiledGrantRule, compileGrantRule } from '../mapping/compile-grant-rule.ts'
import { compileCondition, type Expression } from '../mapping/expression.ts'
import { checkTimeZone } from '../mapping/time-zone.ts'
import { defaultGroupAttributes, effectiveMapping } from './default-mapping.ts'
import type { ExpiryMapping } from './expiry-time.ts'

/** The mapping of one connection, ready to run. */
export interface CompiledMapping {
  readonly fields: readonly CompiledField[]
  readonly roleAttributes: readonly string[]
  readonly groupAttributes: readonly string[]
  readonly expiry: ExpiryMapping
  readonly conditions: readonly CompiledCondition[]
  readonly roleRules: readonly CompiledGrantRule[]
  readonly groupRules: readonly CompiledGrantRule[]
  /** Attributes that name groups, for the mapping or for one of its rules. */
  readonly groupSources: readonly string[]
  /** Whether a group may be given; absent: every one. */
  readonly mayGiveGroup?: (name: string) => boolean
}

export interface CompiledCondition extends Condition {
  /** Absent: it always holds. */
  readonly expression?: Expression<boolean>
}

export interface CompiledField {
  readonly field: string
  readonly rules: readonly CompiledFieldRule[]
}

const compiled = new WeakMap<ConnectionSettings, CompiledMapping>()

/** Compiled once for each version of a connection, whose settings are one object. Throws `input_invalid` at the setting. */
export function compiledMapping(settings: ConnectionSettings): CompiledMapping {
  const known = compiled.get(settings)
  if (known !== undefined) return known
  const mapping = compile(settings)
  compiled.set(settings, mapping)
  return mapping
}

function compile(settings: ConnectionSettings): CompiledMapping {
  const { fields, roleAttributes, groupAttributes, expiryAttributes } = effectiveMapping(settings)
  const { grantableGroups } = settings
  const roleRules = compileGrantRules(settings, 'role')
  const groupRules = compileGrantRules(settings, 'group')
  const read = [...roleRules, ...groupRules].flatMap(({ attributes }) => attributes)
  return {
    fields: fields.map(([field, rules]) => ({
      field,
      rules: rules.map((rule, index) => compileFieldRule(rule, placeOf(settings, field, index))),
    })),
    roleAttributes,
    groupAttributes,
    expiry: compileExpiry(settings, expiryAttributes),
    conditions: (settings.conditions ?? []).map(compileOneCondition),
    roleRules,
    groupRules,
    groupSources: [...new Set([...groupAttributes, ...read.filter((name) => defaultGroupAttributes.includes(name))])],
    ...(grantableGroups === undefined ? {} : { mayGiveGroup: nameTest(grantableGroups) }),
  }
}

function compileGrantRules(settings: ConnectionSettings, kind: 'role' | 'group'): readonly CompiledGrantRule[] {
  const setting = kind === 'role' ? 'roleRules' : 'groupRules'
  return (settings[setting] ?? []).map((rule, index) => compileGrantRule(rule, kind, `settings.${setting}.${index}`))
}

function compileOneCondition(condition: Condition, index: number): CompiledCondition {
  const { when } = condition
  if (when === undefined) return condition
  return { ...condition, expression: compileCondition(when, 'subject', `settings.conditions.${index}.when`) }
}

function compileExpiry(
  { expiryFormat = 'iso-8601', expiryTimeZone }: ConnectionSettings,
  attributes: readonly string[],
): ExpiryMapping {
  checkTimeZone(expiryTimeZone, 'settings.expiryTimeZone')
  return { attributes, format: expiryFormat, timeZone: expiryTimeZone }
}

/** A field with one rule may write it without a list. */
function placeOf({ attributeMapping }: ConnectionSettings, field: string, index: number): string {
  const place = `settings.attributeMapping.${field}`
  return Array.isArray(attributeMapping?.[field]) ? `${place}.${index}` : place
}

function nameTest(names: readonly string[]): (name: string) => boolean {
  const exact = new Set(names.filter((name) => !name.endsWith('*')))
  const beginnings = names.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1))
  return (name) => exact.has(name) || beginnings.some((beginning) => name.startsWith(beginning))
}
