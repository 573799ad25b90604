import type { Connection } from '../directory/connection.ts'
import { LatchkeyError } from '../errors.ts'
import type { MappingInput } from '../mapping/mapping-module.ts'
import type { VerifiedAssertion } from '../saml/verified-assertion.ts'
import { fieldLimits, findFault, grantNameLimits, type ValueLimits } from './check-values.ts'
import { compiledMapping } from './compiled-mapping.ts'
import { groupsOverageAttribute } from './default-mapping.ts'
import { receiveAttributes } from './received-attributes.ts'

declare const consulted: unique symbol

/** The operator's own functions, as far as whoever maps must know them. See `mapping-modules/`. */
export interface AskedModules {
  readonly names: readonly string[]
  ask(name: string, input: MappingInput): Promise<Omit<ModuleAnswer, 'module' | 'input' | typeof consulted>>
}

/** What a connection's mapping module says of one assertion. Only `consultModule` makes one: its values can be kept. */
export interface ModuleAnswer {
  readonly module: string
  readonly input: MappingInput
  /** A field without a value is to be cleared. */
  readonly fields: readonly (readonly [field: string, values: readonly string[]])[]
  readonly groups: readonly string[]
  readonly roles: readonly string[]
  readonly [consulted]: true
}

/** Whether the step is taken at all: most connections name no module, and are mapped without waiting for anything. */
export function namesModule({ settings }: Connection): boolean {
  return settings.mappingModule !== undefined
}

/**
 * Asks the module that the connection names, before anything is mapped: mapping itself stays a pure function, of the
 * assertion and this answer.
 *
 * Throws `mapping_module_unknown`, `mapping_module_failed`, `mapping_module_timeout`, `mapping_module_result_invalid`.
 */
export async function consultModule(
  assertion: VerifiedAssertion,
  connection: Connection,
  modules: AskedModules | undefined,
): Promise<ModuleAnswer> {
  const module = connection.settings.mappingModule ?? ''
  if (modules === undefined) throw unknown(module, connection)
  const input = inputOf(assertion, connection)
  const { fields: given, groups, roles } = await modules.ask(module, input)
  const fields = given.flatMap(withoutBlanks)
  for (const [field, values] of fields) check(values, fieldLimits, `fields.${field}`, module)
  check(groups, grantNameLimits, 'groups', module)
  check(roles, grantNameLimits, 'roles', module)
  return { module, input, fields, groups: named(groups), roles: named(roles) } as unknown as ModuleAnswer
}

/** Stands in the provenance of what a module made. */
export function moduleRule(module: string): string {
  return `module:${module}`
}

function inputOf(
  { nameId, authnContextClassRef, attributes }: VerifiedAssertion,
  { organizationId, id, settings }: Connection,
): MappingInput {
  const received = receiveAttributes(attributes)
  const { groupSources } = compiledMapping(settings)
  const isOverage =
    received.has(groupsOverageAttribute) && !groupSources.some((name) => received.valuesOf(name).length > 0)
  return {
    organization: organizationId,
    connection: id,
    ...(nameId === undefined ? {} : { nameId: { value: nameId.value, format: nameId.format } }),
    ...(authnContextClassRef === undefined ? {} : { authnContext: authnContextClassRef }),
    attributes: Object.fromEntries(received.attributes()),
    groupsKnown: !isOverage,
  }
}

type GivenField = ModuleAnswer['fields'][number]

/** Texts without anything in them say nothing, as from a rule; only an empty list clears. */
function withoutBlanks([field, values]: GivenField): readonly GivenField[] {
  const filled = values.filter((value) => value.trim() !== '')
  return filled.length > 0 || values.length === 0 ? [[field, filled]] : []
}

/** Empty names name nothing. */
function named(names: readonly string[]): readonly string[] {
  return names.map((name) => name.trim()).filter((name) => name !== '')
}

function check(values: readonly string[], limits: ValueLimits, at: string, module: string): void {
  const fault = findFault(values, limits)
  if (fault === undefined) return
  throw new LatchkeyError('mapping_module_result_invalid', { check: `mapping module ${module}`, ...fault, at })
}

function unknown(module: string, { id }: Connection): LatchkeyError {
  return new LatchkeyError('mapping_module_unknown', {
    check: 'mappingModule',
    wanted: 'a module that the settings of this installation name',
    arrived: module,
    at: `connection:${id}`,
  })
}
