import { z } from 'zod'
import { type Connection, connectionSettings } from '../directory/connection.ts'
import type { AdministrationDirectory } from '../directory/directory.ts'
import { type ServiceAddresses, serviceAddresses } from '../directory/service-addresses.ts'
import { LatchkeyError } from '../errors.ts'
import { type Administration, auditEvent } from './administration.ts'
import { checkConnectionRoles } from './check-connection.ts'
import { type Difference, differences } from './differences.ts'
import { chooseOrganization } from './organizations.ts'
import { nameInput, parseInput, titleInput } from './parse-input.ts'
import { presetInput, withPreset } from './presets/fill-preset.ts'
import { metadataInput, readIdentityProvider } from './read-identity-provider.ts'

export const entityIdInput = z.string().trim().min(1).max(1024)

/** A connection with what its identity provider's administrator must be told. */
export interface ConnectionWithAddresses {
  readonly connection: Connection
  readonly addresses: ServiceAddresses
}

export const addConnectionInput = z.strictObject({
  organization: nameInput.optional(),
  id: nameInput,
  name: titleInput.optional(),
  metadata: metadataInput,
  serviceProviderEntityId: entityIdInput.optional(),
  /** Settings of a product, where none are given. */
  preset: presetInput.optional(),
  settings: z.record(z.string(), z.unknown()).default({}),
})

/**
 * Throws `connection_exists`, `organization_not_found`, `input_invalid`, `role_not_found`, `role_not_grantable` and what
 * reading metadata throws.
 */
export async function addConnection(
  input: z.input<typeof addConnectionInput>,
  deps: Administration,
): Promise<ConnectionWithAddresses> {
  const given = parseInput(addConnectionInput, input)
  const settings = parseInput(connectionSettings, withPreset(given.preset, given.settings), ['settings'])
  const organization = await chooseOrganization(given.organization, deps.directory)
  await refuseTaken(given.id, deps.directory)
  const identityProvider = await readIdentityProvider(given.metadata, deps)
  const connection: Connection = {
    organizationId: organization.id,
    id: given.id,
    name: given.name ?? given.id,
    identityProvider,
    ...(given.serviceProviderEntityId === undefined ? {} : { serviceProviderEntityId: given.serviceProviderEntityId }),
    settings,
    version: 1,
    createdAt: deps.now(),
  }
  await deps.directory.transaction(async (directory) => {
    checkConnectionRoles(connection, await directory.listRoles(organization.id))
    await directory.createConnection(connection, connectionCreated(connection, deps))
  })
  return withAddresses(connection, deps)
}

/** Before metadata is fetched; the storage refuses again. */
async function refuseTaken(id: string, directory: AdministrationDirectory): Promise<void> {
  if ((await directory.findConnection(id)) === undefined) return
  throw new LatchkeyError('connection_exists', {
    check: 'id',
    wanted: 'a name no connection has',
    arrived: id,
    advice: 'Change the connection that exists with `latchkey connection set`.',
  })
}

export const updateConnectionInput = z.strictObject({
  id: nameInput,
  name: titleInput.optional(),
  metadata: metadataInput.optional(),
  /** `null` goes back to our metadata address. */
  serviceProviderEntityId: entityIdInput.nullable().optional(),
  /** Only what changes; `null` goes back to the default. */
  settings: z.record(z.string(), z.unknown()).default({}),
})

export interface ConnectionUpdate extends ConnectionWithAddresses {
  /** Empty: it was like this already, and nothing was written. */
  readonly changes: readonly Difference[]
}

/** Throws `connection_not_found`, `input_invalid`, `role_not_found`, `role_not_grantable` and what reading metadata throws. */
export async function updateConnection(
  input: z.input<typeof updateConnectionInput>,
  deps: Administration,
): Promise<ConnectionUpdate> {
  const given = parseInput(updateConnectionInput, input)
  await getConnection(given.id, deps.directory)
  const identityProvider = given.metadata ? await readIdentityProvider(given.metadata, deps) : undefined
  return deps.directory.transaction(async (directory) => {
    const before = await getConnection(given.id, directory)
    const entityId = given.serviceProviderEntityId
    const after: Connection = {
      ...(entityId === null ? withoutEntityId(before) : before),
      ...(entityId ? { serviceProviderEntityId: entityId } : {}),
      name: given.name ?? before.name,
      identityProvider: identityProvider ?? before.identityProvider,
      settings: patchSettings(before, given.settings),
    }
    const changes = differences(before, after)
    if (changes.length > 0) {
      checkConnectionRoles(after, await directory.listRoles(before.organizationId))
      await directory.updateConnection(after, connectionUpdated(after, changes, deps))
    }
    return { ...withAddresses(after, deps), changes }
  })
}

export function withoutEntityId({ serviceProviderEntityId: _entityId, ...connection }: Connection): Connection {
  return connection
}

function patchSettings(before: Connection, patch: Readonly<Record<string, unknown>>): Connection['settings'] {
  const patched = Object.entries({ ...before.settings, ...patch }).filter(([, value]) => value !== null)
  return parseInput(connectionSettings, Object.fromEntries(patched), ['settings'])
}

export function connectionCreated(connection: Connection, deps: Administration) {
  const { organizationId, id, identityProvider } = connection
  const detail = { organization: organizationId, identityProvider: identityProvider.entityId }
  return auditEvent(deps, 'connection.created', `connection:${id}`, detail)
}

export function connectionUpdated(
  { id }: Pick<Connection, 'id'>,
  changes: readonly Difference[],
  deps: Administration,
) {
  return auditEvent(deps, 'connection.updated', `connection:${id}`, { changes })
}

export const showConnectionInput = z.strictObject({ id: nameInput })

/** Throws `connection_not_found`. */
export async function showConnection(
  input: z.input<typeof showConnectionInput>,
  deps: Administration,
): Promise<ConnectionWithAddresses> {
  const { id } = parseInput(showConnectionInput, input)
  return withAddresses(await getConnection(id, deps.directory), deps)
}

export const listConnectionsInput = z.strictObject({ organization: nameInput.optional() })

/** Of one organization, or of all. Throws `organization_not_found`. */
export async function listConnections(
  input: z.input<typeof listConnectionsInput>,
  deps: Administration,
): Promise<readonly Connection[]> {
  const { organization } = parseInput(listConnectionsInput, input)
  if (organization === undefined) return deps.directory.listConnections()
  const { id } = await chooseOrganization(organization, deps.directory)
  return deps.directory.listConnections(id)
}

/** Throws `connection_not_found`. */
export async function getConnection(id: string, directory: AdministrationDirectory): Promise<Connection> {
  const connection = await directory.findConnection(id)
  if (connection) return connection
  const ids = (await directory.listConnections()).map((known) => known.id)
  throw new LatchkeyError('connection_not_found', {
    check: 'connection',
    wanted: ids.length > 0 ? `one of ${ids.slice(0, 20).join(', ')}` : 'a connection; none exists yet',
    arrived: id,
  })
}

function withAddresses(connection: Connection, deps: Pick<Administration, 'publicUrl'>): ConnectionWithAddresses {
  return { connection, addresses: serviceAddresses(connection, deps.publicUrl) }
}
