import { z } from 'zod'

/**
 * What an administrator writes about mapping: rules for fields, roles and groups, and conditions. `docs/configuration.md`
 * is generated from the descriptions below, `docs/guides/mapping.md` shows them at work. Only the shape is checked here;
 * patterns and expressions are compiled by `mapping/compile-mapping.ts` before anything is saved.
 */

export const attributeNames = z.array(z.string().min(1).max(512)).max(32)

export const fieldName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9]{0,62}$/, 'expected a name of a field: letters and digits, first a letter, at most 63')

/** Stands in the provenance of what a rule made. */
const ruleName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,62}$/,
    'expected a name of letters, digits, blanks and any of . _ : / -, first a letter or digit, at most 63',
  )

const text = z.string().min(1).max(1024)
const texts = z.union([text, z.array(text).min(1).max(100)])
const pattern = z.string().min(1).max(500)
export const expression = z.string().min(1).max(2000)

export const dateFormats = [
  'iso-8601',
  'epoch-seconds',
  'epoch-milliseconds',
  'ldap-generalized-time',
  'ad-file-time',
] as const
export const dateFormat = z.enum(dateFormats)
export type DateFormat = z.infer<typeof dateFormat>

/** A name of the IANA time zone database. */
export const timeZone = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/, 'expected a time zone by its name, like Europe/Berlin')

const chosenValues = z.union([pattern, z.array(text).min(1).max(1000)])

export const transform = z
  .union([
    z.enum(['trim', 'lowercase', 'uppercase', 'commonName']),
    z.strictObject({ split: z.string().min(1).max(16) }),
    z.strictObject({ join: z.string().max(16) }),
    z.strictObject({ only: chosenValues }),
    z.strictObject({ except: chosenValues }),
    z.strictObject({ capture: pattern }),
    z.strictObject({ replace: pattern, with: z.string().max(500) }),
    z.strictObject({ lookup: z.record(text, texts), otherwise: text.optional() }),
    z.strictObject({ date: dateFormat, timeZone: timeZone.optional() }),
    z.strictObject({ prefix: text }),
    z.strictObject({ default: texts }),
  ])
  .meta({ title: 'transforms' })
export type Transform = z.infer<typeof transform>

const transforms = z
  .array(transform)
  .max(16)
  .optional()
  .describe(
    'What is done to the values, in order: `trim`, `lowercase`, `uppercase`, `commonName` (CN=… of a distinguished name), `{ split }`, `{ join }`, `{ only }`, `{ except }` (a pattern for the whole value, or a list of values), `{ capture }`, `{ replace, with }`, `{ lookup, otherwise }`, `{ date, timeZone }`, `{ prefix }`, `{ default }`.',
  )

const whenBehaviour = z.enum(['keep', 'clear', 'reject'])
export type Behaviour = z.infer<typeof whenBehaviour>

/** When a sign-in writes a field that arrived: only as it opens the account, each time, only into an empty field, never. */
export const updatePolicy = z.enum(['onCreate', 'everySignIn', 'ifEmpty', 'never'])
export type UpdatePolicy = z.infer<typeof updatePolicy>

const sources = {
  attributes: attributeNames
    .min(1)
    .optional()
    .describe('Attribute Names or FriendlyNames to read, the first that arrives with a value wins.'),
  nameId: z.literal(true).optional().describe('Reads the NameID.'),
  authnContext: z.literal(true).optional().describe('Reads how the person signed in: the AuthnContextClassRef.'),
  constant: texts.optional().describe('A value, or several, whatever arrives.'),
  expression: expression.optional().describe('A CEL expression that gives a text or a list of texts.'),
}

const ruleCondition = expression
  .optional()
  .describe('A CEL expression that gives true or false: when it gives false, the rule is passed over.')

const sourceNames = ['attributes', 'nameId', 'authnContext', 'constant', 'expression'] as const

function countSources(rule: Readonly<Record<string, unknown>>, names: readonly string[]): number {
  return names.filter((name) => rule[name] !== undefined).length
}

