import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A web server that publishes metadata, as it is told to. */
export interface MetadataServer {
  readonly url: string
  /** What it answers with; a number is a status without a body. */
  answer: string | number
  etag: string
  /** Requests so far. */
  requests: number
}

interface Cleanup {
  after(work: () => void): void
}

export async function openMetadataServer(test: Cleanup): Promise<MetadataServer> {
  const server = createServer((request, response) => {
    published.requests += 1
    const { answer, etag } = published
    if (typeof answer === 'number') response.writeHead(answer).end()
    else if (etag !== '' && request.headers['if-none-match'] === etag) response.writeHead(304).end()
    else response.writeHead(200, { 'content-type': 'application/samlmetadata+xml', etag }).end(answer)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  test.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const published: MetadataServer = { url: `http://127.0.0.1:${port}/metadata`, answer: 404, etag: '', requests: 0 }
  return published
}
