import { z } from 'zod'
import type { Connection } from '../directory/connection.ts'
import { isLatchkeyError } from '../errors.ts'
import type { RoleSyncEffect } from '../replay/role-sync-effect.ts'
import type { Administration } from './administration.ts'
import { checkConnection } from './check-connection.ts'
import {
  type ConnectionWithAddresses,
  checkVersion,
  connectionUpdated,
  entityIdInput,
  getConnection,
  patchSettings,
  saveFirstRefresh,
  withAddresses,
  withoutEntityId,
} from './connections.ts'
import { type Difference, differences } from './differences.ts'
import { nameInput, parseInput, titleInput } from './parse-input.ts'
import { metadataInput, type ReadIdentityProvider, readIdentityProvider } from './read-identity-provider.ts'
import { askRoleSync, checkAsked, roleSyncAnswer } from './role-sync-change.ts'

export const updateConnectionInput = z.strictObject({
  id: nameInput,
  name: titleInput.optional(),
  metadata: metadataInput.optional(),
  /** `null` goes back to our metadata address. */
  serviceProviderEntityId: entityIdInput.nullable().optional(),
  /** Only what changes; `null` goes back to the default. */
  settings: z.record(z.string(), z.unknown()).default({}),
  /** The version it must have; without it, whatever has changed meanwhile stays beside this change. */
  version: z.int().min(1).optional(),
  ...roleSyncAnswer,
})

export interface ConnectionUpdate extends ConnectionWithAddresses {
  /** Empty: it was like this already, and nothing was written. */
  readonly changes: readonly Difference[]
  /** Whom it concerns that roles are kept otherwise. */
  readonly roleSync?: RoleSyncEffect
  /** False after a dry run, and where nothing changes. */
  readonly written: boolean
}

/** How often a change is made anew because somebody else's came between. */
const mostTries = 5

/**
 * Changes what is named and leaves the rest as it then is, whoever else changes it at the same moment. Throws
 * `connection_not_found`, `connection_changed`, `role_loss_unconfirmed`, `input_invalid`, `role_not_found`, `role_not_grantable` and what reading metadata throws.
 */
export async function updateConnection(
  input: z.input<typeof updateConnectionInput>,
  deps: Administration,
): Promise<ConnectionUpdate> {
  const given = parseInput(updateConnectionInput, input)
  const settings = patchSettings(await getConnection(given.id, deps.directory), given.settings)
  const read = given.metadata ? await readIdentityProvider(given.metadata, settings, deps) : undefined
  for (let tries = 1; ; tries++) {
    try {
      const stored = await getConnection(given.id, deps.directory)
      const asked = await askRoleSync(stored, changed(stored, given, read), given, deps)
      return await changeConnection({ given, read, asked }, deps)
    } catch (error) {
      if (!isLatchkeyError(error, 'connection_changed') || given.version !== undefined || tries === mostTries)
        throw error
    }
  }
}

interface Change {
  readonly given: z.output<typeof updateConnectionInput>
  readonly read: ReadIdentityProvider | undefined
  readonly asked: RoleSyncEffect | undefined
}

function changeConnection({ given, read, asked }: Change, deps: Administration): Promise<ConnectionUpdate> {
  return deps.directory.transaction(async (directory) => {
    const before = await getConnection(given.id, directory)
    if (given.version !== undefined) checkVersion(before, given.version)
    const after = changed(before, given, read)
    checkAsked(before, after, asked)
    const changes = differences(before, after)
    if (changes.length > 0)
      checkConnection(after, { roles: await directory.listRoles(before.organizationId), modules: deps.mappingModules })
    const written = changes.length > 0 && !given.dryRun
    if (written) await directory.updateConnection(after, connectionUpdated(after, changes, deps))
    if (read && !given.dryRun) await saveFirstRefresh(after, read, directory, deps)
    return { ...withAddresses(after, deps), changes, ...(asked === undefined ? {} : { roleSync: asked }), written }
  })
}

/** Only what is named. */
function changed(before: Connection, given: Change['given'], read: Change['read']): Connection {
  const entityId = given.serviceProviderEntityId
  return {
    ...(entityId === null ? withoutEntityId(before) : before),
    ...(entityId ? { serviceProviderEntityId: entityId } : {}),
    name: given.name ?? before.name,
    identityProvider: read?.identityProvider ?? before.identityProvider,
    settings: patchSettings(before, given.settings),
  }
}
