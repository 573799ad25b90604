import type { Connection } from '../directory/connection.ts'
import { type ReplayDependencies, type ReplayPage, replayPage } from '../replay/replay-page.ts'
import { createInputSeal } from '../replay/seal-input.ts'
import type { Administration } from './administration.ts'

/** People asked about in one page, whoever turns the pages. */
export const replayPageSize = 1000

export function replayDependencies({
  directory,
  now,
  newId,
  secret,
  randomBytes,
  mappingModules,
}: Administration): ReplayDependencies {
  const asked = mappingModules === undefined ? {} : { mappingModules }
  return { directory, now, newId, ...asked, inputSeal: createInputSeal(secret(), randomBytes) }
}

/** All pages, one after the other. */
export async function* replayPages(
  stored: Connection,
  drafted: Connection,
  deps: Administration,
): AsyncGenerator<ReplayPage, void, undefined> {
  const replaying = replayDependencies(deps)
  for (let after: string | undefined, isLast = false; !isLast; ) {
    const options = { stored, drafted, limit: replayPageSize, ...(after === undefined ? {} : { after }) }
    const page = await replayPage(options, replaying)
    yield page
    after = page.next
    isLast = after === undefined
  }
}
