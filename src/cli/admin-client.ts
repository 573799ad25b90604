import { type IncomingMessage, request } from 'node:http'
import { type ErrorCode, type ErrorDetail, errorEntries, LatchkeyError } from '../errors.ts'

/** Whether a server listens on this socket. */
export async function isAnswering(socketPath: string): Promise<boolean> {
  try {
    await callServer(socketPath, 'GET', '/', undefined)
    return true
  } catch (error) {
    if (isAbsent(error)) return false
    throw error
  }
}

function isAbsent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOENT' || code === 'ECONNREFUSED'
}

/** Calls a command of the running server (`admin/admin-socket.ts`). Throws what the command throws, `storage_unavailable`. */
export async function callCommand(socketPath: string, name: string, input: unknown): Promise<unknown> {
  const answer = await askServer(socketPath, name, input)
  if (typeof answer === 'object' && answer !== null && 'result' in answer) return answer.result
  throw toError(answer)
}

async function askServer(socketPath: string, name: string, input: unknown): Promise<unknown> {
  try {
    return JSON.parse(await callServer(socketPath, 'POST', `/commands/${name}`, JSON.stringify(input)))
  } catch (cause) {
    const detail = { check: 'server', wanted: 'an answer of the running server', arrived: 'none', at: socketPath }
    throw new LatchkeyError('storage_unavailable', detail, { cause })
  }
}

function callServer(socketPath: string, method: string, path: string, body: string | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path, headers: { 'content-type': 'application/json' } }, (response) =>
      readBody(response).then(resolve, reject),
    )
    sent.on('error', reject).end(body)
  })
}

async function readBody(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of response) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

function toError(answer: unknown): LatchkeyError {
  const error = typeof answer === 'object' && answer !== null && 'error' in answer ? answer.error : undefined
  if (typeof error === 'object' && error !== null && 'code' in error && isErrorCode(error.code)) {
    const detail = 'detail' in error ? error.detail : undefined
    return new LatchkeyError(error.code, isDetail(detail) ? detail : {})
  }
  return new LatchkeyError('internal', { check: 'answer', arrived: 'an answer that is not understood' })
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorEntries, code)
}

/** The server is of the same build: what it sends as detail was one. */
function isDetail(detail: unknown): detail is ErrorDetail {
  return typeof detail === 'object' && detail !== null
}
