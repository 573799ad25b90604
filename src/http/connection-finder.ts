import { normalForm } from '../directory/account.ts'
import type { Connection } from '../directory/connection.ts'
import type { HttpDependencies } from './http-dependencies.ts'

/** Finds where a person signs in from what they type: the name of an organization or connection, or an e-mail address. */
export interface ConnectionFinder {
  /**
   * Connections of one organization that are switched on; none when nothing matches, or when the name could mean several
   * organizations. `among`: only these connection ids.
   */
  find(text: string, among?: readonly string[]): Promise<readonly Connection[]>
}

type FinderDependencies = Pick<HttpDependencies, 'directory' | 'now'>

/** The list is read at most this often: whoever types names cannot make the storage work. */
const keepSeconds = 10

export function createConnectionFinder(deps: FinderDependencies): ConnectionFinder {
  let index: Promise<ReadonlyMap<string, readonly Connection[]>> | undefined
  let readAtMs = 0

  function currentIndex() {
    const nowMs = deps.now().getTime()
    if (index === undefined || nowMs - readAtMs >= keepSeconds * 1000) {
      readAtMs = nowMs
      index = readIndex(deps)
      index.catch(() => {
        index = undefined
      })
    }
    return index
  }

  return {
    async find(text, among) {
      const found = (await currentIndex()).get(searchKey(text)) ?? []
      const usable = found.filter(({ id }) => among === undefined || among.includes(id))
      const organizations = new Set(usable.map(({ organizationId }) => organizationId))
      return organizations.size === 1 ? usable : []
    },
  }
}

/** Connections by each name they may be called. */
async function readIndex({ directory }: FinderDependencies): Promise<ReadonlyMap<string, readonly Connection[]>> {
  const [connections, organizations] = await Promise.all([directory.listConnections(), directory.listOrganizations()])
  const organizationNames = new Map(organizations.map(({ id, name }) => [id, name]))
  const index = new Map<string, Connection[]>()
  for (const connection of connections.filter(({ settings }) => settings.samlEnabled)) {
    const { id, name, organizationId, settings } = connection
    const names = [id, name, organizationId, organizationNames.get(organizationId) ?? '']
    const domains = (settings.emailDomains ?? []).map((domain) => `@${domain}`)
    for (const key of new Set([...names, ...domains].map(searchKey))) {
      index.set(key, [...(index.get(key) ?? []), connection])
    }
  }
  return index
}

/** Of an e-mail address the domain, with its `@`; of a name the normal form with single spaces. */
function searchKey(text: string): string {
  const normal = normalForm(text)
  const at = normal.lastIndexOf('@')
  return at === -1 ? normal.replace(/\s+/g, ' ') : normal.slice(at)
}
