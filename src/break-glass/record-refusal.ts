import { type LocalHolder, localConnectionId } from '../directory/local-administrator.ts'
import { referenceOf } from '../directory/sign-in.ts'
import { isLatchkeyError, LatchkeyError } from '../errors.ts'
import type { Trace } from '../sign-in/trace.ts'
import type { BreakGlassDependencies, Proof } from './break-glass-dependencies.ts'

/** What was tried, as far as it is known. */
export interface Tried {
  readonly by: Proof
  readonly holder: LocalHolder | undefined
  /** Looked up only where the refusal is written. */
  readonly usernameKey?: string
}

/**
 * Records a refused try and gives the refusal with its reference. Strangers can make only so many records in a minute; each is
 * told to `notify`, which writes a line and counts. What nobody's name came with belongs to no organization.
 */
export async function recordRefusal(
  error: unknown,
  tried: Tried,
  trace: Trace,
  deps: BreakGlassDependencies,
): Promise<LatchkeyError> {
  const known = isLatchkeyError(error) ? error : new LatchkeyError('internal', {}, { cause: error })
  const id = deps.newId()
  trace.note({ by: tried.by, refusal: known.code, ...known.detail })
  const isRecorded = deps.recordPace.take('refusals', deps.now())
  const holder = isRecorded ? (tried.holder ?? (await findNamed(tried, deps))) : tried.holder
  const account = holder === undefined ? {} : { account: holder.accountId }
  deps.notify({ event: 'break_glass.refused', by: tried.by, code: known.code, ...account, attempt: id })
  if (!isRecorded || !(await record(id, known, holder, trace, deps))) return known
  return new LatchkeyError(known.code, { ...known.detail, reference: referenceOf(id) }, { cause: known.cause })
}

async function findNamed({ usernameKey }: Tried, deps: BreakGlassDependencies): Promise<LocalHolder | undefined> {
  if (usernameKey === undefined) return undefined
  try {
    return (await deps.directory.findRecoveryCode({ codeHash: '', usernameKey })).named
  } catch (error) {
    deps.onRecordFailed(error)
    return undefined
  }
}

/** A record that cannot be written never hides the refusal itself. */
async function record(
  id: string,
  { code }: LatchkeyError,
  holder: LocalHolder | undefined,
  trace: Trace,
  deps: BreakGlassDependencies,
): Promise<boolean> {
  const organizationId = holder?.organizationId ?? ''
  const connectionId = localConnectionId(organizationId)
  const of = holder === undefined ? {} : { accountId: holder.accountId }
  try {
    const attempt = { id, organizationId, connectionId, at: deps.now(), outcome: 'refused', code, ...of } as const
    await deps.directory.recordAttempt({ ...attempt, trace: trace.steps() })
    return true
  } catch (error) {
    deps.onRecordFailed(error)
    return false
  }
}
