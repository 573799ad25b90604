import type { KeyObject } from 'node:crypto'
import type { Catalog } from '../access/catalog.ts'
import type { Connection } from '../directory/connection.ts'
import type { LogoutDirectory } from '../directory/directory.ts'
import type { RequestSigning } from '../saml/request-signature.ts'

/** What signing out needs from outside: storage, time, randomness, our key. */
export interface SignOutDependencies {
  readonly directory: LogoutDirectory
  readonly catalog: Catalog
  /** Origin of Latchkey's own host. */
  readonly publicUrl: string
  /** Signs every logout message. */
  readonly requestSigning: RequestSigning
  /** Open what identity providers encrypt for us. */
  readonly decryptionKeys: readonly KeyObject[]
  /** As for a sign-in: fetches the metadata again when a signature matches no known key. */
  readonly refreshKeys?: (connection: Connection) => Promise<boolean>
  readonly now: () => Date
  /** UUID version 7. */
  readonly newId: () => string
  readonly randomBytes: (length: number) => Buffer
}

/** What the browser is sent to the identity provider with. */
export type LogoutMessage =
  | { readonly kind: 'redirect'; readonly url: string }
  | { readonly kind: 'post'; readonly url: string; readonly fields: Readonly<Record<string, string>> }
