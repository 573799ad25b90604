import { z } from 'zod'
import type { Connection } from '../directory/connection.ts'
import { LatchkeyError } from '../errors.ts'
import { type ReplaySummary, startSum, summaryText } from '../replay/summarize.ts'
import type { Administration } from './administration.ts'
import { replayPages } from './replay-pages.ts'

/** How many people a change may concern: a number, or a part of all. */
export const changeBudgetInput = z.union([
  z.strictObject({ people: z.int().min(0) }),
  z.strictObject({ percent: z.number().min(0).max(100) }),
])
export type ChangeBudget = z.output<typeof changeBudgetInput>

/** Throws `change_budget_exceeded` when a draft would change more people than that; gives what it would do. */
export async function checkBudget(
  stored: Connection,
  drafted: Connection,
  budget: ChangeBudget,
  deps: Administration,
): Promise<ReplaySummary> {
  const summary = await replayAll(stored, drafted, deps)
  const most = 'people' in budget ? budget.people : Math.floor((summary.people * budget.percent) / 100)
  if (summary.changed <= most && summary.unreadable === 0) return summary
  throw new LatchkeyError('change_budget_exceeded', {
    check: 'people who would change',
    wanted: `at most ${most} of ${summary.people}`,
    arrived: summary.unreadable > 0 ? `${summary.unreadable} that cannot be read` : summaryText(summary),
    at: `connection:${stored.id}`,
    advice: `See who: latchkey connection replay ${stored.id} --stored-draft`,
  })
}

async function replayAll(stored: Connection, drafted: Connection, deps: Administration): Promise<ReplaySummary> {
  const sum = startSum()
  for await (const page of replayPages(stored, drafted, deps)) sum.add(page)
  return sum.summary()
}
