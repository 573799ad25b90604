import type { Grant } from './account.ts'

/** What the last accepted sign-in of a person said, sealed. */
export interface SignInInput {
  readonly organizationId: string
  readonly connectionId: string
  readonly accountId: string
  readonly attemptId: string
  readonly at: Date
  /** See `replay/seal-input.ts`. */
  readonly sealed: string
}

/** Somebody who can sign in over a connection, and the roles they hold, from whatever source. */
export interface RoleHolder {
  readonly accountId: string
  readonly username: string
  readonly roles: readonly Grant[]
  /** Whether what their last sign-in said is kept. */
  readonly isKept: boolean
}
