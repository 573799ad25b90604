import type { Grant } from '../directory/account.ts'
import type { Application } from '../directory/application.ts'
import type { SessionHolder } from '../directory/session.ts'
import { encodeHeaderList } from './percent-encode.ts'

/**
 * Who is coming, as an application is told: what both the headers and the signed assertion are made from, so that the two
 * cannot differ.
 */
export interface Identity {
  readonly applicationId: string
  readonly accountId: string
  readonly organizationId: string
  readonly username: string
  /** What `Remote-User` carries, as the application's settings choose. */
  readonly remoteUser: string
  readonly email?: string
  readonly name?: string
  /** `undefined`: too many to pass on, see `maxListBytes`. */
  readonly groups: readonly string[] | undefined
  readonly roles: readonly string[] | undefined
  readonly accountCreatedAt: Date
  readonly connectionId: string
  readonly sessionId: string
}

/**
 * Longest list that is passed on, in bytes of its header. The header and the assertion carry it both, and usual servers
 * take 8 to 16 KiB of headers in all: see docs/decisions/0063.
 */
export const maxListBytes = { groups: 4096, roles: 2048 }

/** Throws `header_value_invalid`. */
export function identityOf({ session, account, grants }: SessionHolder, application: Application): Identity {
  const names = (kind: Grant['kind']) => namesOf(grants, kind)
  const first = (field: string) => account.fields[field]?.values[0]
  const email = first('mail')
  const name = first('displayName') ?? first('cn') ?? fullName(first('givenName'), first('sn'))
  const remoteUser = {
    username: account.username,
    qualified: `${account.username}@${account.organizationId}`,
    accountId: account.id,
  }[application.settings.remoteUser]
  return {
    applicationId: application.id,
    accountId: account.id,
    organizationId: account.organizationId,
    username: account.username,
    remoteUser,
    ...(email === undefined ? {} : { email }),
    ...(name === undefined ? {} : { name }),
    groups: fitting(names('group'), 'Remote-Groups', maxListBytes.groups),
    roles: fitting(names('role'), 'Remote-Roles', maxListBytes.roles),
    accountCreatedAt: account.createdAt,
    connectionId: session.connectionId,
    sessionId: session.id,
  }
}

/** Each once, in a fixed order, from whatever source it is held. */
function namesOf(grants: readonly Grant[], kind: Grant['kind']): readonly string[] {
  return [...new Set(grants.filter((grant) => grant.kind === kind).map(({ name }) => name))].sort()
}

function fullName(givenName: string | undefined, surname: string | undefined): string | undefined {
  const parts = [givenName, surname].filter((part) => part !== undefined)
  return parts.length > 0 ? parts.join(' ') : undefined
}

/** Half a list would be worse than none: an application could not tell. Throws `header_value_invalid`. */
function fitting(values: readonly string[], header: string, maxBytes: number): readonly string[] | undefined {
  return encodeHeaderList(values, header).length > maxBytes ? undefined : values
}
