import { z } from 'zod'
import { connectionSource } from '../directory/account.ts'
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
  if (summary.people === 0) await checkNobodyIsKnown(stored, deps)
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

/** Nobody's sign-in is kept, by `keepInputsDays` say: of people who come over the connection that tells nothing. */
async function checkNobodyIsKnown({ organizationId, id }: Connection, { directory }: Administration): Promise<void> {
  const { accounts } = await directory.readImpact({
    organizationId,
    connectionId: id,
    source: connectionSource(id),
    limit: 1,
  })
  if (accounts.reached === 0) return
  throw new LatchkeyError('change_budget_exceeded', {
    check: 'people who would change',
    wanted: 'sign-ins that are kept, to replay',
    arrived: `none, of ${accounts.reached} accounts that come over the connection`,
    at: `connection:${id}`,
    advice:
      'Sign-ins are kept while keepInputsDays is not 0. Publish without a budget, or wait until people have signed in.',
  })
}

async function replayAll(stored: Connection, drafted: Connection, deps: Administration): Promise<ReplaySummary> {
  const sum = startSum()
  for await (const page of replayPages(stored, drafted, deps)) sum.add(page)
  return sum.summary()
}
