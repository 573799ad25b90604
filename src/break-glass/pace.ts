/** How many in one minute, of one kind and over all; counted by each process for itself. */
export interface Pace {
  /** False: there were too many in this minute. */
  take(key: string, now: Date): boolean
}

export function createPace(limits: { readonly each: number; readonly all: number }): Pace {
  const taken = new Map<string, number>()
  let minute = 0
  let total = 0
  return {
    take(key, now) {
      const current = Math.floor(now.getTime() / 60_000)
      if (current !== minute) {
        taken.clear()
        total = 0
      }
      minute = current
      const count = taken.get(key) ?? 0
      // Keys are remembered only while there is room: there are never more of them than `all`.
      if (total >= limits.all || count >= limits.each) return false
      taken.set(key, count + 1)
      total += 1
      return true
    },
  }
}
