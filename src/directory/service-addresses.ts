import type { Connection } from './connection.ts'

/** Our addresses for one connection; all absolute, all under the public URL. */
export interface ServiceAddresses {
  /** What the identity provider calls us. */
  readonly entityId: string
  /** Where responses and artifacts come to. */
  readonly acsUrl: string
  /** Where logout requests and responses go. */
  readonly logoutUrl: string
  readonly metadataUrl: string
  readonly loginUrl: string
  /** Where somebody tries the connection, with a code. */
  readonly testUrl: string
}

export function serviceAddresses(
  connection: Pick<Connection, 'id' | 'serviceProviderEntityId'>,
  publicUrl: string,
): ServiceAddresses {
  const base = `${publicUrl}/sso/${connection.id}`
  return {
    entityId: connection.serviceProviderEntityId ?? `${base}/metadata`,
    acsUrl: `${base}/acs`,
    logoutUrl: `${base}/logout`,
    metadataUrl: `${base}/metadata`,
    loginUrl: `${base}/login`,
    testUrl: `${base}/test`,
  }
}
