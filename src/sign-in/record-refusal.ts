import { referenceOf, type SignInAttempt } from '../directory/sign-in.ts'
import { isLatchkeyError, LatchkeyError } from '../errors.ts'
import type { SignInDependencies } from './sign-in-dependencies.ts'
import type { Trace } from './trace.ts'

/** Refusals recorded for one connection in one minute; beyond that they are refused all the same, but not written. */
const recordedPerMinute = 120

/** Keeps a stranger who posts rubbish from filling the storage: counts what each connection recorded in this minute. */
export interface RefusalBudget {
  take(connectionId: string, now: Date): boolean
}

export function createRefusalBudget(perMinute = recordedPerMinute): RefusalBudget {
  const taken = new Map<string, number>()
  let minute = 0
  return {
    take(connectionId, now) {
      const current = Math.floor(now.getTime() / 60_000)
      if (current !== minute) taken.clear()
      minute = current
      const count = (taken.get(connectionId) ?? 0) + 1
      taken.set(connectionId, count)
      return count <= perMinute
    },
  }
}

/**
 * Records a refused attempt, outside any transaction, and gives the refusal with the attempt's reference. An error that
 * is no refusal becomes `internal`. A record that cannot be written never hides the refusal itself.
 */
export async function recordRefusal(
  error: unknown,
  attempt: Pick<SignInAttempt, 'id' | 'organizationId' | 'connectionId'>,
  trace: Trace,
  deps: SignInDependencies,
): Promise<LatchkeyError> {
  const known = isLatchkeyError(error) ? error : new LatchkeyError('internal', {}, { cause: error })
  const at = deps.now()
  const { returnTo: _address, ...noted } = known.detail
  trace.note({ refusal: known.code, ...noted })
  if (!deps.refusalBudget.take(attempt.connectionId, at)) return known
  try {
    await deps.directory.recordAttempt({ ...attempt, at, outcome: 'refused', code: known.code, trace: trace.steps() })
  } catch (failure) {
    deps.onRecordFailed(failure)
    return known
  }
  const detail = { ...known.detail, reference: referenceOf(attempt.id) }
  return new LatchkeyError(known.code, detail, { cause: known.cause })
}
