import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { adminSocketPath } from '../admin/admin-socket.ts'
import { runCommand } from '../admin/commands.ts'
import type { Settings } from '../config/settings.ts'
import { isLatchkeyError } from '../errors.ts'
import { callCommand, isAnswering } from './admin-client.ts'

/** A way to the data for one command line. */
export interface Reached {
  readonly call: (name: string, input: unknown) => Promise<unknown>
  readonly close: () => Promise<void>
}

/** How long a server that is just starting or stopping is waited for. */
const patienceMs = 10_000

/**
 * PostgreSQL is opened directly. An embedded database belongs to one process: when a server has it open the command is
 * handed to that server, else it is opened here. Throws `data_directory_locked` and what opening the storage throws.
 */
export async function reachAdministration(settings: Settings, print: (line: string) => void): Promise<Reached> {
  if (settings.storage.kind === 'postgres') return openHere(settings)
  const { dataDirectory } = settings.storage
  const socketPath = adminSocketPath(dataDirectory)
  const giveUpAt = Date.now() + patienceMs
  for (;;) {
    if (await isAnswering(socketPath)) return handToServer(socketPath)
    try {
      if (!existsSync(dataDirectory)) print(`A new, empty database is made in ${dataDirectory}.`)
      return await openHere(settings)
    } catch (error) {
      if (!isLatchkeyError(error, 'data_directory_locked') || Date.now() > giveUpAt) throw error
      await sleep(100)
    }
  }
}

function handToServer(socketPath: string): Reached {
  return { call: (name, input) => callCommand(socketPath, name, input), close: async () => undefined }
}

async function openHere(settings: Settings): Promise<Reached> {
  // Loaded only here: help and refusals of usage need no database.
  const { administrationOf, openLatchkey } = await import('../main.ts')
  const latchkey = await openLatchkey(settings)
  const deps = administrationOf(settings, latchkey.directory)
  return { call: (name, input) => runCommand(name, input, deps), close: () => latchkey.close() }
}
