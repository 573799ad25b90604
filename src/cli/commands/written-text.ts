import type { CommandResult } from '../../admin/commands.ts'
import { differenceText } from '../difference-text.ts'

/** What became of a connection. */
export function writtenText({ connection, version, changes }: CommandResult<'connection.publish'>): string {
  if (changes.length === 0) return `Nothing changed: connection ${connection} was like this already.`
  return [
    `~ connection ${connection}, now version ${version}`,
    ...changes.map((change) => differenceText(change)),
  ].join('\n')
}
