import { LatchkeyError } from '../errors.ts'
import { nearestName } from '../nearest-name.ts'
import { flagName, type SettingDefinition, settingDefinitions, variableName, writtenNames } from './setting-table.ts'
import { freezeSettings, type Settings, type SettingValues } from './settings.ts'
import { type FileEntry, readSettingsFile } from './settings-file.ts'

/**
 * Settings come from flags, then `LATCHKEY_…` variables, then `latchkey.yaml`, then the table's defaults; the first that
 * speaks decides. This file knows the precedence and the refusals, `setting-table.ts` every setting, `load-settings.ts`
 * where the real flags, variables and files are.
 */

export interface SettingSources {
  /** By flag name without dashes; a repeated flag is a list. */
  readonly flags: Readonly<Record<string, string | readonly string[]>>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly file?: { readonly path: string; readonly text: string }
  /** Reads a secret's file; relative paths are relative to the working directory. */
  readonly readFile: (path: string) => string
}

/** A value as it was written, and where. */
interface Written {
  readonly name: string
  readonly value: unknown
  readonly at: string
}

type Source = (definition: SettingDefinition) => readonly Written[]

/** Throws `configuration_invalid` naming the setting, where it was set, what was wanted and what arrived. */
export function readSettings(sources: SettingSources): Settings {
  const entries = sources.file ? readSettingsFile(sources.file) : new Map<string, FileEntry>()
  const path = sources.file?.path ?? ''
  checkKnown(sources, entries, path)
  const inOrder = [fromFlags(sources.flags), fromEnvironment(sources.environment), fromFile(entries, path)]
  const values: Record<string, unknown> = {}
  for (const definition of settingDefinitions) {
    const written = firstWritten(definition, inOrder)
    if (written) values[definition.name] = parseValue(definition, written, sources.readFile)
  }
  // Each value has just been parsed by its own entry of the table, from which SettingValues is derived.
  return freezeSettings(values as SettingValues)
}

function firstWritten(definition: SettingDefinition, sources: readonly Source[]): Written | undefined {
  for (const source of sources) {
    const [first, second] = source(definition)
    if (first && second) {
      throw invalid(definition, {
        wanted: 'one of the two',
        arrived: `${first.at} and ${second.at}`,
        at: first.at,
      })
    }
    if (first) return first
  }
  return undefined
}

function fromFlags(flags: SettingSources['flags']): Source {
  return (definition) =>
    writtenNames(definition).flatMap((name) => {
      const value = flags[flagName(name)]
      return value === undefined ? [] : [{ name, value, at: `flag --${flagName(name)}` }]
    })
}

/** An empty variable counts as not set. `DATABASE_URL` is what hosting platforms set. */
function fromEnvironment(environment: SettingSources['environment']): Source {
  const variable = (name: string, key: string): readonly Written[] =>
    environment[key] ? [{ name, value: environment[key], at: `variable ${key}` }] : []
  return (definition) => {
    const own = writtenNames(definition).flatMap((name) => variable(name, variableName(name)))
    if (own.length > 0 || definition.name !== 'databaseUrl') return own
    return variable(definition.name, 'DATABASE_URL')
  }
}

function fromFile(entries: ReadonlyMap<string, FileEntry>, path: string): Source {
  return (definition) =>
    writtenNames(definition).flatMap((name) => {
      const entry = entries.get(name)
      return entry === undefined ? [] : [{ name, value: entry.value, at: `${path}, line ${entry.line}` }]
    })
}

function parseValue(definition: SettingDefinition, written: Written, readFile: SettingSources['readFile']): unknown {
  const value = written.name === definition.name ? written.value : readSecret(definition, written, readFile)
  const result = definition.type.safeParse(shaped(definition, value))
  if (result.success) return result.data
  throw invalid(definition, {
    wanted: definition.wanted,
    arrived: definition.secret ? '(not shown)' : shorten(value),
    at: written.at,
  })
}

function readSecret(definition: SettingDefinition, written: Written, readFile: SettingSources['readFile']): string {
  try {
    return readFile(String(written.value)).trim()
  } catch (cause) {
    const arrived = cause instanceof Error && 'code' in cause ? String(cause.code) : 'a file that cannot be read'
    throw invalid(definition, { wanted: 'a file that can be read', arrived, at: written.at }, { cause })
  }
}

function shaped(definition: SettingDefinition, value: unknown): unknown {
  if (definition.shape === 'list') {
    const parts = Array.isArray(value) ? value : [value]
    return parts.flatMap((part) => (typeof part === 'string' ? part.split(',').map((text) => text.trim()) : [part]))
  }
  if (definition.shape === 'number' && typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value)
  return value
}

function shorten(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

function invalid(
  definition: SettingDefinition,
  detail: { readonly wanted: string; readonly arrived: string; readonly at: string },
  options?: ErrorOptions,
): LatchkeyError {
  return new LatchkeyError('configuration_invalid', { check: definition.name, ...detail }, options)
}

function checkKnown(sources: SettingSources, entries: ReadonlyMap<string, FileEntry>, path: string): void {
  const names = settingDefinitions.flatMap(writtenNames)
  for (const [key, { line }] of entries) {
    if (!names.includes(key)) throw unknown(key, names, `${path}, line ${line}`)
  }
  const variables = [...names.map(variableName), 'LATCHKEY_CONFIG']
  for (const [key, value] of Object.entries(sources.environment)) {
    if (!key.startsWith('LATCHKEY_') || variables.includes(key) || isServiceLink(key, value)) continue
    throw unknown(key, variables, `variable ${key}`)
  }
}

/** Kubernetes gives every container variables of this form for a Service called `latchkey…`. */
function isServiceLink(key: string, value: string | undefined): boolean {
  return /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP)(_|$)/.test(key) || /^(tcp|udp):\/\//.test(value ?? '')
}

function unknown(arrived: string, known: readonly string[], at: string): LatchkeyError {
  const near = nearestName(arrived, known)
  return new LatchkeyError('configuration_invalid', {
    check: 'setting',
    wanted: 'a setting that exists (docs/configuration.md)',
    arrived,
    at,
    ...(near ? { advice: `Did you mean ${near}?` } : {}),
  })
}
