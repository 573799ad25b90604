import type { LocalAdministratorDirectory, SignInDirectory } from '../directory/directory.ts'
import type { SessionLimits } from '../directory/session.ts'
import type { ErrorCode } from '../errors.ts'
import type { Pace } from './pace.ts'

export type Proof = 'recovery-code' | 'passkey'

/** What happened, for whoever is to hear of it at once: nothing secret. */
export type BreakGlassNotice =
  | {
      readonly event: 'break_glass.entered'
      readonly by: Proof
      readonly organization: string
      readonly account: string
      readonly attempt: string
      readonly codesLeft: number
    }
  | {
      readonly event: 'break_glass.refused'
      readonly by: Proof
      readonly code: ErrorCode
      /** Whose name or passkey it was, where it was anybody's. */
      readonly account?: string
      readonly attempt: string
    }
  | { readonly event: 'break_glass.passkey_registered'; readonly organization: string; readonly account: string }

export interface BreakGlassDependencies {
  readonly directory: Pick<
    LocalAdministratorDirectory,
    'findEnrolment' | 'addPasskey' | 'findRecoveryCode' | 'findPasskey' | 'enterLocally'
  > &
    Pick<SignInDirectory, 'recordAttempt'>
  /** Origin of Latchkey's own host: a passkey counts for nothing else. */
  readonly publicUrl: string
  readonly sessionLimits: SessionLimits
  /** 32 bytes, the same on every node. Throws `configuration_invalid` when there is none. */
  readonly secret: () => Buffer
  /** Tries that are looked up. */
  readonly pace: Pace
  /** Refusals that are written. */
  readonly recordPace: Pace
  /** Hears of each use and each refusal. */
  readonly notify: (notice: BreakGlassNotice) => void
  readonly onRecordFailed: (error: unknown) => void
  readonly now: () => Date
  /** UUID version 7. */
  readonly newId: () => string
  readonly randomBytes: (length: number) => Buffer
}
