import type { AccountState, FieldValue, Grant } from '../directory/account.ts'
import type { AccountWrites } from '../directory/sign-in.ts'

/** The account as it will stand when the plan has been applied. */
export interface PlannedAccount {
  readonly organizationId: string
  readonly id: string
  readonly username: string
  readonly state: AccountState
  readonly expiresAt?: Date
  /** The account's type says when, nobody else. */
  readonly endsByType?: true
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly grants: readonly Grant[]
}

/** What a sign-in would do: pure, the same for the real sign-in, the preview and the replay. Refusals are thrown, not planned. */
export interface Plan {
  readonly kind: 'create' | 'update'
  readonly connectionId: string
  /** The version of the connection whose settings made the plan. */
  readonly connectionVersion: number
  readonly after: PlannedAccount
  readonly writes: AccountWrites
  /** The session that it opens lasts no longer. Absent: as the settings say. */
  readonly sessionLimit?: SessionLimit
  /** Fields that the person must answer for before anything opens. Absent: none. */
  readonly setUp?: readonly string[]
  /** Whether anything but the time of the last sign-in changes. */
  readonly changes: boolean
  /** Values that arrived and were set aside, and why: `{ role: 'owner', reason: 'not grantable' }`. */
  readonly notes: readonly PlanNote[]
}

export interface SessionLimit {
  readonly seconds: number
  /** What sets it: `account type contractor`. */
  readonly rule: string
}

export interface PlanNote {
  readonly subject: 'role' | 'group' | 'field'
  readonly value: string
  readonly reason: string
}
