import { z } from 'zod'
import { expression, fieldName } from './mapping-settings.ts'
import { namePattern } from './organization.ts'

/** What an organization declares about its accounts, whichever connection they come over. `docs/configuration.md` is generated from it. */

/** What a person is asked on the page for set-up. `provisioning/answers.ts` judges what they answer. */
export const ask = z
  .strictObject({
    label: z.string().trim().min(1).max(200).describe('What is asked, in a few words: `Desk number`.'),
    help: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .optional()
      .describe('A sentence under it: what it is for, or where to find it.'),
    choices: z
      .array(z.string().trim().min(1).max(200))
      .min(1)
      .max(200)
      .refine((choices) => new Set(choices).size === choices.length, 'expected each choice once')
      .optional()
      .describe('The only answers. Without it, any that fits.'),
    pattern: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe('A regular expression of RE2 for the whole answer. Say in `help` what it wants.'),
    order: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe('Place on the page, the lowest first. Questions without one come last, in order of their labels.'),
    maxLength: z.int().min(1).max(1000).default(200).describe('Most characters of an answer.'),
  })
  .meta({ title: 'question' })
export type Ask = z.infer<typeof ask>

/** Fields that say who somebody is or what they may do: only an identity provider vouches for those. */
const neverAsked: readonly string[] = ['uid', 'mail', 'role', 'accountType']
/** Questions on one page. */
const mostAsked = 20

export const customField = z
  .strictObject({
    type: z
      .enum(['text', 'number', 'boolean', 'date'])
      .default('text')
      .describe(
        '`number` like `12.5`, `boolean` as `true` or `false`, `date` like `2027-01-31`. Another value is malformed.',
      ),
    required: z
      .boolean()
      .default(false)
      .describe('Refuses a sign-in that leaves the account without it; with `ask`, the person is asked instead.'),
    unique: z
      .boolean()
      .default(false)
      .describe('No two accounts of the organization have the same value, compared letter by letter.'),
    sensitive: z.boolean().default(false).describe('Its values are shown masked.'),
    ask: ask
      .optional()
      .describe(
        'Ask the person, on a page after their first sign-in, when no connection supplies it. Access is held until what is required is answered; what is not required is asked along with it.',
      ),
  })
  .meta({ title: 'custom fields' })
export type CustomField = z.infer<typeof customField>

export const accountType = z
  .strictObject({
    name: z.string().regex(namePattern).describe('Kept in the field `accountType`.'),
    when: expression
      .optional()
      .describe(
        'A CEL expression about the mapped subject, as in a condition. Without it, the type is for everybody who is left.',
      ),
    requiredFields: z.array(fieldName).max(100).default([]).describe('Fields without which a sign-in is refused.'),
    defaultRole: z
      .string()
      .regex(namePattern)
      .optional()
      .describe("Role of an account for which no grantable role arrives. Without it, the connection's."),
    mayHold: z
      .array(z.string().regex(namePattern))
      .max(1000)
      .optional()
      .describe(
        'The only roles that sign-ins grant to such accounts, the default role too. Without it, all that the connection may grant.',
      ),
    maxSessionHours: z
      .number()
      .min(0.25)
      .max(8760)
      .optional()
      .describe(
        'Longest session of such an account, from its sign-in on. Never longer than `LATCHKEY_SESSION_ABSOLUTE_SECONDS`.',
      ),
    expiresAfterDays: z
      .int()
      .min(1)
      .max(3650)
      .optional()
      .describe(
        'Days after its creation on which such an account ends, unless the assertion names another end, or `never`.',
      ),
  })
  .refine(
    ({ defaultRole, mayHold }) => defaultRole === undefined || mayHold?.includes(defaultRole) !== false,
    'expected a defaultRole that mayHold lists',
  )
  .meta({ title: 'account types' })
export type AccountType = z.infer<typeof accountType>

export const organizationDeclarations = z.strictObject({
  customFields: z
    .record(fieldName, customField)
    .refine(
      (fields) => neverAsked.every((name) => fields[name]?.ask === undefined),
      `expected no question for ${neverAsked.join(', ')}: only an identity provider vouches for those`,
    )
    .refine(
      (fields) => Object.values(fields).filter((field) => field.ask !== undefined).length <= mostAsked,
      `expected at most ${mostAsked} questions`,
    )
    .optional()
    .describe('Field → what its values are like. A standard field may be declared too.'),
  accountTypes: z
    .array(accountType)
    .max(50)
    .refine((types) => new Set(types.map(({ name }) => name)).size === types.length, 'expected each name once')
    .optional()
    .describe('Kinds of accounts; the first that fits is chosen at each sign-in.'),
})
export type OrganizationDeclarations = z.infer<typeof organizationDeclarations>