export const fieldRule = z
  .strictObject({
    name: ruleName
      .optional()
      .describe(
        'Stands in the provenance of the field. Without it, the attribute that was read, or the kind of source.',
      ),
    ...sources,
    when: ruleCondition,
    transforms,
    single: z
      .boolean()
      .optional()
      .describe('One value is wanted: several different ones count as repeated. Without it, all are kept.'),
    required: z.boolean().default(false).describe('Refuses the sign-in when nothing arrives with a value.'),
    update: updatePolicy.optional().describe('When this field is written. Without it, as `fieldUpdates` says.'),
    onMissing: whenBehaviour
      .optional()
      .describe(
        'When nothing of it arrives: `keep` what the account has, `clear` it, or `reject` the sign-in. Without it, `keep`.',
      ),
    onEmpty: whenBehaviour.optional().describe('When it arrives without a value. Without it, `keep`.'),
    onRepeated: whenBehaviour
      .optional()
      .describe('When several values arrive where one is wanted. Without it, `keep`.'),
    onMalformed: whenBehaviour.optional().describe('When a value cannot be used. Without it, `reject`.'),
  })
  .refine((rule) => countSources(rule, sourceNames) === 1, `expected one source: ${sourceNames.join(', ')}`)
  .refine(
    ({ required, onMissing = 'reject' }) => !required || onMissing === 'reject',
    'expected either required, or another onMissing than reject',
  )
  .meta({ title: 'rule' })
export type FieldRule = z.infer<typeof fieldRule>

export const fieldMapping = z.union([fieldRule, z.array(fieldRule).min(1).max(16), z.literal(false)])
export type FieldMapping = z.infer<typeof fieldMapping>

const grantSourceNames = [...sourceNames, 'field', 'groups'] as const

export const grantRule = z
  .strictObject({
    name: ruleName.describe('Stands in the provenance of what the rule granted.'),
    ...sources,
    field: fieldName.optional().describe('Reads a field as it was mapped.'),
    groups: z.literal(true).optional().describe('Reads the groups as they were mapped; in rules for roles only.'),
    when: ruleCondition,
    transforms,
    grant: texts.optional().describe('What is granted when any value is left. Without it, the values themselves.'),
    onMalformed: z
      .enum(['skip', 'reject'])
      .optional()
      .describe('When a value cannot be used: it grants nothing, or the sign-in is refused. Without it, `skip`.'),
  })
  .refine(
    (rule) =>
      countSources(rule, grantSourceNames) === 1 ||
      (countSources(rule, grantSourceNames) === 0 && rule.when !== undefined && rule.grant !== undefined),
    `expected one source (${grantSourceNames.join(', ')}), or when and grant`,
  )
  .refine(
    ({ name }) => !reservedRules.includes(name) && !name.startsWith('module:'),
    'expected a name that Latchkey does not use itself',
  )
  .meta({ title: 'rules' })
export type GrantRule = z.infer<typeof grantRule>

/** Names that stand for what is granted without a rule of one's own. */
const reservedRules: readonly string[] = ['default-role', 'assertion-role', 'assertion-group']

export const condition = z
  .strictObject({
    name: ruleName.describe('Stands in the trace and in the refusal, for administrators.'),
    when: expression
      .optional()
      .describe('A CEL expression about the mapped subject that gives true or false. Without it, it always holds.'),
    verdict: z
      .enum(['allow', 'deny', 'hold'])
      .describe('What happens when it holds: the sign-in goes on, is refused, or waits for an approval.'),
    message: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe('Shown to the person who is refused or held: why, in their words.'),
    contact: z.string().min(1).max(200).optional().describe('Shown to the person: whom to ask.'),
  })
  .meta({ title: 'conditions' })
export type Condition = z.infer<typeof condition>

export const conditions = z
  .array(condition)
  .max(50)
  .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, 'expected each name once')

export const grantRules = z
  .array(grantRule)
  .max(200)
  .refine((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, 'expected each rule name once')
