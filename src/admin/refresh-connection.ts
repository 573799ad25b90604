import { z } from 'zod'
import type { Administration } from './administration.ts'
import { getConnection } from './connections.ts'
import { nameInput, parseInput } from './parse-input.ts'
import { type RefreshOutcome, refreshMetadata } from './refresh-metadata.ts'

export const refreshConnectionInput = z.strictObject({
  id: nameInput,
  /** Says what would change and writes nothing. */
  dryRun: z.boolean().default(false),
})

/** Fetches the metadata of a connection now, due or not. Throws `connection_not_found` and what `refreshMetadata` throws. */
export async function refreshConnection(
  input: z.input<typeof refreshConnectionInput>,
  deps: Administration,
): Promise<RefreshOutcome & { readonly connection: string }> {
  const { id, dryRun } = parseInput(refreshConnectionInput, input)
  const connection = await getConnection(id, deps.directory)
  return { connection: id, ...(await refreshMetadata(connection, { dryRun, whole: true }, deps)) }
}
