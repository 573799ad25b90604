import { type IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** A way to answer a WebSocket request like any other, as long as nothing has been switched. */
export interface SocketAnswer {
  readonly socket: Duplex
  readonly response: ServerResponse
  /** The bare connection, when the protocol is switched after all. */
  release(): Duplex
}

/** `head` are the bytes that came after the request: they belong to the WebSocket. */
export function answerOnSocket(request: IncomingMessage, socket: Duplex, head: Buffer): SocketAnswer {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  socket.on('error', () => socket.destroy())
  if (!(socket instanceof Socket)) throw new TypeError('A WebSocket request came over something that is no socket.')
  response.assignSocket(socket)
  response.once('finish', () => {
    response.detachSocket(socket)
    socket.end()
  })
  return {
    socket,
    response,
    release() {
      response.detachSocket(socket)
      socket.setTimeout(0)
      socket.setNoDelay(true)
      if (head.length > 0) socket.unshift(head)
      return socket
    },
  }
}
