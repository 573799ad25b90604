import type { KeyObject } from 'node:crypto'
import type { Catalog } from '../access/catalog.ts'
import type { SignInDirectory } from '../directory/directory.ts'
import type { SessionLimits } from '../directory/session.ts'

/** What a sign-in needs from outside: storage, time, randomness, keys. */
export interface SignInDependencies {
  readonly directory: SignInDirectory
  readonly catalog: Catalog
  /** Origin of Latchkey's own host. */
  readonly publicUrl: string
  readonly sessionLimits: SessionLimits
  /** Signs AuthnRequests where the connection asks for it. */
  readonly requestSigningKey: KeyObject
  readonly now: () => Date
  /** UUID version 7. */
  readonly newId: () => string
  readonly randomBytes: (length: number) => Buffer
}
