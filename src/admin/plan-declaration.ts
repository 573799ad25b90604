import type { Application } from '../directory/application.ts'
import type { Connection, IdentityProvider } from '../directory/connection.ts'
import type { Organization } from '../directory/organization.ts'
import { bornRoles, type Role } from '../directory/role.ts'
import { LatchkeyError } from '../errors.ts'
import type { AskedModules } from '../provisioning/consult-module.ts'
import { withoutUndefined } from '../saml/without-undefined.ts'
import { checkApplication } from './check-application.ts'
import { checkConnection } from './check-connection.ts'
import { checkDeclarations } from './check-declarations.ts'
import { withoutEntityId } from './connections.ts'
import type { Declaration } from './declaration.ts'
import { type Difference, differences } from './differences.ts'

/** What administration has written, as far as a declaration speaks of it. */
export interface DirectoryState {
  readonly organizations: readonly Organization[]
  readonly roles: readonly Role[]
  readonly connections: readonly Connection[]
  readonly applications: readonly Application[]
}

/** One row to be created or updated, and what differs. */
export type DeclarationStep = { readonly action: 'create' | 'update'; readonly changes: readonly Difference[] } & (
  | { readonly kind: 'organization'; readonly after: Organization }
  | { readonly kind: 'role'; readonly after: Role }
  | { readonly kind: 'connection'; readonly after: Connection }
  | { readonly kind: 'application'; readonly after: Application }
)

export interface DeclarationContext {
  /** Identity providers read from the declared metadata, by connection. */
  readonly identityProviders: ReadonlyMap<string, IdentityProvider>
  readonly now: Date
  readonly publicUrl: string
  /** The operator's mapping modules; absent: there are none. */
  readonly modules?: Pick<AskedModules, 'names'> | undefined
}

/**
 * What must be written so that the directory is as declared, in the order of writing; pure. Empty when it is so already.
 * Throws `connection_exists`, `role_exists` and whatever the checks of connections and applications throw.
 */
export function planDeclaration(
  current: DirectoryState,
  declaration: Declaration,
  context: DeclarationContext,
): readonly DeclarationStep[] {
  const organizations = planOrganizations(current, declaration, context)
  const known = [...current.roles, ...organizations.flatMap(rolesBornWith)]
  const roles = planRoles(known, declaration)
  const connections = planConnections(current, declaration, context)
  const applications = planApplications(current, declaration)
  for (const { after } of organizations) checkDeclarations(after, merge(known, roles, roleKey))
  checkAll(merge(known, roles, roleKey), connections, applications, current, context)
  return [...organizations, ...roles, ...connections, ...applications]
}

type StepOf<K extends DeclarationStep['kind']> = DeclarationStep & { readonly kind: K }

function rolesBornWith({ action, after }: StepOf<'organization'>): readonly Role[] {
  return action === 'create' ? bornRoles.map((role) => ({ ...role, organizationId: after.id })) : []
}

function planOrganizations(
  { organizations }: DirectoryState,
  declaration: Declaration,
  { now }: DeclarationContext,
): readonly StepOf<'organization'>[] {
  return Object.entries(declaration.organizations).flatMap(([id, { name, seatLimit, customFields, accountTypes }]) => {
    const before = organizations.find((organization) => organization.id === id)
    const limit = seatLimit === undefined ? before?.seatLimit : (seatLimit ?? undefined)
    const named = { id, name: name ?? before?.name ?? id, createdAt: before?.createdAt ?? now }
    const declared = { ...before?.declared, ...withoutUndefined({ customFields, accountTypes }) }
    const after = {
      ...named,
      ...(limit === undefined ? {} : { seatLimit: limit }),
      ...(Object.keys(declared).length === 0 ? {} : { declared }),
    }
    return step('organization', before, after)
  })
}

