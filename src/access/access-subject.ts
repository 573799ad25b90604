import type { Grant } from '../directory/account.ts'
import type { AccessSubject } from './authorized.ts'

/** What access is decided on: the roles and groups an account holds, from whatever source, and the connection it came by. */
export function accessSubject(connectionId: string, grants: readonly Grant[]): AccessSubject {
  const names = (kind: Grant['kind']) => new Set(grants.filter((grant) => grant.kind === kind).map(({ name }) => name))
  return { connectionId, roles: names('role'), groups: names('group') }
}
