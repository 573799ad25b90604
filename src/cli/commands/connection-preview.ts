import type { CommandInput } from '../../admin/commands.ts'
import { LatchkeyError } from '../../errors.ts'
import {
  type CliCommand,
  type CliContext,
  type Given,
  optional,
  positional,
  textFlag,
  textFlags,
} from '../cli-command.ts'
import { previewText } from '../preview-text.ts'
import { readYaml } from '../read-yaml.ts'
import { settingsOf } from './connection-flags.ts'
import { readDraft } from './read-draft.ts'

type Input = CommandInput<'connection.preview'>

export const connectionPreview: CliCommand = {
  words: 'connection preview',
  summary: 'Says what a sign-in would do, by the stored configuration or a draft of it. Writes nothing.',
  positionals: [{ name: 'ID', description: 'The connection.' }],
  flags: {
    response: {
      type: 'string',
      value: 'FILE',
      description: 'A response as it was posted, base64 or XML; `-` for standard input.',
    },
    attempt: {
      type: 'string',
      value: 'REFERENCE',
      description: 'An accepted sign-in, the last one kept of its person.',
    },
    person: {
      type: 'string',
      value: 'FILE',
      description: 'YAML or JSON with `nameId`, `attributes`: a person as the identity provider would describe them.',
    },
    attribute: {
      type: 'string',
      value: 'NAME=VALUE',
      multiple: true,
      description: 'An attribute of such a person; again for another value.',
    },
    'name-id': { type: 'string', value: 'VALUE', description: 'The NameID of such a person.' },
    'name-id-format': {
      type: 'string',
      value: 'FORMAT',
      description: 'Its format, a URI or its last part; `persistent` when not given.',
    },
    'stored-draft': { type: 'boolean', description: 'By the draft that waits (`latchkey connection draft`).' },
    draft: {
      type: 'string',
      value: 'FILE',
      description:
        'A configuration as `latchkey export` writes a connection; what is left out stays as stored, what `settings` leave out has its default.',
    },
    set: {
      type: 'string',
      value: 'SETTING=VALUE',
      multiple: true,
      description: 'A setting as it would be, its value as YAML.',
    },
    reveal: { type: 'boolean', description: 'Shows sensitive values, which are masked otherwise. That is recorded.' },
  },
  settings: 'storage',
  examples: [
    'latchkey connection preview company-a --response captured.txt',
    'latchkey connection preview company-a --name-id p-4711 --attribute role=manager --set idpManagedRoles=false',
  ],
  run: async (given, { administer, readInput }) => {
    const result = await administer('connection.preview', {
      id: positional(given, 0),
      ...evidenceOf(given, readInput),
      ...draftOf(given, readInput),
      reveal: given.flags.reveal === true,
    })
    return { result, text: previewText(result), exitCode: result.outcome === 'accepted' ? 0 : 1 }
  },
}

function evidenceOf(given: Given, readInput: CliContext['readInput']): Pick<Input, 'response' | 'attempt' | 'person'> {
  const response = textFlag(given, 'response')
  const person = personOf(given, readInput)
  return {
    ...(response === undefined ? {} : { response: readInput(response) }),
    ...optional('attempt', textFlag(given, 'attempt')),
    ...(person === undefined ? {} : { person }),
  }
}

function personOf(given: Given, readInput: CliContext['readInput']): Input['person'] {
  const path = textFlag(given, 'person')
  if (path !== undefined) return readYaml(readInput(path), path) as Input['person']
  const attributes = attributesOf(textFlags(given, 'attribute'))
  const value = textFlag(given, 'name-id')
  if (value === undefined && Object.keys(attributes).length === 0) return undefined
  const format = optional('format', textFlag(given, 'name-id-format'))
  return { attributes, ...(value === undefined ? {} : { nameId: { value, ...format } }) }
}

function attributesOf(texts: readonly string[]): Record<string, string[]> {
  const attributes: Record<string, string[]> = {}
  for (const text of texts) {
    const at = text.indexOf('=')
    if (at <= 0) {
      const arrived = text.slice(0, 200)
      throw new LatchkeyError('input_invalid', { check: 'attribute', wanted: 'NAME=VALUE', arrived, at: '--attribute' })
    }
    const name = text.slice(0, at)
    attributes[name] = [...(attributes[name] ?? []), text.slice(at + 1)]
  }
  return attributes
}

function draftOf(given: Given, readInput: CliContext['readInput']): Pick<Input, 'draft'> {
  if (given.flags['stored-draft'] === true) return { draft: 'stored' }
  const path = textFlag(given, 'draft')
  const change = settingsOf(given)
  const hasChange = Object.keys(change).length > 0
  if (path === undefined && !hasChange) return {}
  return { draft: { ...(path === undefined ? {} : readDraft(path, readInput)), ...(hasChange ? { change } : {}) } }
}
