import { z } from 'zod'
import type { ReplayedChange } from '../replay/compare.ts'
import { type ReplaySummary, startSum, summaryText } from '../replay/summarize.ts'
import { type Administration, auditEvent } from './administration.ts'
import { getConnection } from './connections.ts'
import { draftInput } from './draft-connection.ts'
import { nameInput, parseInput } from './parse-input.ts'
import { chooseDraft } from './preview-connection.ts'
import { replayPages } from './replay-pages.ts'

export const replayWholeInput = z.strictObject({
  id: nameInput,
  draft: z.union([draftInput, z.literal('stored')]),
  /** How many of the people who would change are listed. */
  limit: z.int().min(0).max(10_000).default(100),
})

export interface WholeReplay {
  readonly connection: string
  readonly summary: ReplaySummary
  /** The summary as a sentence. */
  readonly text: string
  readonly changes: readonly ReplayedChange[]
  /** People who would change and are not listed. */
  readonly notListed: number
}

/** How far a replay is, or what came of it: the last line. */
export type ReplayLine =
  | { readonly progress: { readonly done: number; readonly total: number } }
  | { readonly result: WholeReplay }

/**
 * What the last sign-in of each person would come to under a draft, told while it goes on. Nothing is written but the record that
 * somebody asked. Throws what `replayConnection` throws, before the first line.
 */
export async function* replayWhole(
  input: z.input<typeof replayWholeInput>,
  deps: Administration,
): AsyncGenerator<ReplayLine, void, undefined> {
  const { id, draft, limit } = parseInput(replayWholeInput, input)
  const stored = await getConnection(id, deps.directory)
  const drafted = await chooseDraft(stored, draft, deps)
  const total = await deps.directory.countSignInInputs(stored)
  const event = auditEvent(deps, 'connection.replayed', `connection:${id}`, { people: total })
  await deps.directory.recordAuditEvent(stored.organizationId, event)
  const sum = startSum()
  const changes: ReplayedChange[] = []
  let done = 0
  for await (const page of replayPages(stored, drafted, deps)) {
    sum.add(page)
    changes.push(...page.changes.slice(0, limit - changes.length))
    done += page.people
    yield { progress: { done, total } }
  }
  const summary = sum.summary()
  const notListed = summary.changed - changes.length
  yield { result: { connection: id, summary, text: summaryText(summary), changes, notListed } }
}
