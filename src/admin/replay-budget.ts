import { z } from 'zod'
import type { Connection } from '../directory/connection.ts'
import { LatchkeyError } from '../errors.ts'
import { type ReplayDependencies, replayPage } from '../replay/replay-page.ts'
import { createInputSeal } from '../replay/seal-input.ts'
import { type ReplaySummary, startSum, summaryText } from '../replay/summarize.ts'
import type { Administration } from './administration.ts'

/** People asked about in one page, whoever turns the pages. */
export const replayPageSize = 1000

export function replayDependencies({ directory, now, newId, secret, randomBytes }: Administration): ReplayDependencies {
  return { directory, now, newId, inputSeal: createInputSeal(secret(), randomBytes) }
}

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
  const replaying = replayDependencies(deps)
  const sum = startSum()
  for (let after: string | undefined, isLast = false; !isLast; ) {
    const options = { stored, drafted, limit: replayPageSize, ...(after === undefined ? {} : { after }) }
    const page = await replayPage(options, replaying)
    sum.add(page)
    after = page.next
    isLast = after === undefined
  }
  return sum.summary()
}
