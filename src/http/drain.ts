import type { Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** Keeps count of what is open, so that a server can stop without breaking off an answer. */
export interface Drain {
  hasBegun(): boolean
  track(response: ServerResponse): void
  /** A connection that speaks another protocol now: it has no end of its own, so draining ends it. */
  trackUpgraded(socket: Duplex): void
  /**
   * Requests that are open now may finish, and while they do new ones are still answered, so that a load balancer can
   * read that we are not ready. Then nothing new is accepted. After `seconds` whatever is left is cut off.
   */
  run(seconds: number): Promise<void>
}

export function createDrain(server: Server): Drain {
  const open = new Set<ServerResponse>()
  const upgraded = new Set<Duplex>()
  let begun = false

  function closeServer(): Promise<void> {
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
    for (const socket of upgraded) socket.destroy()
    return closed
  }

  return {
    hasBegun: () => begun,
    track(response) {
      open.add(response)
      response.once('close', () => open.delete(response))
      if (begun) response.setHeader('connection', 'close')
    },
    trackUpgraded(socket) {
      upgraded.add(socket)
      socket.once('close', () => upgraded.delete(socket))
    },
    async run(seconds) {
      begun = true
      const deadline = startDeadline(seconds)
      await Promise.race([Promise.all([...open].map(closed)), deadline.passed])
      const allClosed = closeServer()
      await Promise.race([allClosed, deadline.passed])
      deadline.cancel()
      server.closeAllConnections()
      await allClosed
    },
  }
}

function closed(response: ServerResponse): Promise<void> {
  // The connection must end with the answer, or a client that keeps it would hold up the end.
  if (!response.headersSent) response.setHeader('connection', 'close')
  return new Promise((resolve) => response.once('close', resolve))
}

function startDeadline(seconds: number): { readonly passed: Promise<void>; cancel(): void } {
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000)
  })
  return { passed, cancel: () => clearTimeout(timer) }
}
