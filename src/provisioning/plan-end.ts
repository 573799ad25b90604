import type { Account } from '../directory/account.ts'
import type { AccountWrites } from '../directory/sign-in.ts'
import { LatchkeyError } from '../errors.ts'
import type { Subject } from './subject.ts'

const dayMilliseconds = 86_400_000

/** When an account ends; without `expiresAt` it does not. */
export interface PlannedEnd {
  readonly expiresAt?: Date
  /** Its account type says so, nobody else. */
  readonly endsByType?: true
}

/**
 * The moment an account ends. What arrives counts before everything: a new moment replaces the old, and `never` takes it
 * away. Without one, an end that had arrived is kept. Whoever has none of these ends when the account's type says, counted
 * from the account's creation, and no longer when the type says it no longer.
 */
export function planEnd(
  before: Account | undefined,
  { accountExpiresAt, accountType }: Subject,
  now: Date,
): PlannedEnd {
  if (accountExpiresAt === 'never') return {}
  if (accountExpiresAt !== undefined) return { expiresAt: accountExpiresAt }
  if (before?.expiresAt !== undefined && before.endsByType === undefined) return { expiresAt: before.expiresAt }
  const days = accountType?.expiresAfterDays
  if (days === undefined) return {}
  const from = before?.createdAt ?? now
  return { expiresAt: new Date(from.getTime() + days * dayMilliseconds), endsByType: true }
}

/** What is written of it: nothing where it stays as it is. */
export function writeEnd(
  before: Account | undefined,
  { expiresAt, endsByType }: PlannedEnd,
): Pick<AccountWrites, 'expiresAt' | 'endsByType'> {
  const isSame = expiresAt?.getTime() === before?.expiresAt?.getTime() && endsByType === before?.endsByType
  return isSame ? {} : { expiresAt: expiresAt ?? null, ...(endsByType === undefined ? {} : { endsByType }) }
}

/** Throws `account_expired`. */
export function checkNotEnded(
  { expiresAt, endsByType }: PlannedEnd,
  { before, subject, now }: { readonly before: Account | undefined; readonly subject: Subject; readonly now: Date },
): void {
  if (expiresAt === undefined || expiresAt > now) return
  const advice = 'A later account-expiry-time in the assertion opens the account again.'
  const place = subject.accountExpiresAt === undefined ? `account:${before?.id ?? ''}` : 'the assertion'
  throw new LatchkeyError('account_expired', {
    check: 'account expiry time',
    wanted: `after ${now.toISOString()}`,
    arrived: expiresAt.toISOString(),
    at: endsByType ? `account type ${subject.accountType?.name}: expiresAfterDays` : place,
    advice: endsByType ? `${advice} So does a longer life of the type.` : advice,
  })
}
