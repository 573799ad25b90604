import { z } from 'zod'
import type { SignInAttempt } from '../directory/sign-in.ts'
import { LatchkeyError } from '../errors.ts'
import { type Administration, auditEvent } from './administration.ts'
import { type ExplainedAttempt, explainFully, type FullAttempt } from './explain-attempt.ts'
import { findReadableInput } from './kept-input.ts'
import { chooseOrganization } from './organizations.ts'
import { nameInput, parseInput } from './parse-input.ts'

export const showAttemptInput = z.strictObject({ reference: z.string().trim().min(1).max(64) })

/** All about a sign-in attempt, by the reference its person was shown; personal values are masked. Throws `attempt_not_found`. */
export async function showAttempt(input: z.input<typeof showAttemptInput>, deps: Administration): Promise<FullAttempt> {
  return readFully(await findAttempt(input, deps), false, deps)
}

/** The same with personal values; that somebody read them is recorded first. Throws `attempt_not_found`. */
export async function revealAttempt(
  input: z.input<typeof showAttemptInput>,
  deps: Administration,
): Promise<FullAttempt> {
  const attempt = await findAttempt(input, deps)
  const event = auditEvent(deps, 'attempt.revealed', `attempt:${attempt.id}`, {
    ...(attempt.accountId === undefined ? {} : { account: attempt.accountId }),
  })
  await deps.directory.recordAuditEvent(attempt.organizationId, event)
  return readFully(attempt, true, deps)
}

export async function findAttempt(
  input: z.input<typeof showAttemptInput>,
  deps: Pick<Administration, 'directory'>,
): Promise<SignInAttempt> {
  const { reference } = parseInput(showAttemptInput, input)
  const attempt = await deps.directory.findAttempt(reference)
  if (attempt) return attempt
  throw new LatchkeyError('attempt_not_found', {
    check: 'reference',
    wanted: 'a reference as the person was shown it; attempts are kept for keepAttemptsDays',
    arrived: reference,
  })
}

async function readFully(attempt: SignInAttempt, isRevealed: boolean, deps: Administration): Promise<FullAttempt> {
  const { directory } = deps
  const { organizationId, accountId, at } = attempt
  if (accountId === undefined) return explainFully(attempt, { account: undefined, events: [], isRevealed })
  const account = await directory.findAccount(organizationId, accountId)
  const events = await directory.listAuditEvents(organizationId, `account:${accountId}`, at)
  const input = await findReadableInput(attempt, deps)
  return explainFully(attempt, { account, events, input, isRevealed })
}

export const listAttemptsInput = z.strictObject({
  organization: nameInput.optional(),
  connection: nameInput.optional(),
  outcome: z.enum(['accepted', 'refused']).optional(),
  limit: z.int().min(1).max(1000).default(20),
})

/** The newest first; personal values are masked. Throws `organization_not_found`. */
export async function listAttempts(
  input: z.input<typeof listAttemptsInput>,
  deps: Administration,
): Promise<readonly ExplainedAttempt[]> {
  const { organization, connection, outcome, limit } = parseInput(listAttemptsInput, input)
  const { id } = await chooseOrganization(organization, deps.directory)
  const attempts = await deps.directory.listAttempts({
    organizationId: id,
    limit,
    ...(connection === undefined ? {} : { connectionId: connection }),
    ...(outcome === undefined ? {} : { outcome }),
  })
  return attempts.map((attempt) => {
    const { revealed: _revealed, writes: _writes, fields: _fields, ...explained } = explainFully(attempt, nothingAround)
    return explained
  })
}

const nothingAround = { account: undefined, events: [], isRevealed: false }
