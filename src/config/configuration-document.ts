import { z } from 'zod'
import { applicationSettings } from '../directory/application.ts'
import { connectionSettings } from '../directory/connection.ts'
import { condition, fieldRule, grantRule } from '../directory/mapping-settings.ts'
import { accountType, ask, customField, organizationDeclarations } from '../directory/organization-declarations.ts'
import { flagName, type SettingDefinition, settingDefinitions, variableName, writtenNames } from './setting-table.ts'

/**
 * Writes `docs/configuration.md` from the table of settings and from the schemas of connections and applications.
 * `npm run docs` writes it; a test fails when the file and this differ.
 */
export function configurationDocument(): string {
  return `${[
    '# Configuration',
    '<!-- Generated from src/config/setting-table.ts, src/directory/connection.ts, src/directory/mapping-settings.ts, src/directory/organization-declarations.ts and src/directory/application.ts by `npm run docs`. -->',
    introduction,
    ...settingDefinitions.map(settingSection),
    '## Settings of a connection',
    'Written with `latchkey connection set`, or under `settings` in the file for `latchkey apply`.',
    schemaTable(connectionSettings),
    '### A rule for a field',
    'Under `attributeMapping`, one for each field or a list of them. The guide [Mapping](guides/mapping.md) shows them at work.',
    schemaTable(fieldRule),
    '### A rule for roles or groups',
    'In the lists `roleRules` and `groupRules`.',
    schemaTable(grantRule),
    '### A condition',
    'In the list `conditions`.',
    schemaTable(condition),
    '## Declarations of an organization',
    'Written under `organizations` in the file for `latchkey apply`. What is not named stays as it is.',
    schemaTable(organizationDeclarations),
    '### A custom field',
    schemaTable(customField),
    '### A question',
    'Under `ask` of a custom field. The guide [The life of an account](guides/accounts.md) shows it at work.',
    schemaTable(ask),
    '### An account type',
    schemaTable(accountType),
    '## Settings of an application',
    'Written under `applications` in the file for `latchkey apply`.',
    schemaTable(applicationSettings),
    '### A rule of its policy',
    schemaTable(applicationSettings.shape.policy.unwrap().element),
  ].join('\n\n')}\n`
}

const introduction = `## Settings of the process

Each setting can be given as a flag, as an environment variable, or in \`latchkey.yaml\`. A flag wins over a variable, a
variable over the file. The file is \`latchkey.yaml\` in the working directory, or the one named by \`--config\` or
\`LATCHKEY_CONFIG\`. An unknown name or a value that cannot be is refused at start with \`configuration_invalid\`; nothing
is guessed. An empty variable counts as not set. Give secrets by file: flags are visible to every user of the machine.`

function settingSection(definition: SettingDefinition): string {
  const names = writtenNames(definition)
  const code = (texts: readonly string[]) => texts.map((text) => `\`${text}\``).join(' or ')
  const variables = [...names.map(variableName), ...(definition.name === 'databaseUrl' ? ['DATABASE_URL'] : [])]
  return [
    `### ${definition.name}`,
    definition.description,
    [
      '| | |',
      '|---|---|',
      `| flag | ${code(names.map((name) => `--${flagName(name)}`))} |`,
      `| variable | ${code(variables)} |`,
      `| in the file | ${code(names)} |`,
      `| value | ${definition.wanted}${definition.shape === 'list' ? '; several with commas, or as a list in the file' : ''} |`,
      `| default | ${definition.default === undefined ? 'none' : `\`${definition.default}\``} |`,
    ].join('\n'),
  ].join('\n\n')
}

const jsonProperty = z.looseObject({
  description: z.string().optional(),
  default: z.unknown().optional(),
})

/** One line a property, from the JSON Schema that zod makes of it. */
function schemaTable(schema: z.ZodType): string {
  const { properties = {}, required = [] } = z
    .object({ properties: z.record(z.string(), jsonProperty).optional(), required: z.array(z.string()).optional() })
    .parse(z.toJSONSchema(schema, { io: 'input' }))
  const rows = Object.entries(properties).map(([name, property]) => {
    const byDefault = required.includes(name) ? 'required' : defaultText(property.default)
    return `| \`${name}\` | ${valueText(property)} | ${byDefault} | ${inCell(property.description ?? '')} |`
  })
  return ['| setting | value | default | meaning |', '|---|---|---|---|', ...rows].join('\n')
}

function defaultText(value: unknown): string {
  return value === undefined ? '' : `\`${JSON.stringify(value)}\``
}

const jsonType = z.looseObject({
  /** What a reader calls it, where listing its parts would be too long. */
  title: z.string().optional(),
  type: z.string().optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  items: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
})

/** A JSON Schema as a reader would say it. */
function valueText(schema: unknown): string {
  const type = jsonType.parse(schema)
  if (type.title) return type.title
  if (type.enum) return type.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (type.const !== undefined) return `\`${String(type.const)}\``
  if (type.anyOf) return type.anyOf.map(valueText).join(' or ')
  if (type.type === 'array') return `list of ${valueText(type.items)}`
  if (type.properties) return `{ ${Object.keys(type.properties).join(', ')} }`
  if (type.type === 'object') return `name → ${valueText(type.additionalProperties)}`
  if (type.type === 'integer') return numberText(type.minimum, type.maximum)
  if (type.type === 'boolean') return '`true` or `false`'
  return 'text'
}

function numberText(least: number | undefined, most: number | undefined): string {
  const bounded = most !== undefined && most < Number.MAX_SAFE_INTEGER
  return bounded ? `number from ${least} to ${most}` : `number from ${least}`
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|')
}
