/**
 * Asks again and again, while something stays open, whether it still may. A response that streams for hours and a
 * WebSocket would else outlive the session that opened them.
 */
export interface WatchOptions {
  readonly everySeconds: number
  /** `false` and an error end it: what cannot be shown to be allowed is not. */
  readonly mayStayOpen: () => Promise<boolean>
  readonly end: () => void
}

/** Gives the function that stops watching. */
export function watchOpen({ everySeconds, mayStayOpen, end }: WatchOptions): () => void {
  let stopped = false
  let timer: NodeJS.Timeout

  async function ask(): Promise<void> {
    const may = await mayStayOpen().catch(() => false)
    if (stopped) return
    if (may) wait()
    else end()
  }

  function wait(): void {
    timer = setTimeout(ask, everySeconds * 1000)
    timer.unref()
  }

  wait()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
