import { chmodSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join, relative } from 'node:path'
import { LatchkeyError } from '../errors.ts'
import type { Administration } from './administration.ts'
import { findCommand, runCommand } from './commands.ts'

/**
 * Lets commands reach an embedded database while a server has it open: `POST /commands/NAME` with JSON over a socket in
 * the data directory that only the owner of the process may open. Whoever can open it can read the database's files too,
 * so it asks for nothing more. A browser cannot speak to it.
 */
export interface AdminSocketOptions {
  readonly path: string
  readonly deps: Administration
  /** Called after a command that may have written, so that the server reads again what it remembers. */
  readonly onWritten?: () => Promise<void>
}

export interface AdminSocket {
  /** Lets commands under way finish; removes the socket. */
  close(): Promise<void>
}

/** Room for the metadata of a federation. */
const maximumBytes = 64 * 1024 * 1024

/** Bytes that every system accepts in the name of a socket. */
const maximumPathBytes = 103

/** Where a server on this data directory listens for commands. Throws `configuration_invalid` when the path is too long. */
export function adminSocketPath(dataDirectory: string): string {
  const path = join(dataDirectory, 'admin.sock')
  const shortest = [path, relative('.', path)].sort((a, b) => a.length - b.length)[0] ?? path
  if (Buffer.byteLength(shortest) <= maximumPathBytes) return shortest
  throw new LatchkeyError('configuration_invalid', {
    check: 'dataDirectory',
    wanted: `a path of at most ${maximumPathBytes - 11} bytes, for the socket inside`,
    arrived: `${Buffer.byteLength(shortest) - 11} bytes`,
  })
}

/** The caller must hold the data directory's lock: a socket that an ended process left behind is replaced. */
export async function startAdminSocket({ path, deps, onWritten }: AdminSocketOptions): Promise<AdminSocket> {
  const server = createServer((request, response) => {
    void answer(request, response, deps, onWritten)
  })
  rmSync(path, { force: true })
  await listen(server, path)
  return { close: () => closeServer(server) }
}

/** For nobody but the owner from the first moment on: the socket is made while the mask forbids everybody else. */
function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const mask = process.umask(0o177)
    try {
      server.once('error', reject).listen(path, () => {
        server.off('error', reject)
        resolve()
      })
      chmodSync(path, 0o600)
    } finally {
      process.umask(mask)
    }
  })
}

function closeServer(server: Server): Promise<void> {
  server.closeIdleConnections()
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
  })
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  deps: Administration,
  onWritten: AdminSocketOptions['onWritten'],
): Promise<void> {
  try {
    const name = commandName(request)
    const { writes } = findCommand(name)
    const result = await runCommand(name, await readJson(request), deps)
    if (writes) await onWritten?.()
    send(response, 200, { result: result ?? null })
  } catch (error) {
    send(response, 400, { error: toRefusal(error) })
  }
}

function commandName(request: IncomingMessage): string {
  const [, name] = /^\/commands\/([a-z.]{1,64})$/.exec(request.url ?? '') ?? []
  if (request.method === 'POST' && name !== undefined) return name
  throw new LatchkeyError('command_unknown', { check: 'address', wanted: 'POST /commands/NAME' })
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request) {
    size += part.length
    if (size <= maximumBytes) parts.push(part)
  }
  if (size > maximumBytes) {
    throw new LatchkeyError('request_too_large', { wanted: `at most ${maximumBytes} bytes`, arrived: `${size} bytes` })
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'))
  } catch (cause) {
    throw new LatchkeyError('request_invalid', { check: 'body', wanted: 'JSON' }, { cause })
  }
}

/** What the other side makes a `LatchkeyError` of again. */
function toRefusal(error: unknown): Pick<LatchkeyError, 'code' | 'detail'> {
  if (error instanceof LatchkeyError) return { code: error.code, detail: error.detail }
  return { code: 'internal', detail: { arrived: error instanceof Error ? error.message : 'an unknown error' } }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body))
}
