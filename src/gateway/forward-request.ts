import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import type { Application } from '../directory/application.ts'
import { LatchkeyError } from '../errors.ts'
import { hasBody, type Upstreams } from './upstream.ts'
import { writeAnswerHead } from './write-answer-head.ts'

export interface Forwarding {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly application: Application
  /** In the flat form of `rawHeaders`. */
  readonly headers: readonly string[]
  readonly upstreams: Upstreams
}

/**
 * Passes a request on and its answer back, both as they flow: no body is kept. An end on either side reaches the other.
 * Resolves when the answer has begun to flow back or the browser has gone. Throws `upstream_unreachable`.
 */
export async function forwardRequest(forwarding: Forwarding): Promise<void> {
  const { request, response, application } = forwarding
  const answer = await firstAnswer(forwarding)
  if (answer === undefined) return
  const { incoming, outgoing } = answer
  incoming.once('end', () => stopUploading(request, outgoing))
  writeAnswerHead(response, incoming, application)
  setImmediate(sendHeaders, response)
  passOn(incoming, response)
}

/**
 * An answer that breaks off is broken off on the other side too, so that nobody takes half of it for the whole. A pipe
 * and not `pipeline`, whose abort signal costs as much as all our headers.
 */
function passOn(incoming: IncomingMessage, response: ServerResponse): void {
  incoming.on('error', () => response.destroy())
  incoming.once('close', () => {
    if (!incoming.complete) response.destroy()
  })
  incoming.pipe(response)
}

/** Headers go out with the first bytes of the body where these have come already; an event stream may wait long for its first. */
function sendHeaders(response: ServerResponse): void {
  if (!response.writableEnded && !response.destroyed) response.flushHeaders()
}

interface Answer {
  readonly incoming: IncomingMessage
  readonly outgoing: ClientRequest
}

/** A kept connection may have been closed by the application just now; a request that can be repeated safely is, once. */
async function firstAnswer(forwarding: Forwarding): Promise<Answer | undefined> {
  const first = await exchange(forwarding)
  if (!(first instanceof BrokenOff)) return first
  const second = first.onKeptConnection && isRepeatable(forwarding.request) ? await exchange(forwarding) : first
  if (!(second instanceof BrokenOff)) return second
  throw new LatchkeyError('upstream_unreachable', { arrived: second.reason }, { cause: second.cause })
}

class BrokenOff {
  readonly cause: Error
  readonly onKeptConnection: boolean

  constructor(cause: Error, onKeptConnection: boolean) {
    this.cause = cause
    this.onKeptConnection = onKeptConnection
  }

  get reason(): string {
    return 'code' in this.cause ? String(this.cause.code) : this.cause.message
  }
}

/** `undefined`: the browser has gone. */
function exchange({ request, response, ...call }: Forwarding): Promise<Answer | BrokenOff | undefined> {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve(undefined)
    const outgoing = call.upstreams.open({ ...call, request })
    let answered = false
    response.once('close', () => {
      if (!response.writableFinished) outgoing.destroy()
      resolve(undefined)
    })
    outgoing.on('continue', () => response.writeContinue())
    outgoing.once('response', (incoming) => {
      answered = true
      resolve({ incoming, outgoing })
    })
    outgoing.on('error', (error) => {
      request.unpipe(outgoing)
      if (!answered) resolve(new BrokenOff(error, outgoing.reusedSocket))
    })
    request.pipe(outgoing)
  })
}

function isRepeatable(request: IncomingMessage): boolean {
  return !hasBody(request) && ['GET', 'HEAD', 'OPTIONS'].includes(request.method ?? '')
}

/** The whole answer came before the whole request: the rest is read and thrown away. */
function stopUploading(request: IncomingMessage, outgoing: ClientRequest): void {
  if (request.complete) return
  request.unpipe(outgoing)
  request.resume()
  outgoing.destroy()
}
