import type { ClientRequest, IncomingMessage } from 'node:http'
import { type Duplex, pipeline } from 'node:stream'
import type { Application } from '../directory/application.ts'
import { LatchkeyError } from '../errors.ts'
import type { SocketAnswer } from './socket-answer.ts'
import type { Upstreams } from './upstream.ts'
import { browserResponseHeaders } from './upstream-headers.ts'
import { writeAnswerHead } from './write-answer-head.ts'

export interface UpgradeForwarding {
  readonly request: IncomingMessage
  readonly answer: SocketAnswer
  readonly application: Application
  /** In the flat form of `rawHeaders`. */
  readonly headers: readonly string[]
  readonly upstreams: Upstreams
}

/**
 * Opens a WebSocket at the application and joins the two connections. An application that answers with anything else is
 * passed on as an ordinary answer, after which the connection ends. Throws `upstream_unreachable`.
 */
export async function forwardUpgrade({ request, answer, ...call }: UpgradeForwarding): Promise<void> {
  const { application, headers, upstreams } = call
  const upgrading = [...headers, 'Connection', 'Upgrade', 'Upgrade', 'websocket']
  const outgoing = upstreams.open({ application, request, headers: upgrading, upgrade: true })
  const abandon = () => outgoing.destroy()
  answer.socket.once('close', abandon)
  const opened = firstAnswer(outgoing)
  outgoing.end()
  const { incoming, socket, head } = await opened
  if (answer.socket.destroyed) return void socket?.destroy()
  answer.socket.off('close', abandon)
  if (socket === undefined) return answerPlainly(incoming, answer, application)
  const browser = answer.release()
  if (!isWebSocket(incoming)) {
    socket.destroy()
    browser.destroy()
    return
  }
  browser.write(switchingProtocols(incoming, application))
  if (head.length > 0) socket.unshift(head)
  join(browser, socket)
}

interface Opened {
  readonly incoming: IncomingMessage
  /** Absent: the application did not switch. */
  readonly socket?: Duplex
  readonly head: Buffer
}

function firstAnswer(outgoing: ClientRequest): Promise<Opened> {
  return new Promise((resolve, reject) => {
    outgoing.once('upgrade', (incoming, socket, head) => resolve({ incoming, socket, head }))
    outgoing.once('response', (incoming) => resolve({ incoming, head: Buffer.alloc(0) }))
    outgoing.on('error', (cause) =>
      reject(new LatchkeyError('upstream_unreachable', { arrived: cause.message }, { cause })),
    )
  })
}

function isWebSocket({ statusCode, headers }: IncomingMessage): boolean {
  return statusCode === 101 && headers.upgrade?.toLowerCase() === 'websocket'
}

function switchingProtocols(incoming: IncomingMessage, application: Application): string {
  const headers = browserResponseHeaders(incoming, application)
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket']
  for (let index = 0; index < headers.length; index += 2) lines.push(`${headers[index]}: ${headers[index + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

function answerPlainly(incoming: IncomingMessage, { response }: SocketAnswer, application: Application): void {
  writeAnswerHead(response, incoming, application)
  pipeline(incoming, response, () => {})
}

/** What one side says the other hears; an end of one ends the other, a break breaks it. */
function join(browser: Duplex, application: Duplex): void {
  passOn(browser, application)
  passOn(application, browser)
}

function passOn(from: Duplex, to: Duplex): void {
  from.on('error', () => from.destroy())
  from.once('close', () => {
    if (!from.readableEnded) to.destroy()
  })
  from.pipe(to)
}