function planRoles(known: readonly Role[], declaration: Declaration): readonly StepOf<'role'>[] {
  return Object.entries(declaration.organizations).flatMap(([organizationId, { roles }]) =>
    Object.entries(roles).flatMap(([name, declared]) => {
      const before = known.find((role) => role.organizationId === organizationId && role.name === name)
      const kind = declared.kind ?? before?.kind ?? 'application'
      if (before && before.kind !== kind) {
        const at = `organizations.${organizationId}.roles.${name}.kind`
        throw new LatchkeyError('role_exists', { check: 'kind', wanted: before.kind, arrived: kind, at })
      }
      const description = declared.description ?? before?.description ?? ''
      return step('role', before, { organizationId, name, description, kind })
    }),
  )
}

function planConnections(
  { connections }: DirectoryState,
  declaration: Declaration,
  context: DeclarationContext,
): readonly StepOf<'connection'>[] {
  return Object.entries(declaration.organizations).flatMap(([organizationId, organization]) =>
    Object.entries(organization.connections).flatMap(([id, declared]) => {
      const before = connections.find((connection) => connection.id === id)
      checkOwner(organizationId, id, before)
      const identityProvider = context.identityProviders.get(connectionKey(organizationId, id))
      if (!identityProvider) throw new TypeError(`no identity provider was read for connection ${id}`)
      const base = before ? withoutEntityId(before) : { organizationId, id, version: 1, createdAt: context.now }
      const entityId = declared.serviceProviderEntityId
      const after: Connection = {
        ...base,
        name: declared.name ?? before?.name ?? id,
        identityProvider,
        ...(entityId === undefined ? {} : { serviceProviderEntityId: entityId }),
        settings: declared.settings,
      }
      return step('connection', before, after)
    }),
  )
}

/** Under which `DeclarationContext.identityProviders` keeps what a connection declares. */
export function connectionKey(organizationId: string, id: string): string {
  return `${organizationId}/${id}`
}

function checkOwner(organizationId: string, id: string, before: Connection | undefined): void {
  if (before === undefined || before.organizationId === organizationId) return
  throw new LatchkeyError('connection_exists', {
    check: 'connection',
    wanted: 'a name that is free in every organization',
    arrived: `${id}, which belongs to ${before.organizationId}`,
    at: `organizations.${organizationId}.connections.${id}`,
  })
}

function planApplications(
  { applications }: DirectoryState,
  declaration: Declaration,
): readonly StepOf<'application'>[] {
  return Object.entries(declaration.applications).flatMap(([id, { name, ...settings }]) => {
    const before = applications.find((application) => application.id === id)
    const after = { id, name: name ?? before?.name ?? id, settings, version: before?.version ?? 1 }
    return step('application', before, after)
  })
}

function step<K extends DeclarationStep['kind'], A>(kind: K, before: A | undefined, after: A) {
  const changes = differences(before ?? {}, after)
  if (changes.length === 0) return []
  return [{ kind, after, action: before === undefined ? ('create' as const) : ('update' as const), changes }]
}

function checkAll(
  roles: readonly Role[],
  connections: readonly StepOf<'connection'>[],
  applications: readonly StepOf<'application'>[],
  current: DirectoryState,
  { publicUrl, modules }: DeclarationContext,
): void {
  const allConnections = merge(current.connections, connections, ({ id }) => id)
  checkNamedOnce(connections)
  for (const { after } of connections) checkConnection(after, { roles, modules })
  for (const { after } of applications) checkApplication(after, { connections: allConnections, publicUrl })
}

function checkNamedOnce(connections: readonly StepOf<'connection'>[]): void {
  const seen = new Map<string, string>()
  for (const { after } of connections) {
    const other = seen.get(after.id)
    if (other !== undefined) {
      const arrived = `${after.id} in ${other} and in ${after.organizationId}`
      const wanted = 'a name that is free in every organization'
      throw new LatchkeyError('connection_exists', { check: 'connection', wanted, arrived })
    }
    seen.set(after.id, after.organizationId)
  }
}

/** The rows as they will stand. */
function merge<A>(
  before: readonly A[],
  steps: readonly { readonly after: A }[],
  key: (row: A) => string,
): readonly A[] {
  return [...new Map([...before, ...steps.map(({ after }) => after)].map((row) => [key(row), row])).values()]
}

function roleKey({ organizationId, name }: Role): string {
  return `${organizationId}/${name}`
}
