import type { Connection } from '../directory/connection.ts'
import { LatchkeyError } from '../errors.ts'
import type { VerifiedAssertion } from '../saml/verified-assertion.ts'
import { checkValues, fieldLimits, grantNameLimits } from './check-values.ts'
import { type EffectiveMapping, effectiveMapping, groupsOverageAttribute } from './default-mapping.ts'
import { parseExpiryTime } from './expiry-time.ts'
import { type ReceivedAttributes, receiveAttributes } from './received-attributes.ts'
import type { MappedField, Subject } from './subject.ts'
import { readSubjectKey } from './subject-key.ts'
import { chooseUsername } from './username.ts'

/**
 * From a verified assertion to a subject: whom it speaks of, in our words. Decides nothing about accounts and knows no
 * storage; the connection's mapping is all it goes by. The only place that makes a `Subject`.
 *
 * Names match exactly, by Name, else by FriendlyName. All values are kept, without the white space of XML around them; what
 * is empty or only white space did not arrive. Role and group names are trimmed, and each is kept once.
 *
 * Throws `attribute_missing`, `attribute_invalid`, `subject_key_missing`, `subject_key_transient`, `subject_key_invalid`.
 */
export function mapSubject(assertion: VerifiedAssertion, connection: Connection): Subject {
  const received = receiveAttributes(assertion.attributes)
  const mapping = effectiveMapping(connection)
  const { nameId } = assertion
  const subjectKey = readSubjectKey(nameId, received, connection)
  const fields = mapFields(mapping, received)
  const accountExpiresAt = mapExpiry(mapping, received)
  return {
    subjectKey: subjectKey.text,
    ...(nameId === undefined ? {} : { nameId }),
    ...chooseUsername(fields, nameId, subjectKey),
    fields: Object.fromEntries(fields),
    roles: mapNames(mapping.roleAttributes, received),
    groups: mapGroups(mapping, received),
    ...(accountExpiresAt === undefined ? {} : { accountExpiresAt }),
    arrivedAttributes: received.names,
  } as Subject
}

function mapFields(mapping: EffectiveMapping, received: ReceivedAttributes): ReadonlyMap<string, MappedField> {
  const fields = new Map<string, MappedField>()
  for (const [field, { attributes, required }] of mapping.fields) {
    const rule = attributes.find((name) => received.valuesOf(name).length > 0)
    if (rule !== undefined) {
      const values = received.valuesOf(rule)
      checkValues(values, fieldLimits, rule)
      fields.set(field, { values, rule })
    } else if (required) {
      throw missingAttribute(field, attributes, received)
    }
  }
  return fields
}

function missingAttribute(field: string, wanted: readonly string[], received: ReceivedAttributes): LatchkeyError {
  const empty = wanted.find((name) => received.has(name))
  const similar = received.sameButForCase(wanted.filter((name) => !received.has(name)))
  return new LatchkeyError('attribute_missing', {
    check: `mandatory field ${field}`,
    wanted: wanted.join(' or '),
    arrived: empty === undefined ? 'none of them' : `${empty} without a value`,
    ...(similar === undefined
      ? {}
      : { advice: `${similar} did arrive: names are compared with upper and lower case. Write it so in the mapping.` }),
    arrivedAttributes: received.names,
  })
}

/** Names of roles or groups from all the attributes, in order, each once. */
function mapNames(attributes: readonly string[], received: ReceivedAttributes): readonly string[] {
  const names = new Set<string>()
  for (const attribute of attributes) {
    const values = received.valuesOf(attribute)
    checkValues(values, grantNameLimits, attribute)
    for (const value of values) names.add(value.trim())
  }
  return [...names]
}

function mapGroups({ groupAttributes }: EffectiveMapping, received: ReceivedAttributes): readonly string[] | 'unknown' {
  const groups = mapNames(groupAttributes, received)
  return groups.length === 0 && groupAttributes.length > 0 && received.has(groupsOverageAttribute) ? 'unknown' : groups
}

function mapExpiry({ expiryAttributes }: EffectiveMapping, received: ReceivedAttributes): Date | undefined {
  const attribute = expiryAttributes.find((name) => received.valuesOf(name).length > 0)
  if (attribute === undefined) return undefined
  const [first, ...others] = new Set(received.valuesOf(attribute))
  if (first === undefined) return undefined
  if (others.length > 0) {
    throw new LatchkeyError('attribute_invalid', {
      check: 'account expiry time',
      wanted: 'one moment',
      arrived: `${others.length + 1} different values`,
      at: attribute,
    })
  }
  return parseExpiryTime(first, attribute)
}
