import { dirname, isAbsolute, join } from 'node:path'
import { parse } from 'yaml'
import type { CommandInput } from '../../admin/commands.ts'
import { LatchkeyError } from '../../errors.ts'
import type { CliContext } from '../cli-command.ts'
import { metadataInFile } from '../read-input.ts'

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

/** Throws `input_invalid` with the first fault. */
export function readYaml(text: string, path: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 })
  } catch (error) {
    const arrived = error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''
    throw new LatchkeyError('input_invalid', { check: 'YAML', wanted: 'YAML without faults', arrived, at: path })
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
