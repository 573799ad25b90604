import type { CommandResult } from '../../admin/commands.ts'
import { differenceText } from '../difference-text.ts'
import { roleSyncText } from '../role-sync-text.ts'

/** What became of a connection, or would become of it. */
export function writtenText(
  { connection, version, changes, roleSync }: CommandResult<'connection.publish'>,
  dryRun: boolean,
): string {
  if (changes.length === 0) return `Nothing changed: connection ${connection} was like this already.`
  return [
    `~ connection ${connection}, ${dryRun ? `version ${version} so far` : `now version ${version}`}`,
    ...changes.map((change) => differenceText(change)),
    ...(roleSync === undefined ? [] : [roleSyncText(roleSync)]),
    ...(dryRun ? ['Nothing was written (--dry-run).'] : []),
  ].join('\n')
}
