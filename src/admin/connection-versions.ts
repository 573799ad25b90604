import { z } from 'zod'
import { type Connection, connectionSettings } from '../directory/connection.ts'
import {
  type ConnectionConfiguration,
  type ConnectionVersion,
  configurationOf,
} from '../directory/connection-version.ts'
import type { AdministrationDirectory } from '../directory/directory.ts'
import { LatchkeyError } from '../errors.ts'
import type { RoleSyncEffect } from '../replay/role-sync-effect.ts'
import { type Administration, auditEvent } from './administration.ts'
import { checkConnection } from './check-connection.ts'
import { getConnection } from './connections.ts'
import { type Difference, differences } from './differences.ts'
import { nameInput, parseInput } from './parse-input.ts'
import { askRoleSync, checkAsked, roleSyncAnswer } from './role-sync-change.ts'

export const listConnectionVersionsInput = z.strictObject({
  id: nameInput,
  limit: z.int().min(1).max(1000).default(20),
})

/** Who changed a connection, when, and what. */
export interface ListedVersion extends Omit<ConnectionVersion, 'configuration'> {
  /** From the version before; of the first one that is kept, nothing. */
  readonly changes: readonly Difference[]
}

/** The newest first, the present one among them. Throws `connection_not_found`. */
export async function listConnectionVersions(
  input: z.input<typeof listConnectionVersionsInput>,
  deps: Administration,
): Promise<readonly ListedVersion[]> {
  const { id, limit } = parseInput(listConnectionVersionsInput, input)
  const connection = await getConnection(id, deps.directory)
  const versions = await deps.directory.listConnectionVersions(connection, limit + 1)
  return versions.slice(0, limit).map(({ configuration, ...version }, index) => {
    const before = versions[index + 1]
    return { ...version, changes: before === undefined ? [] : differences(before.configuration, configuration) }
  })
}

/** A version, or the draft that waits. */
const versionInput = z.union([z.int().min(1), z.literal('draft')])

export const diffConnectionInput = z.strictObject({
  id: nameInput,
  /** Without it, the present version. */
  from: versionInput.optional(),
  /** Without it, the draft where there is one, else the present version. */
  to: versionInput.optional(),
})

export interface ConnectionDiff {
  readonly connection: string
  readonly from: number | 'draft'
  readonly to: number | 'draft'
  readonly changes: readonly Difference[]
}

/** Throws `connection_not_found`, `connection_version_not_found`, `connection_draft_missing`. */
export async function diffConnection(
  input: z.input<typeof diffConnectionInput>,
  deps: Administration,
): Promise<ConnectionDiff> {
  const given = parseInput(diffConnectionInput, input)
  const stored = await getConnection(given.id, deps.directory)
  const from = given.from ?? stored.version
  const draft = await deps.directory.findConnectionDraft(stored)
  const to = given.to ?? (draft === undefined ? stored.version : 'draft')
  const [before, after] = [
    await findConfiguration(stored, from, deps.directory),
    await findConfiguration(stored, to, deps.directory),
  ]
  return { connection: stored.id, from, to, changes: differences(before, after) }
}

async function findConfiguration(
  stored: Connection,
  which: number | 'draft',
  directory: AdministrationDirectory,
): Promise<ConnectionConfiguration> {
  if (which === stored.version) return configurationOf(stored)
  if (which !== 'draft') return (await getVersion(stored, which, directory)).configuration
  const draft = await directory.findConnectionDraft(stored)
  if (draft !== undefined) return draft.configuration
  throw noDraft(stored)
}

export function noDraft({ id }: Pick<Connection, 'id'>): LatchkeyError {
  const advice = `Make one with: latchkey connection draft ${id} --file FILE`
  return new LatchkeyError('connection_draft_missing', {
    check: 'draft',
    wanted: 'a draft',
    at: `connection:${id}`,
    advice,
  })
}

async function getVersion(
  stored: Connection,
  version: number,
  directory: AdministrationDirectory,
): Promise<ConnectionVersion> {
  const found = await directory.findConnectionVersion(stored, version)
  if (found !== undefined) return found
  throw new LatchkeyError('connection_version_not_found', {
    check: 'version',
    wanted: `1 to ${stored.version}, as far as they are kept`,
    arrived: String(version),
    at: `connection:${stored.id}`,
  })
}

export const rollBackConnectionInput = z.strictObject({ id: nameInput, version: z.int().min(1), ...roleSyncAnswer })

export interface WrittenConnection {
  readonly connection: string
  /** The version there is now. */
  readonly version: number
  /** Empty: it was like this already, and nothing was written. */
  readonly changes: readonly Difference[]
  /** Whom it concerns that roles are kept otherwise. */
  readonly roleSync?: RoleSyncEffect
}

/**
 * Gives a connection the name, entity ID and settings it had, as a new version. Its identity provider's metadata stays as it is:
 * keys that were replaced are not trusted again by going back. Throws `connection_not_found`, `connection_version_not_found`,
 * `connection_changed`, `role_loss_unconfirmed`, and what checking a connection throws: a role may be gone meanwhile.
 */
export async function rollBackConnection(
  input: z.input<typeof rollBackConnectionInput>,
  deps: Administration,
): Promise<WrittenConnection> {
  const { id, version, ...answer } = parseInput(rollBackConnectionInput, input)
  const chosen = async (stored: Connection, directory: AdministrationDirectory) => {
    const { configuration } = await getVersion(stored, version, directory)
    return { ...configuration, identityProvider: stored.identityProvider }
  }
  const stored = await getConnection(id, deps.directory)
  const asked = await askRoleSync(stored, configured(stored, await chosen(stored, deps.directory)), answer, deps)
  return deps.directory.transaction(async (directory) => {
    const present = await getConnection(id, directory)
    const writing = { directory, deps, action: 'rolled-back', asked, dryRun: answer.dryRun } as const
    return writeConfiguration(present, await chosen(present, directory), writing)
  })
}

/** The connection with a whole configuration, which may be older than the settings there are now. */
export function configured(
  { organizationId, id, version, createdAt }: Connection,
  configuration: ConnectionConfiguration,
): Connection {
  const settings = parseInput(connectionSettings, configuration.settings, ['settings'])
  return { organizationId, id, version, createdAt, ...configurationOf({ ...configuration, settings }) }
}

/** Writes a whole configuration as the next version, unless it is the present one. */
export async function writeConfiguration(
  stored: Connection,
  configuration: ConnectionConfiguration,
  {
    directory,
    deps,
    action,
    asked,
    dryRun,
  }: {
    readonly directory: AdministrationDirectory
    readonly deps: Administration
    readonly action: 'rolled-back' | 'published'
    /** What `askRoleSync` gave. */
    readonly asked: RoleSyncEffect | undefined
    readonly dryRun: boolean
  },
): Promise<WrittenConnection> {
  const { organizationId, id, version } = stored
  const after = configured(stored, configuration)
  checkAsked(stored, after, asked)
  const changes = differences(configurationOf(stored), configurationOf(after))
  const told = { connection: id, changes, ...(asked === undefined ? {} : { roleSync: asked }) }
  if (changes.length === 0) return { ...told, version }
  checkConnection(after, { roles: await directory.listRoles(organizationId), modules: deps.mappingModules })
  if (dryRun) return { ...told, version }
  await directory.updateConnection(after, auditEvent(deps, `connection.${action}`, `connection:${id}`, { changes }))
  return { ...told, version: version + 1 }
}
