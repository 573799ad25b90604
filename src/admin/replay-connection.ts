import { z } from 'zod'
import { type ReplayPage, replayPage } from '../replay/replay-page.ts'
import type { Administration } from './administration.ts'
import { getConnection } from './connections.ts'
import { draftInput } from './draft-connection.ts'
import { nameInput, parseInput } from './parse-input.ts'
import { chooseDraft } from './preview-connection.ts'
import { replayDependencies, replayPageSize } from './replay-pages.ts'

export const replayConnectionInput = z.strictObject({
  id: nameInput,
  draft: z.union([draftInput, z.literal('stored')]),
  /** The last account of the page before. */
  after: z.uuid().optional(),
  limit: z.int().min(1).max(5000).default(replayPageSize),
})

export interface ReplayedPage extends ReplayPage {
  /** People in all pages. */
  readonly total: number
}

/**
 * One page of what the last sign-in of each person would come to under a draft. Nothing is written. Throws `connection_not_found`, what choosing
 * a draft throws, and `configuration_invalid` when there is no secret.
 */
export async function replayConnection(
  input: z.input<typeof replayConnectionInput>,
  deps: Administration,
): Promise<ReplayedPage> {
  const { id, draft, after, limit } = parseInput(replayConnectionInput, input)
  const stored = await getConnection(id, deps.directory)
  const drafted = await chooseDraft(stored, draft, deps)
  const total = await deps.directory.countSignInInputs(stored)
  const options = { stored, drafted, limit, ...(after === undefined ? {} : { after }) }
  return { total, ...(await replayPage(options, replayDependencies(deps))) }
}
