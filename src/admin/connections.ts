import { z } from 'zod'
import { type Connection, connectionSettings } from '../directory/connection.ts'
import type { AdministrationDirectory } from '../directory/directory.ts'
import type { MetadataRefresh } from '../directory/metadata-refresh.ts'
import { type ServiceAddresses, serviceAddresses } from '../directory/service-addresses.ts'
import { LatchkeyError } from '../errors.ts'
import { type Administration, auditEvent } from './administration.ts'
import { checkConnection } from './check-connection.ts'
import type { Difference } from './differences.ts'
import { describeCertificate } from './metadata-changes.ts'
import { firstRefresh } from './next-refresh.ts'
import { chooseOrganization } from './organizations.ts'
import { nameInput, parseInput, titleInput } from './parse-input.ts'
import { presetInput, withPreset } from './presets/fill-preset.ts'
import { metadataInput, type ReadIdentityProvider, readIdentityProvider } from './read-identity-provider.ts'

export const entityIdInput = z.string().trim().min(1).max(1024)

/** A connection with what its identity provider's administrator must be told. */
export interface ConnectionWithAddresses {
  readonly connection: Connection
  readonly addresses: ServiceAddresses
}

export interface ShownConnection extends ConnectionWithAddresses {
  /** What came of refreshing its metadata; absent when that came as a file, or was not refreshed yet. */
  readonly refresh?: MetadataRefresh
  /** One line for each certificate its identity provider may sign with. */
  readonly signingCertificates: readonly string[]
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
  const read = await readIdentityProvider(given.metadata, settings, deps)
  const connection: Connection = {
    organizationId: organization.id,
    id: given.id,
    name: given.name ?? given.id,
    identityProvider: read.identityProvider,
    ...(given.serviceProviderEntityId === undefined ? {} : { serviceProviderEntityId: given.serviceProviderEntityId }),
    settings,
    version: 1,
    createdAt: deps.now(),
  }
  await deps.directory.transaction(async (directory) => {
    checkConnection(connection, {
      roles: await directory.listRoles(organization.id),
      modules: deps.mappingModules,
    })
    await directory.createConnection(connection, connectionCreated(connection, deps))
    await saveFirstRefresh(connection, read, directory, deps)
  })
  return withAddresses(connection, deps)
}

export async function saveFirstRefresh(
  connection: Connection,
  read: ReadIdentityProvider,
  directory: AdministrationDirectory,
  deps: Administration,
): Promise<void> {
  const refresh = firstRefresh(connection, read, deps.now())
  if (refresh !== undefined) await directory.saveMetadataRefresh(refresh)
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

/** Throws `connection_changed`. */
export function checkVersion({ id, version }: Connection, expected: number): void {
  if (version === expected) return
  throw new LatchkeyError('connection_changed', {
    check: 'version',
    wanted: `version ${expected}, as it was read`,
    arrived: `version ${version}`,
    at: `connection:${id}`,
    advice: `Look at what has changed: latchkey connection versions ${id}`,
  })
}

export function withoutEntityId({ serviceProviderEntityId: _entityId, ...connection }: Connection): Connection {
  return connection
}

export function patchSettings(
  before: Pick<Connection, 'settings'>,
  patch: Readonly<Record<string, unknown>>,
): Connection['settings'] {
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
): Promise<ShownConnection> {
  const { id } = parseInput(showConnectionInput, input)
  const connection = await getConnection(id, deps.directory)
  const { source, signingCertificates } = connection.identityProvider
  const refresh = await deps.directory.findMetadataRefresh(connection)
  return {
    ...withAddresses(connection, deps),
    ...(refresh !== undefined && refresh.url === source?.url ? { refresh } : {}),
    signingCertificates: signingCertificates.map(describeCertificate),
  }
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

export function withAddresses(
  connection: Connection,
  deps: Pick<Administration, 'publicUrl'>,
): ConnectionWithAddresses {
  return { connection, addresses: serviceAddresses(connection, deps.publicUrl) }
}
