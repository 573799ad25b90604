import type { SignInAttempt } from '../directory/sign-in.ts'
import { isLatchkeyError, LatchkeyError } from '../errors.ts'
import type { AssumedContent } from '../preview/assume-verified.ts'
import { createInputSeal } from '../replay/seal-input.ts'
import type { Administration } from './administration.ts'

type Reading = Pick<Administration, 'directory' | 'secret' | 'randomBytes'>

/** What an accepted sign-in said, while it is the last one kept of its person. Throws `secret_wrong`, `configuration_invalid`. */
export async function findKeptInput(attempt: SignInAttempt, deps: Reading): Promise<AssumedContent | undefined> {
  const { organizationId, connectionId, accountId, id } = attempt
  if (accountId === undefined) return undefined
  const input = await deps.directory.findSignInInput({ organizationId, id: connectionId }, accountId)
  return input?.attemptId === id ? createInputSeal(deps.secret(), deps.randomBytes).open(input) : undefined
}

/** The same for whoever can do without it: what cannot be opened is not there. */
export async function findReadableInput(attempt: SignInAttempt, deps: Reading): Promise<AssumedContent | undefined> {
  try {
    return await findKeptInput(attempt, deps)
  } catch (error) {
    if (isLatchkeyError(error, 'secret_wrong') || isLatchkeyError(error, 'configuration_invalid')) return undefined
    throw error
  }
}

/** Throws `sign_in_input_missing` too. */
export async function getKeptInput(attempt: SignInAttempt, deps: Reading): Promise<AssumedContent> {
  const content = await findKeptInput(attempt, deps)
  if (content !== undefined) return content
  throw new LatchkeyError('sign_in_input_missing', {
    check: 'attempt',
    wanted: 'the last accepted sign-in of its person, or one that changed something, within keepInputsDays',
    arrived: `an attempt that was ${attempt.outcome}`,
    at: `attempt:${attempt.id}`,
  })
}
