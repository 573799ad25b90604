import { parse } from 'yaml'
import { LatchkeyError } from '../../errors.ts'
import { type CliContext, type CliFlag, type Given, optional, textFlag, textFlags } from '../cli-command.ts'
import { metadataInFile } from '../read-input.ts'

/** What `connection add` and `connection set` have in common. */
export const connectionFlags = {
  name: { type: 'string', value: 'TEXT', description: 'Name for people.' },
  'entity-id': {
    type: 'string',
    value: 'URI',
    description: 'Which identity provider, when the metadata describes several.',
  },
  'service-provider-entity-id': {
    type: 'string',
    value: 'URI',
    description: 'Our entity ID, instead of the address of our metadata.',
  },
  set: {
    type: 'string',
    value: 'SETTING=VALUE',
    multiple: true,
    description:
      "A setting (docs/configuration.md), its value as YAML: `jitProvisioning=false`, `'grantableRoles=[a, b]'`.",
  },
  'dangerously-allow-http': {
    type: 'boolean',
    description: 'Accepts sign-in addresses without TLS on other machines.',
  },
} as const satisfies Readonly<Record<string, CliFlag>>

/** For changes that may take roles from people. */
export const roleSyncFlags = {
  yes: { type: 'boolean', description: 'Also when people lose roles because they are kept otherwise (`roleSync`).' },
  'dry-run': { type: 'boolean', description: 'Says what would change and for whom, and writes nothing.' },
} as const satisfies Readonly<Record<string, CliFlag>>

export function roleSyncAnswerOf({ flags }: Given) {
  return { confirm: flags.yes === true, dryRun: flags['dry-run'] === true }
}

export const metadataFlag: CliFlag = {
  type: 'string',
  value: 'FILE|URL',
  description: "The identity provider's metadata: a file, `-` for standard input, or an https address.",
}

export const metadataCertificateFlag: CliFlag = {
  type: 'string',
  value: 'FILE',
  description: 'Certificate (PEM) whose key must have signed the metadata, now and at every refresh.',
}

export const expectVersionFlag: CliFlag = {
  type: 'string',
  value: 'NUMBER',
  description: 'Refuses when the connection has another version by now.',
}

/** Throws `input_invalid`. */
export function versionOf(given: Given): { readonly version?: number } {
  const text = textFlag(given, 'expect-version')
  return text === undefined ? {} : { version: readVersion(text, '--expect-version') }
}

/** Throws `input_invalid`. */
export function readVersion(text: string, at: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new LatchkeyError('input_invalid', { check: 'version', wanted: 'a number', arrived: text.slice(0, 100), at })
}

/** The metadata that is meant, or nothing. Throws `input_invalid` when a file cannot be read. */
export function metadataOf(given: Given, readInput: CliContext['readInput']) {
  const source = textFlag(given, 'metadata')
  if (source === undefined) return undefined
  return {
    ...(/^https?:\/\//i.test(source) ? { url: source } : metadataInFile(source, readInput)),
    ...certificateOf(given, readInput),
    ...optional('entityId', textFlag(given, 'entity-id')),
    ...(given.flags['dangerously-allow-http'] === true ? { dangerouslyAllowHttp: true } : {}),
  }
}

/** Base64 of the DER form, out of PEM or as it stands. */
function certificateOf(given: Given, readInput: CliContext['readInput']) {
  const path = textFlag(given, 'metadata-certificate')
  if (path === undefined) return {}
  return { signingCertificate: readInput(path).replace(/-----(?:BEGIN|END) CERTIFICATE-----|\s+/g, '') }
}

/** `--set a=1 --set b.c=[x]` as an object. Throws `input_invalid`. */
export function settingsOf(given: Given): Readonly<Record<string, unknown>> {
  return Object.fromEntries(textFlags(given, 'set').map(readSetting))
}

function readSetting(text: string): readonly [string, unknown] {
  const [, name, value] = /^([A-Za-z]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined) throw refused('SETTING=VALUE', text)
  try {
    return [name, parse(value, { maxAliasCount: 10 })]
  } catch {
    throw refused(`a value that is YAML, such as 'grantableRoles=[a, b]'`, text)
  }
}

function refused(wanted: string, arrived: string): LatchkeyError {
  return new LatchkeyError('input_invalid', { check: 'setting', wanted, arrived: arrived.slice(0, 200), at: '--set' })
}
