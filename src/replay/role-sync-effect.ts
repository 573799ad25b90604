import { connectionSource } from '../directory/account.ts'
import type { Connection } from '../directory/connection.ts'
import type { ReplayDirectory } from '../directory/directory.ts'
import type { RoleHolder } from '../directory/replay.ts'
import type { ErrorCode } from '../errors.ts'
import { mayLoseBy, type RoleHolding, type RoleSyncMode, roleSyncMode } from '../provisioning/role-sync.ts'
import type { ReplayedChange } from './compare.ts'
import { type ReplayDependencies, replayInputs } from './replay-page.ts'

/** Whom another way of keeping roles concerns. Roles are names. */
export interface AffectedPerson {
  readonly accountId: string
  readonly username: string
  /** By what the last sign-in said. */
  readonly gains: readonly string[]
  readonly loses: readonly string[]
  readonly refusedWith?: ErrorCode
  /** What is kept of this person says nothing: these go unless they arrive. */
  readonly mayLose: readonly string[]
}

export interface RoleSyncEffect {
  readonly connection: string
  /** Of the connection, when this was asked. */
  readonly version: number
  readonly from: RoleSyncMode
  readonly to: RoleSyncMode
  /** Whose last sign-in was asked again. */
  readonly replayed: number
  /** People who gain something, who lose something or are refused, and who may lose something. */
  readonly gaining: number
  readonly losing: number
  readonly atRisk: number
  /** Role → people. */
  readonly gained: Readonly<Record<string, number>>
  readonly lost: Readonly<Record<string, number>>
  readonly mayBeLost: Readonly<Record<string, number>>
  /** Whoever loses stands before whoever gains; at most a hundred. */
  readonly people: readonly AffectedPerson[]
}

export interface RoleSyncChange {
  readonly stored: Connection
  readonly drafted: Connection
  readonly administration: RoleHolding['administration']
}

export interface RoleSyncDependencies extends Omit<ReplayDependencies, 'directory' | 'inputSeal'> {
  readonly directory: ReplayDependencies['directory'] & Pick<ReplayDirectory, 'listRoleHolders'>
  /** Absent: nothing that was kept can be opened. */
  readonly inputSeal?: ReplayDependencies['inputSeal']
}

const pageSize = 1000
const mostListed = 100

/**
 * Who would gain or lose roles by another way of keeping them: exactly for those whose last sign-in is kept, and for the
 * others what they hold that may go. Nothing is written.
 */
export async function readRoleSyncEffect(change: RoleSyncChange, deps: RoleSyncDependencies): Promise<RoleSyncEffect> {
  const { stored, drafted } = change
  const { inputSeal } = deps
  const replayed = inputSeal === undefined ? undefined : await replayAll(change, { ...deps, inputSeal })
  const unknown = await findAtRisk(change, replayed?.unreadable, deps)
  const people = [...(replayed?.affected ?? []), ...unknown]
  const losing = people.filter(({ loses, refusedWith }) => loses.length > 0 || refusedWith !== undefined)
  const gaining = people.filter(({ gains }) => gains.length > 0)
  return {
    connection: stored.id,
    version: stored.version,
    from: roleSyncMode(stored.settings),
    to: roleSyncMode(drafted.settings),
    replayed: replayed?.people ?? 0,
    gaining: gaining.length,
    losing: losing.length,
    atRisk: unknown.length,
    gained: countNames(gaining.flatMap(({ gains }) => gains)),
    lost: countNames(losing.flatMap(({ loses }) => loses)),
    mayBeLost: countNames(unknown.flatMap(({ mayLose }) => mayLose)),
    people: [...new Set([...losing, ...unknown, ...gaining])].slice(0, mostListed),
  }
}

async function replayAll({ stored, drafted }: RoleSyncChange, deps: ReplayDependencies) {
  const affected: AffectedPerson[] = []
  const unreadable = new Set<string>()
  let people = 0
  for (let after: string | undefined, isLast = false; !isLast; ) {
    const options = { stored, drafted, limit: pageSize, ...(after === undefined ? {} : { after }) }
    const page = await replayInputs(options, deps)
    for (const id of page.unreadable) unreadable.add(id)
    affected.push(...page.changes.flatMap((change) => toAffected(change)))
    people += page.people - page.unreadable.length
    after = page.next
    isLast = after === undefined
  }
  return { affected, unreadable, people }
}

/** What a replay says of roles; whatever else would change is not asked here. */
function toAffected({ accountId, username, gains, loses, refusedWith }: ReplayedChange): readonly AffectedPerson[] {
  const [gained, lost] = [rolesOf(gains), rolesOf(loses)]
  if (gained.length + lost.length === 0 && refusedWith === undefined) return []
  const refused = refusedWith === undefined ? {} : { refusedWith }
  return [{ accountId, username, gains: gained, loses: lost, ...refused, mayLose: [] }]
}

function rolesOf(names: readonly string[]): readonly string[] {
  return names.flatMap((name) => (name.startsWith('role ') ? [name.slice('role '.length)] : []))
}

/** `unreadable` is absent where nothing can be opened at all. */
async function findAtRisk(
  change: RoleSyncChange,
  unreadable: ReadonlySet<string> | undefined,
  { directory }: RoleSyncDependencies,
): Promise<readonly AffectedPerson[]> {
  const found: AffectedPerson[] = []
  for (let after: string | undefined, isLast = false; !isLast; ) {
    const page = { limit: pageSize, ...(after === undefined ? {} : { after }) }
    const holders = await directory.listRoleHolders(change.stored, page)
    for (const holder of holders) {
      const isKnown = holder.isKept && unreadable?.has(holder.accountId) === false
      if (!isKnown) found.push(...atRisk(holder, change))
    }
    after = holders.at(-1)?.accountId
    isLast = holders.length < pageSize
  }
  return found
}

function atRisk({ accountId, username, roles }: RoleHolder, change: RoleSyncChange): readonly AffectedPerson[] {
  const { stored, drafted, administration } = change
  const modes = { from: roleSyncMode(stored.settings), to: roleSyncMode(drafted.settings) }
  const holding = { source: connectionSource(stored.id), administration }
  const mayGo = roles.filter((grant) => mayLoseBy(modes, grant, holding))
  const stay = new Set(roles.filter((grant) => !mayGo.includes(grant)).map(({ name }) => name))
  const mayLose = [...new Set(mayGo.map(({ name }) => name))].filter((name) => !stay.has(name))
  return mayLose.length === 0 ? [] : [{ accountId, username, gains: [], loses: [], mayLose }]
}

function countNames(names: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Object.fromEntries(counts)
}
