import { dirname, isAbsolute, join } from 'node:path'
import type { CommandInput } from '../../admin/commands.ts'
import { LatchkeyError } from '../../errors.ts'
import type { CliContext } from '../cli-command.ts'
import { metadataInFile } from '../read-input.ts'
import { readYaml } from '../read-yaml.ts'

export type Draft = Exclude<CommandInput<'connection.preview'>['draft'], 'stored' | undefined>

/** A draft as a file holds it: one connection of `latchkey export`. `metadata: { file }` is relative to it. Throws `input_invalid`. */
export function readDraft(path: string, readInput: CliContext['readInput']): Draft {
  const draft = readYaml(readInput(path), path)
  if (!isObject(draft)) {
    throw new LatchkeyError('input_invalid', {
      check: 'draft',
      wanted: 'a connection as `latchkey export` writes it',
      at: path,
    })
  }
  if (!isObject(draft.metadata) || typeof draft.metadata.file !== 'string') return draft
  const { file, ...metadata } = draft.metadata
  const absolute = isAbsolute(String(file)) || path === '-' ? String(file) : join(dirname(path), String(file))
  return { ...draft, metadata: { ...metadata, ...metadataInFile(absolute, readInput) } }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
