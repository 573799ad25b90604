import type { Connection } from './connection.ts'

/** All of a connection that an administrator or its metadata can change. */
export type ConnectionConfiguration = Pick<
  Connection,
  'name' | 'identityProvider' | 'serviceProviderEntityId' | 'settings'
>

/** A configuration that a connection has or had. */
export interface ConnectionVersion {
  readonly version: number
  readonly at: Date
  readonly actor: string
  /** The act that wrote it: `connection.updated`, `connection.rolled-back`. */
  readonly action: string
  readonly configuration: ConnectionConfiguration
}

/** A configuration that waits to be published. */
export interface ConnectionDraft {
  readonly organizationId: string
  readonly connectionId: string
  /** The version it was made from. */
  readonly baseVersion: number
  readonly at: Date
  readonly actor: string
  readonly configuration: ConnectionConfiguration
}

export function configurationOf({
  name,
  identityProvider,
  serviceProviderEntityId,
  settings,
}: ConnectionConfiguration): ConnectionConfiguration {
  return {
    name,
    identityProvider,
    ...(serviceProviderEntityId === undefined ? {} : { serviceProviderEntityId }),
    settings,
  }
}
