import { z } from 'zod'
import type { Connection } from '../directory/connection.ts'
import { type ConnectionConfiguration, type ConnectionDraft, configurationOf } from '../directory/connection-version.ts'
import type { AdministrationDirectory } from '../directory/directory.ts'
import type { RoleSyncEffect } from '../replay/role-sync-effect.ts'
import { type Administration, auditEvent } from './administration.ts'
import { configured, noDraft, type WrittenConnection, writeConfiguration } from './connection-versions.ts'
import { checkVersion, getConnection } from './connections.ts'
import { type Difference, differences } from './differences.ts'
import { draftConnection, draftInput } from './draft-connection.ts'
import { nameInput, parseInput } from './parse-input.ts'
import { changeBudgetInput, checkBudget } from './replay-budget.ts'
import { askRoleSync, roleSyncAnswer } from './role-sync-change.ts'

export const saveDraftInput = z.strictObject({
  id: nameInput,
  /** `null` throws the draft away. */
  draft: draftInput.nullable(),
})

export interface SavedDraft {
  readonly connection: string
  /** The version it was made from. */
  readonly baseVersion: number
  readonly discarded: boolean
  /** What publishing it would change. */
  readonly changes: readonly Difference[]
}

/**
 * Keeps a configuration for later; nobody's sign-in goes by it. Throws `connection_not_found`, `connection_draft_missing`, and what
 * making a draft throws.
 */
export async function saveDraft(input: z.input<typeof saveDraftInput>, deps: Administration): Promise<SavedDraft> {
  const { id, draft } = parseInput(saveDraftInput, input)
  const stored = await getConnection(id, deps.directory)
  if (draft === null) return discardDraft(stored, deps)
  const drafted = await draftConnection(stored, draft, await deps.directory.listRoles(stored.organizationId), deps)
  const changes = differences(configurationOf(stored), configurationOf(drafted))
  const event = auditEvent(deps, 'connection.drafted', `connection:${id}`, { changes })
  await deps.directory.saveConnectionDraft(
    {
      organizationId: stored.organizationId,
      connectionId: id,
      baseVersion: stored.version,
      at: event.at,
      actor: deps.actor,
      configuration: configurationOf(drafted),
    },
    event,
  )
  return { connection: id, baseVersion: stored.version, discarded: false, changes }
}

async function discardDraft(stored: Connection, deps: Administration): Promise<SavedDraft> {
  const event = auditEvent(deps, 'connection.draft-discarded', `connection:${stored.id}`)
  if (!(await deps.directory.removeConnectionDraft(stored, event))) throw noDraft(stored)
  return { connection: stored.id, baseVersion: stored.version, discarded: true, changes: [] }
}

export const publishConnectionInput = z.strictObject({
  id: nameInput,
  /** Refuses when a replay says that more people would change. */
  maxChanges: changeBudgetInput.optional(),
  ...roleSyncAnswer,
})

/**
 * Makes the draft the configuration there is, and removes it. Throws `connection_not_found`, `connection_draft_missing`,
 * `connection_changed` when the connection was changed after the draft was made, `change_budget_exceeded`, `role_loss_unconfirmed`; metadata that was refreshed meanwhile is kept instead.
 */
export async function publishConnection(
  input: z.input<typeof publishConnectionInput>,
  deps: Administration,
): Promise<WrittenConnection> {
  const { id, maxChanges, ...answer } = parseInput(publishConnectionInput, input)
  const asked = await askBefore(id, { maxChanges, ...answer }, deps)
  return deps.directory.transaction(async (directory) => {
    const stored = await getConnection(id, directory)
    const draft = await directory.findConnectionDraft(stored)
    if (draft === undefined) throw noDraft(stored)
    const configuration = await onPresent(stored, draft, directory)
    const writing = { directory, deps, action: 'published', asked, dryRun: answer.dryRun } as const
    const written = await writeConfiguration(stored, configuration, writing)
    if (answer.dryRun) return written
    await directory.removeConnectionDraft(stored, auditEvent(deps, 'connection.draft-published', `connection:${id}`))
    return written
  })
}

/** Before the transaction: a replay reads for long. What is written is checked against the version that was replayed. */
async function askBefore(
  id: string,
  { maxChanges, ...answer }: Omit<z.output<typeof publishConnectionInput>, 'id'>,
  deps: Administration,
): Promise<RoleSyncEffect | undefined> {
  const stored = await getConnection(id, deps.directory)
  const draft = await deps.directory.findConnectionDraft(stored)
  if (draft === undefined) throw noDraft(stored)
  const drafted = configured(stored, await onPresent(stored, draft, deps.directory))
  if (maxChanges !== undefined) await checkBudget(stored, drafted, maxChanges, deps)
  return askRoleSync(stored, drafted, answer, deps)
}

/** The draft as it would be had it been made from the present version. Throws `connection_changed` where people disagree. */
export async function onPresent(
  stored: Connection,
  { baseVersion, configuration }: ConnectionDraft,
  directory: AdministrationDirectory,
): Promise<ConnectionConfiguration> {
  if (baseVersion === stored.version) return configuration
  const base = await directory.findConnectionVersion(stored, baseVersion)
  const meanwhile = base === undefined ? undefined : differences(base.configuration, configurationOf(stored))
  const own = base === undefined ? [] : differences(base.configuration.identityProvider, configuration.identityProvider)
  const isRefreshed = meanwhile?.every(({ path }) => path.startsWith('identityProvider.')) === true
  if (!isRefreshed || own.length > 0) checkVersion(stored, baseVersion)
  return { ...configuration, identityProvider: stored.identityProvider }
}
