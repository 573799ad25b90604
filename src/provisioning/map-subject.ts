import type { Connection } from '../directory/connection.ts'
import { LatchkeyError } from '../errors.ts'
import type { VerifiedAssertion } from '../saml/verified-assertion.ts'
import { accountTypeField, accountTypeRule, chooseAccountType } from './choose-account-type.ts'
import { type CompiledMapping, compiledMapping } from './compiled-mapping.ts'
import type { ModuleAnswer } from './consult-module.ts'
import { groupsOverageAttribute } from './default-mapping.ts'
import { mapExpiry } from './expiry-time.ts'
import { withModuleFields, withModuleRules } from './map-by-module.ts'
import { type FieldInput, type MappedFields, mapFields } from './map-fields.ts'
import { type MappedGrants, mapGrants } from './map-grants.ts'
import { type ReceivedAttributes, receiveAttributes } from './received-attributes.ts'
import type { MappedField, Subject } from './subject.ts'
import type { JudgedSubject } from './subject-condition.ts'
import { readSubjectKey } from './subject-key.ts'
import { chooseUsername } from './username.ts'

/**
 * From a verified assertion to a subject: whom it speaks of, in our words. Decides nothing about accounts and knows no
 * storage; the connection's mapping is all it goes by. The only place that makes a `Subject`.
 *
 * Names match exactly, by Name, else by FriendlyName. All values are kept, without the white space of XML around them; what
 * is empty or only white space did not arrive. Role and group names are trimmed, and each is kept once. Rules run in
 * order: fields first, then groups, then roles, each seeing what was mapped before it.
 *
 * A connection that names a module is mapped with that module's answer (`consult-module.ts`), and never without.
 *
 * Throws `attribute_missing`, `attribute_invalid`, `mapping_module_failed`, `subject_key_missing`, `subject_key_transient`, `subject_key_invalid`.
 */
export function mapSubject(assertion: VerifiedAssertion, connection: Connection, answer?: ModuleAnswer): Subject {
  checkAnswered(connection, answer)
  const received = receiveAttributes(assertion.attributes)
  const mapping = compiledMapping(connection.settings)
  const { nameId } = assertion
  const subjectKey = readSubjectKey(nameId, received, connection)
  const input = toInput(assertion, received, mapping, connection)
  const mapped =
    answer === undefined
      ? mapFields(mapping.fields, input)
      : withModuleFields(mapFields(mapping.fields, input), answer, connection)
  const accountExpiresAt = mapExpiry(mapping.expiry, received)
  const person = {
    ...(nameId === undefined ? {} : { nameId }),
    ...chooseUsername(mapped.fields, nameId, subjectKey),
    fields: Object.fromEntries(mapped.fields),
    ...mapRolesAndGroups(mapped, input, withModuleRules(mapping, answer), connection),
  }
  return {
    subjectKey: subjectKey.text,
    ...person,
    ...typeOf(person, connection),
    ...(accountExpiresAt === undefined ? {} : { accountExpiresAt }),
    arrivedAttributes: received.names,
  } as Subject
}

function checkAnswered({ settings: { mappingModule } }: Connection, answer: ModuleAnswer | undefined): void {
  if (mappingModule === answer?.module) return
  throw new LatchkeyError('mapping_module_failed', {
    check: 'mappingModule',
    wanted: `the answer of ${mappingModule ?? 'none'}`,
    arrived: answer?.module ?? 'none',
  })
}

/** The account's type, and the field that keeps it. */
function typeOf(person: JudgedSubject, { declared }: Connection): Pick<Subject, 'accountType' | 'fields'> {
  const accountType = chooseAccountType(declared, person)
  if (accountType === undefined) return { fields: person.fields }
  const kept = { values: [accountType.name], rule: accountTypeRule }
  return { accountType, fields: { ...person.fields, [accountTypeField]: kept } }
}

function toInput(
  { nameId, authnContextClassRef: authnContext }: VerifiedAssertion,
  received: ReceivedAttributes,
  mapping: CompiledMapping,
  { declared }: Connection,
): FieldInput {
  const { find, attributes } = received
  return {
    find,
    attributes,
    nameId,
    authnContext,
    received,
    declared,
    unknownAttributes: unknownAttributes(mapping, received),
  }
}

/** Too many groups to send: the attributes that would have named them are unknown, not missing. */
function unknownAttributes({ groupSources }: CompiledMapping, received: ReceivedAttributes): readonly string[] {
  if (!received.has(groupsOverageAttribute)) return []
  const known = groupSources.some((name) => received.valuesOf(name).length > 0)
  return known ? [] : groupSources
}

type RolesAndGroups = Pick<Subject, 'roles' | 'groups' | 'madeBy' | 'undecidedRules' | 'setAside'>

function mapRolesAndGroups(
  { fields, setAside }: MappedFields,
  input: FieldInput,
  mapping: CompiledMapping,
  { settings: { rolePrefix, groupPrefix } }: Connection,
): RolesAndGroups {
  const { received, unknownAttributes: unknown } = input
  const seen = { received: input, fields: valuesOfFields(fields, mapping) }
  const groups = mapGrants(
    {
      kind: 'group',
      attributes: mapping.groupAttributes,
      rules: mapping.groupRules,
      prefix: groupPrefix,
      mayGive: mapping.mayGiveGroup,
      unknownAttributes: unknown,
    },
    received,
    { ...seen, groups: [] },
  )
  const knownGroups = unknown.length > 0 ? 'unknown' : groups.names
  const roles = mapGrants(
    {
      kind: 'role',
      attributes: mapping.roleAttributes,
      rules: mapping.roleRules,
      prefix: rolePrefix,
      unknownAttributes: unknown,
    },
    received,
    { ...seen, groups: knownGroups },
  )
  return { ...together(roles, groups, setAside), groups: knownGroups }
}

function together(
  roles: MappedGrants,
  groups: MappedGrants,
  setAside: Subject['setAside'],
): Omit<RolesAndGroups, 'groups'> {
  return {
    roles: roles.names,
    madeBy: { role: roles.madeBy, group: groups.madeBy },
    undecidedRules: roles.undecidedRules,
    setAside: setAside.concat(groups.setAside, roles.setAside),
  }
}

const noValues: ReadonlyMap<string, readonly string[]> = new Map()

/** Only rules read it. */
function valuesOfFields(
  fields: ReadonlyMap<string, MappedField>,
  { roleRules, groupRules }: CompiledMapping,
): ReadonlyMap<string, readonly string[]> {
  if (roleRules.length + groupRules.length === 0) return noValues
  return new Map([...fields].map(([field, { values }]) => [field, values]))
}
