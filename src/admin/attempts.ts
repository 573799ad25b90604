import { z } from 'zod'
import { referenceOf, type SignInAttempt } from '../directory/sign-in.ts'
import { LatchkeyError } from '../errors.ts'
import type { Administration } from './administration.ts'
import { chooseOrganization } from './organizations.ts'
import { nameInput, parseInput } from './parse-input.ts'

/** With what the person was shown. */
export type AttemptWithReference = SignInAttempt & { readonly reference: string }

export const showAttemptInput = z.strictObject({ reference: z.string().trim().min(1).max(64) })

/** A sign-in attempt by the reference its person was shown. Throws `attempt_not_found`. */
export async function showAttempt(
  input: z.input<typeof showAttemptInput>,
  deps: Administration,
): Promise<AttemptWithReference> {
  const { reference } = parseInput(showAttemptInput, input)
  const attempt = await deps.directory.findAttempt(reference)
  if (attempt) return { ...attempt, reference: referenceOf(attempt.id) }
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
): Promise<readonly AttemptWithReference[]> {
  const { organization, connection, outcome, limit } = parseInput(listAttemptsInput, input)
  const { id } = await chooseOrganization(organization, deps.directory)
  const attempts = await deps.directory.listAttempts({
    organizationId: id,
    limit,
    ...(connection === undefined ? {} : { connectionId: connection }),
    ...(outcome === undefined ? {} : { outcome }),
  })
  return attempts.map((attempt) => ({ ...attempt, reference: referenceOf(attempt.id) }))
}
