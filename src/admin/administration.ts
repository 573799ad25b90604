import type { Directory } from '../directory/directory.ts'
import type { AuditEvent } from '../directory/sign-in.ts'
import type { PreviewDependencies } from '../preview/preview-dependencies.ts'
import type { AskedModules } from '../provisioning/consult-module.ts'
import type { ResolveTxt } from './domains.ts'
import type { FetchMetadata } from './fetch-metadata.ts'
import type { MetadataContent } from './metadata-content.ts'

/**
 * Administration: one function for each thing an administrator can do, `(input, deps) → result`. Each checks its input
 * (`parse-input.ts`), refuses with a code, writes an audit event with what it changes, and gives plain data. They know
 * nothing of who asks: the command line, the socket of a running server and the API call the same table,
 * `commands.ts`, which is where to start reading.
 */
export interface Administration {
  readonly directory: Directory
  readonly now: () => Date
  /** Makes a UUID version 7. */
  readonly newId: () => string
  /** Who acts, as audit events name it: `cli`, `account:UUID`. */
  readonly actor: string
  /** Latchkey's own origin. */
  readonly publicUrl: string
  /** Gives what is behind an address; bounded in time and size. */
  readonly fetchMetadata: FetchMetadata
  /** Opens a file of this machine. Absent: whoever asks may not have files read. */
  readonly openFile?: (path: string) => Promise<MetadataContent>
  readonly randomBytes: (size: number) => Buffer
  /** Looks up what proves a domain. */
  readonly resolveTxt: ResolveTxt
  /** What seals private keys. Throws `configuration_invalid` when there is none. */
  readonly secret: () => Buffer
  /** The operator's own mapping functions. Absent: there are none. */
  readonly mappingModules?: AskedModules
  /** What the gateway would send; for previews. */
  readonly identityHeaders: PreviewDependencies['identityHeaders']
}

/** The record of one act, made now. `target` is `kind:id`. */
export function auditEvent(
  deps: Pick<Administration, 'now' | 'newId' | 'actor'>,
  action: string,
  target: string,
  detail: AuditEvent['detail'] = {},
): AuditEvent {
  return { id: deps.newId(), at: deps.now(), actor: deps.actor, action, target, detail }
}
