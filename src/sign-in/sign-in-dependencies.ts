import type { KeyObject } from 'node:crypto'
import type { Catalog } from '../access/catalog.ts'
import type { Connection } from '../directory/connection.ts'
import type { SignInDirectory } from '../directory/directory.ts'
import type { SessionLimits } from '../directory/session.ts'
import type { AskedModules } from '../provisioning/consult-module.ts'
import type { RequestSigning } from '../saml/request-signature.ts'
import type { VerifiedAssertion } from '../saml/verified-assertion.ts'
import type { RefusalBudget } from './record-refusal.ts'

/** What an accepted sign-in leaves for replays. */
export interface AcceptedInput {
  readonly organizationId: string
  readonly connectionId: string
  readonly accountId: string
  readonly attemptId: string
  readonly at: Date
  readonly assertion: VerifiedAssertion
  /** Whether it changed anything of the account. */
  readonly changes: boolean
}

/** What a sign-in needs from outside: storage, time, randomness, keys. */
export interface SignInDependencies {
  readonly directory: SignInDirectory
  readonly catalog: Catalog
  /** Origin of Latchkey's own host. */
  readonly publicUrl: string
  readonly sessionLimits: SessionLimits
  /** Signs AuthnRequests where the connection asks for it, and every ArtifactResolve. */
  readonly requestSigning: RequestSigning
  /** Open what identity providers encrypt for us. */
  readonly decryptionKeys: readonly KeyObject[]
  /**
   * Called when a signature matches no known key: fetches the metadata again, bounded in time and number. Gives whether the
   * keys may have changed. Absent: metadata is not refreshed by sign-ins.
   */
  readonly refreshKeys?: (connection: Connection) => Promise<boolean>
  /** The back channel: posts a SOAP message to an address of an identity provider, gives the answer. Bounded in every way. */
  readonly askIdentityProvider: (url: string, message: string) => Promise<Buffer>
  /** The operator's own mapping functions. Absent: there are none. */
  readonly mappingModules?: AskedModules
  /** Takes what was said; it is written later. Absent: nothing is kept. */
  readonly keepInput?: (input: AcceptedInput) => void
  readonly refusalBudget: RefusalBudget
  /** Hears about a refusal that could not be recorded. */
  readonly onRecordFailed: (error: unknown) => void
  readonly now: () => Date
  /** UUID version 7. */
  readonly newId: () => string
  readonly randomBytes: (length: number) => Buffer
}
