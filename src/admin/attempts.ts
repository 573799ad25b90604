import { z } from 'zod'
import { referenceOf, type SignInAttempt } from '../directory/sign-in.ts'
import { type ErrorCode, errorEntries, type FixSide, LatchkeyError } from '../errors.ts'
import type { Administration } from './administration.ts'
import { chooseOrganization } from './organizations.ts'
import { nameInput, parseInput } from './parse-input.ts'

/** With what the person was shown, and who can put it right. */
export interface ExplainedAttempt extends SignInAttempt {
  readonly reference: string
  /** Of a refused one. */
  readonly sentence?: string
  readonly fix?: FixSide
}

export const showAttemptInput = z.strictObject({ reference: z.string().trim().min(1).max(64) })

/** A sign-in attempt by the reference its person was shown. Throws `attempt_not_found`. */
export async function showAttempt(
  input: z.input<typeof showAttemptInput>,
  deps: Administration,
): Promise<ExplainedAttempt> {
  const { reference } = parseInput(showAttemptInput, input)
  const attempt = await deps.directory.findAttempt(reference)
  if (attempt) return explain(attempt)
  throw new LatchkeyError('attempt_not_found', {
    check: 'reference',
    wanted: 'a reference as the person was shown it; attempts are kept for keepAttemptsDays',
    arrived: reference,
  })
}

export const listAttemptsInput = z.strictObject({
  organization: nameInput.optional(),
  connection: nameInput.optional(),
  outcome: z.enum(['accepted', 'refused']).optional(),
  limit: z.int().min(1).max(1000).default(20),
})

/** The newest first. Throws `organization_not_found`. */
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
  return attempts.map(explain)
}

function explain(attempt: SignInAttempt): ExplainedAttempt {
  const explained = { ...attempt, reference: referenceOf(attempt.id) }
  if (attempt.code === undefined || !isKnown(attempt.code)) return explained
  const { sentence, fix } = errorEntries[attempt.code]
  return { ...explained, sentence, fix }
}

/** An attempt may be older than this list of codes. */
function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(errorEntries, code)
}
