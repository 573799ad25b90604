import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One notice as it arrived. */
export interface Received {
  readonly id: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly notice: {
    readonly type: string
    readonly timestamp: string
    readonly data: Readonly<Record<string, string>>
  }
}

export interface Receiver {
  readonly url: string
  readonly received: readonly Received[]
  /** From now on requests are answered so. */
  answer(how: (response: ServerResponse) => void): void
}

interface Cleanup {
  after(work: () => Promise<void>): void
}

/** A receiver of notices that really listens; it says 204 until it is told otherwise. */
export async function startReceiver(test: Cleanup): Promise<Receiver> {
  const received: Received[] = []
  let how: (response: ServerResponse) => void = (response) => void response.writeHead(204).end()
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    const { headers } = request
    received.push({ id: String(headers['webhook-id']), headers, body, notice: body === '' ? {} : JSON.parse(body) })
    how(response)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  test.after(async () => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=of-the-receiver`,
    received,
    answer(next) {
      how = next
    },
  }
}

/** As a receiver does it: Standard Webhooks, symmetric signatures. */
export function assertSigned({ headers, body }: Received, secret: Buffer): void {
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const expected = `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`
  assert.equal(headers['webhook-signature'], expected)
}
