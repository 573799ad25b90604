import { z } from 'zod'
import { connectionSource } from '../directory/account.ts'
import type { Impact } from '../directory/provenance.ts'
import type { Administration } from './administration.ts'
import { getConnection } from './connections.ts'
import { nameInput, parseInput } from './parse-input.ts'

export const impactInput = z.strictObject({
  id: nameInput,
  /** Only what this rule made, as `account show` names it. */
  rule: z.string().min(1).max(1024).optional(),
  /** How many of the people concerned are listed. */
  limit: z.int().min(1).max(10_000).default(100),
})

export interface ConnectionImpact extends Impact {
  readonly connection: string
  readonly rule?: string
  /** Where nothing is there that the rule made: the rules of the connection that made something. */
  readonly otherRules?: readonly string[]
}

/** What would go if a connection, or one of its rules, went. Throws `connection_not_found`. */
export async function showImpact(input: z.input<typeof impactInput>, deps: Administration): Promise<ConnectionImpact> {
  const { id, rule, limit } = parseInput(impactInput, input)
  const { organizationId } = await getConnection(id, deps.directory)
  const query = { organizationId, connectionId: id, source: connectionSource(id), limit }
  const impact = await deps.directory.readImpact({ ...query, ...(rule === undefined ? {} : { rule }) })
  if (rule === undefined) return { connection: id, ...impact }
  if (impact.grants.length + impact.fields.length > 0) return { connection: id, rule, ...impact }
  return { connection: id, rule, ...impact, otherRules: rulesOf(await deps.directory.readImpact(query)) }
}

function rulesOf({ grants, fields }: Impact): readonly string[] {
  return [...new Set([...grants, ...fields].map(({ rule }) => rule))].sort()
}
