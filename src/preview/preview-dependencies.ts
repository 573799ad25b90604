import type { KeyObject } from 'node:crypto'
import type { Application } from '../directory/application.ts'
import type { ApplicationDirectory, PreviewDirectory, SignInDirectory } from '../directory/directory.ts'
import type { SessionHolder } from '../directory/session.ts'
import type { AskedModules } from '../provisioning/consult-module.ts'

/** One header as an application would get it. */
export interface IdentityHeader {
  readonly name: string
  readonly value: string
}

/** What a preview may use: nothing in it writes. */
export interface PreviewDependencies {
  readonly directory: Pick<SignInDirectory, 'readSignInState'> &
    PreviewDirectory &
    Pick<ApplicationDirectory, 'listApplications'>
  /** Origin of Latchkey's own host. */
  readonly publicUrl: string
  /** Open what identity providers encrypt for us. */
  readonly decryptionKeys: readonly KeyObject[]
  /** What the gateway would send for this person. Throws `header_value_invalid`. */
  readonly identityHeaders: (holder: SessionHolder, application: Application) => readonly IdentityHeader[]
  /** The operator's own mapping functions. Absent: there are none. */
  readonly mappingModules?: AskedModules
  readonly now: () => Date
  readonly newId: () => string
}
