import { connectionSource } from '../directory/account.ts'
import type { AccountEnding, SignInState } from '../directory/sign-in.ts'
import type { VerifiedAssertion } from '../saml/verified-assertion.ts'
import { planEnd } from './plan-end.ts'
import type { PlanContext } from './plan-provisioning.ts'
import type { Subject } from './subject.ts'

/**
 * The one thing a refused sign-in writes: its assertion or the account's type says that it has ended, and we did not know. The end is
 * kept, so that sessions which are open end too; then `planProvisioning` refuses. `undefined` when there is nothing to end.
 */
export function planEnding(
  { account }: SignInState,
  subject: Subject,
  { assertion, connection, now, newId }: PlanContext & { readonly assertion: VerifiedAssertion },
): AccountEnding | undefined {
  if (account === undefined) return undefined
  const { expiresAt, endsByType } = planEnd(account, subject, now)
  if (expiresAt === undefined || expiresAt > now) return undefined
  if (account.expiresAt !== undefined && account.expiresAt <= now) return undefined
  return {
    organizationId: account.organizationId,
    connectionId: connection.id,
    assertion: { id: assertion.id, rememberUntil: assertion.replayableUntil },
    accountId: account.id,
    expectedVersion: account.version,
    expiresAt,
    ...(endsByType === undefined ? {} : { endsByType }),
    event: {
      id: newId(),
      at: now,
      actor: connectionSource(connection.id),
      action: 'account.ended',
      target: `account:${account.id}`,
      detail: { expiresAt: expiresAt.toISOString() },
    },
    now,
  }
}
