import type { FieldValue } from '../directory/account.ts'
import type { CustomField, OrganizationDeclarations } from '../directory/organization-declarations.ts'
import { LatchkeyError } from '../errors.ts'
import { parseMoment } from '../mapping/moments.ts'
import type { ValueFault } from './check-values.ts'
import type { Subject } from './subject.ts'

const shapes: Readonly<Record<CustomField['type'], { readonly wanted: string; fits(value: string): boolean }>> = {
  text: { wanted: 'a text', fits: () => true },
  number: { wanted: 'a number like 12.5', fits: (value) => /^-?\d{1,30}(?:\.\d{1,30})?$/.test(value) },
  boolean: { wanted: 'true or false', fits: (value) => value === 'true' || value === 'false' },
  date: {
    wanted: 'a date like 2027-01-31, or with a time and its zone',
    fits: (value) =>
      parseMoment(value, 'iso-8601') !== undefined || parseMoment(`${value}T00:00:00Z`, 'iso-8601') !== undefined,
  },
}

/** Why values are not of the type that the organization declares for the field. */
export function findTypeFault(
  field: string,
  values: readonly string[],
  declared: OrganizationDeclarations | undefined,
): ValueFault | undefined {
  const custom = declared?.customFields
  if (custom === undefined || !Object.hasOwn(custom, field)) return undefined
  const { wanted, fits } = shapes[custom[field]?.type ?? 'text']
  return values.every(fits) ? undefined : { wanted, arrived: 'another' }
}

/**
 * The account has every field that its organization or its type demands, whoever wrote it. Gives those that are missing
 * and that the person can be asked for. Throws `attribute_missing` for any other.
 */
export function checkRequiredFields(
  fields: Readonly<Record<string, FieldValue>>,
  { accountType, arrivedAttributes }: Subject,
  declared: OrganizationDeclarations | undefined,
): readonly string[] {
  const custom = declared?.customFields ?? {}
  const required = Object.entries(custom).flatMap(([name, field]) => (field.required ? [name] : []))
  const demanded = new Set([...required, ...(accountType?.requiredFields ?? [])])
  const lacking = [...demanded].filter((name) => !Object.hasOwn(fields, name))
  const missing = lacking.find((name) => !Object.hasOwn(custom, name) || custom[name]?.ask === undefined)
  if (missing === undefined) return lacking
  throw new LatchkeyError('attribute_missing', {
    check: required.includes(missing) ? 'required field' : `field required of account type ${accountType?.name}`,
    wanted: missing,
    arrived: 'nothing that the mapping makes it of, and the account has none',
    arrivedAttributes,
  })
}

/** Names of the fields whose values no other account of the organization may have. */
export function uniqueFields(declared: OrganizationDeclarations | undefined): readonly string[] {
  return Object.entries(declared?.customFields ?? {}).flatMap(([name, { unique }]) => (unique ? [name] : []))
}
