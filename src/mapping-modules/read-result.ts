import { z } from 'zod'
import { LatchkeyError } from '../errors.ts'
import { type FromThread, mostCharacters } from './messages.ts'

/** What a module made, in lists. Values are not looked into here. */
export interface ModuleResult {
  /** A field with no value is to be cleared. */
  readonly fields: readonly (readonly [field: string, values: readonly string[]])[]
  readonly groups: readonly string[]
  readonly roles: readonly string[]
}

const field = z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,62}$/)
const names = z.array(z.string()).max(2000)
const result = z.strictObject({
  fields: z
    .array(z.tuple([field, z.array(z.string()).max(100)]))
    .max(200)
    .refine((list) => new Set(list.map(([name]) => name)).size === list.length),
  groups: names,
  roles: names,
})

/**
 * Reads what came out of a thread as if from a stranger: the thread ran code that is not ours. Throws
 * `mapping_module_failed`, `mapping_module_result_invalid`.
 */
export function readResult(said: FromThread, module: string): ModuleResult {
  const check = `mapping module ${module}`
  if (said.kind === 'threw') {
    throw new LatchkeyError('mapping_module_failed', { check, wanted: 'an answer', arrived: text(said.error) })
  }
  if (said.kind === 'unusable') throw unusable(check, text(said.wanted), text(said.arrived))
  const given: unknown = said.kind === 'gave' ? said.text : undefined
  if (typeof given !== 'string' || given.length > mostCharacters) throw unusable(check, 'a result', 'something else')
  const parsed = result.safeParse(parse(given))
  if (parsed.success) return parsed.data
  throw unusable(check, 'fields, groups and roles', 'something else')
}

function parse(given: string): unknown {
  try {
    return JSON.parse(given)
  } catch {
    return undefined
  }
}

/** What a thread says of itself, made safe for a refusal. */
function text(said: unknown): string {
  return typeof said === 'string' ? said.slice(0, 300) : 'something else'
}

function unusable(check: string, wanted: string, arrived: string): LatchkeyError {
  return new LatchkeyError('mapping_module_result_invalid', { check, wanted, arrived })
}
