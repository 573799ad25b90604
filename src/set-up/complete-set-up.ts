import type { Catalog } from '../access/catalog.ts'
import type { FieldValue } from '../directory/account.ts'
import type { SetUpDirectory } from '../directory/directory.ts'
import type { SetUpWrites } from '../directory/set-up.ts'
import { isLatchkeyError, LatchkeyError } from '../errors.ts'
import { uniqueFields } from '../provisioning/custom-fields.ts'
import { newBrowserSecret } from '../sessions/browser-secret.ts'
import { checkAnswers, type Faults } from './check-answers.ts'
import { type AnsweredSetUp, type ArrivedTicket, type OpenSetUp, openSetUp } from './open-set-up.ts'

export interface CompleteSetUpDependencies {
  readonly directory: SetUpDirectory
  readonly catalog: Pick<Catalog, 'connection' | 'forgetConnection'>
  readonly now: () => Date
  /** UUID version 7. */
  readonly newId: () => string
  readonly randomBytes: (length: number) => Buffer
}

/** What a person sent. */
export interface ArrivedAnswers extends ArrivedTicket {
  /** What was typed for a field; asked only for fields that are asked. Throws for what cannot be read. */
  readonly typed: (field: string) => string | undefined
}

export type SetUpOutcome =
  | { readonly kind: 'done'; readonly sessionToken: string; readonly returnTo: string }
  | {
      readonly kind: 'wrong'
      readonly open: OpenSetUp
      readonly typed: ReadonlyMap<string, string>
      readonly faults: Faults
    }
  | AnsweredSetUp

/** How often it is read anew before it gives way. */
const maximumRounds = 8

/**
 * Keeps the answers and opens the session that waits for them, in one transaction; or says what is wrong with them, and
 * nothing is written. Of several who answer at once, one is first; the others learn that it was answered.
 *
 * Throws what `openSetUp` throws, and `sign_in_busy`.
 */
export async function completeSetUp(arrived: ArrivedAnswers, deps: CompleteSetUpDependencies): Promise<SetUpOutcome> {
  for (let round = 1; round <= maximumRounds; round++) {
    const open = await openSetUp(arrived, deps)
    if (open.kind === 'answered') return open
    const outcome = await answerOnce(open, typedFor(open, arrived), deps)
    if (outcome !== 'stale') return outcome
    deps.catalog.forgetConnection(arrived.connectionId)
  }
  throw new LatchkeyError('sign_in_busy', { check: 'rounds', wanted: `at most ${maximumRounds}`, retryAfterSeconds: 2 })
}

function typedFor({ questions }: OpenSetUp, { typed }: ArrivedAnswers): ReadonlyMap<string, string> {
  return new Map(questions.map(({ field }) => [field, typed(field) ?? '']))
}

async function answerOnce(
  open: OpenSetUp,
  typed: ReadonlyMap<string, string>,
  deps: CompleteSetUpDependencies,
): Promise<SetUpOutcome | 'stale'> {
  const { answers, faults } = checkAnswers(open.questions, typed)
  if (faults.size > 0) return { kind: 'wrong', open, typed, faults }
  const token = newBrowserSecret(deps.randomBytes)
  const writes = planSetUp(open, answers, { tokenHash: token.hash, now: deps.now(), newId: deps.newId })
  try {
    if ((await deps.directory.completeSetUp(writes)) === 'stale') return 'stale'
  } catch (error) {
    if (!isLatchkeyError(error, 'account_field_conflict')) throw error
    const taken = await deps.directory.listTakenFields(writes)
    // Given up meanwhile: the same answers may be good now.
    if (taken.length === 0) return 'stale'
    return { kind: 'wrong', open, typed, faults: new Map(taken.map((field) => [field, 'taken'])) }
  }
  return { kind: 'done', sessionToken: token.secret, returnTo: open.setUp.returnTo }
}

/** What the answers write: pure. The values belong to the person; the audit names the fields and not what they hold. */
export function planSetUp(
  { setUp, account, connection }: OpenSetUp,
  answers: ReadonlyMap<string, string>,
  { tokenHash, now, newId }: { readonly tokenHash: string; readonly now: Date; readonly newId: () => string },
): SetUpWrites {
  const fields = [...answers].map(([field, answer]): readonly [string, FieldValue] => [
    field,
    { values: [answer], source: 'person', rule: 'set-up', since: now },
  ])
  const unique = uniqueFields(connection.declared)
  const event = {
    id: newId(),
    at: now,
    actor: 'person',
    action: 'account.set_up',
    target: `account:${account.id}`,
    detail: { fields: [...answers.keys()].sort(), connection: connection.id },
  }
  return {
    organizationId: setUp.organizationId,
    connectionId: connection.id,
    connectionVersion: connection.version,
    ticketHash: setUp.ticketHash,
    accountId: account.id,
    expectedVersion: account.version,
    tokenHash,
    fields: Object.fromEntries(fields),
    ...(unique.some((field) => answers.has(field)) ? { uniqueFields: unique } : {}),
    events: [event],
    now,
  }
}
