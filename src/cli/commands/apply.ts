import { dirname, isAbsolute, join } from 'node:path'
import { type CliCommand, type CliContext, textFlag } from '../cli-command.ts'
import { changeText } from '../difference-text.ts'
import { metadataInFile } from '../read-input.ts'
import { readYaml } from '../read-yaml.ts'
import { roleSyncText } from '../role-sync-text.ts'
import { roleSyncAnswerOf, roleSyncFlags } from './connection-flags.ts'

export const apply: CliCommand = {
  words: 'apply',
  summary: 'Makes organizations, roles, connections and applications what a file says: everything or nothing.',
  positionals: [],
  flags: {
    file: {
      type: 'string',
      short: 'f',
      value: 'FILE',
      required: true,
      description: 'YAML or JSON as `latchkey export` writes it; `-` for standard input.',
    },
    ...roleSyncFlags,
  },
  settings: 'storage',
  examples: ['latchkey apply -f company-a.yaml --dry-run', 'latchkey export | latchkey apply -f - --database-url URL'],
  run: async (given, { administer, readInput }) => {
    const path = textFlag(given, 'file') ?? '-'
    const declaration = inlineMetadata(readYaml(readInput(path), path) ?? {}, path, readInput)
    const answer = roleSyncAnswerOf(given)
    const result = await administer('declaration.apply', { declaration, ...answer })
    if (result.changes.length === 0) return { result, text: 'Nothing to change: everything is as declared.' }
    const last = answer.dryRun ? 'Nothing was written (--dry-run).' : `Written: ${result.changes.length}.`
    return { result, text: [...result.changes.map(changeText), ...result.roleSync.map(roleSyncText), last].join('\n') }
  },
}

/** `metadata: { file: company-a.xml }`, relative to the declaration, becomes `metadata: { text: … }`, or names the whole path. */
function inlineMetadata(declaration: unknown, path: string, readInput: CliContext['readInput']): unknown {
  return mapValues(declaration, 'organizations', (organization) =>
    mapValues(organization, 'connections', (connection) => {
      if (!isObject(connection) || !isObject(connection.metadata)) return connection
      const { file, ...metadata } = connection.metadata
      if (typeof file !== 'string') return connection
      const absolute = isAbsolute(file) || path === '-' ? file : join(dirname(path), file)
      return { ...connection, metadata: { ...metadata, ...metadataInFile(absolute, readInput) } }
    }),
  )
}

/** Maps every value of the object under a key; whatever has another shape stays, to be refused with its place. */
function mapValues(value: unknown, key: string, map: (inner: unknown) => unknown): unknown {
  if (!isObject(value) || !isObject(value[key])) return value
  const mapped = Object.entries(value[key]).map(([name, inner]) => [name, map(inner)])
  return { ...value, [key]: Object.fromEntries(mapped) }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
