/**
 * Several commits, one sync. The embedded database has one connection, so commits that wait for the disk wait in a row. Those
 * that wait together are made without a sync, one sync follows for all, and only then is each of them reported done. The log
 * is one sequence: whatever is on the disk, everything before it is, too. Decision 0187.
 */
export interface Commits {
  /** Runs a write that commits by itself; gives way when what it wrote is on the disk. Throws what the write throws. */
  run<T>(write: (commit: 'synced' | 'unsynced') => Promise<T>): Promise<T>
}

/** Where the server groups commits by itself. */
export const eachCommitItself: Commits = { run: (write) => write('synced') }

/** So that the first of a group does not wait long for the last. */
const largestGroup = 64

interface Waiting {
  readonly runAlone: () => Promise<void>
  /** Writes without a sync; gives the function that reports the outcome. */
  readonly runUnsynced: () => Promise<() => void>
  readonly fail: (error: unknown) => void
}

/** `sync` brings everything that was committed before to the disk. */
export function createCommitGroups(sync: () => Promise<unknown>): Commits {
  const waiting: Waiting[] = []
  let isWorking = false

  async function work(): Promise<void> {
    isWorking = true
    for (let group = waiting.splice(0, largestGroup); group.length > 0; group = waiting.splice(0, largestGroup)) {
      const [only] = group
      await (only !== undefined && group.length === 1 ? only.runAlone() : runTogether(group, sync))
    }
    isWorking = false
  }

  return {
    run: (write) =>
      new Promise((resolve, reject) => {
        waiting.push({
          runAlone: () => write('synced').then(resolve, reject),
          runUnsynced: () =>
            write('unsynced').then(
              (result) => () => resolve(result),
              (error: unknown) => () => reject(error),
            ),
          fail: reject,
        })
        if (!isWorking) void work()
      }),
  }
}

async function runTogether(group: readonly Waiting[], sync: () => Promise<unknown>): Promise<void> {
  const reports = await Promise.all(group.map(({ runUnsynced }) => runUnsynced()))
  try {
    await sync()
  } catch (error) {
    for (const { fail } of group) fail(error)
    return
  }
  for (const report of reports) report()
}
