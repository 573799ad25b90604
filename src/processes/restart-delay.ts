/** Deaths after which a process is not started again at once, so that one that cannot live does not eat the machine. */

const firstMs = 250
const longestMs = 30_000
/** A process that was ready for so long had begun well. */
const livedWellMs = 60_000

/** How long to wait, in milliseconds, before the next start after so many deaths in a row. */
export function restartDelay(deaths: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.max(0, deaths - 1))
}

/** How many deaths in a row there are with this one. */
export function deathsInARow(before: number, readyMs: number): number {
  return readyMs >= livedWellMs ? 1 : before + 1
}
