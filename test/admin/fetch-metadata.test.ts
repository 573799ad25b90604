import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createMetadataFetcher, type FetchedMetadata } from '../../src/admin/fetch-metadata.ts'

const answer: RequestListener = ({ url = '', headers }, response) => {
  const redirect = (location: string) => void response.writeHead(302, { location }).end()
  if (url === '/good' && headers['if-none-match'] === '"v1"') response.writeHead(304).end()
  else if (url === '/good') response.writeHead(200, { 'content-type': 'text/xml', etag: '"v1"' }).end('<a/>')
  else if (url === '/moved') redirect('/good')
  else if (url === '/elsewhere') redirect('http://127.0.0.2:1/good')
  else if (url === '/round') redirect('/round')
  else if (url === '/page') response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html></html>')
  else if (url === '/large') response.end('x'.repeat(2000))
  else if (url === '/broken') response.writeHead(200, { 'content-length': '10' }).write('x', () => response.destroy())
  else if (url !== '/never') response.writeHead(404).end()
}

const good = { text: '<a/>', validators: { etag: '"v1"' } }

async function whole(fetched: FetchedMetadata) {
  if (fetched.unchanged) return fetched
  const parts: Uint8Array[] = []
  for await (const part of fetched.content.open()) parts.push(part)
  await fetched.content.close()
  return { text: Buffer.concat(parts).toString(), validators: fetched.validators }
}

test('createMetadataFetcher() fetches within its bounds and refuses everything else', async (t) => {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const fetchMetadata = createMetadataFetcher({ timeoutMs: 300, maxBytes: 1000 })
  const read = async (url: string, known = {}) => whole(await fetchMetadata(url, known))
  assert.deepEqual(await read(`${base}/good`), good)
  assert.deepEqual(await read(`${base}/moved`), good)
  const { validators } = good
  assert.deepEqual(await read(`${base}/moved`, validators), { unchanged: true })
  assert.deepEqual(await read(`${base}/good`, { etag: '"another"' }), good)
  for (const { path, code, arrived } of [
    { path: '/elsewhere', code: 'metadata_unreachable', arrived: 'a redirect to 127.0.0.2:1' },
    { path: '/round', code: 'metadata_unreachable', arrived: 'more' },
    { path: '/page', code: 'metadata_unreachable', arrived: 'a web page' },
    { path: '/none', code: 'metadata_unreachable', arrived: 'status 404' },
    { path: '/never', code: 'metadata_unreachable', arrived: 'TimeoutError' },
    { path: '/large', code: 'metadata_too_large', arrived: 'more' },
  ]) {
    await assert.rejects(fetchMetadata(`${base}${path}`), (error) => {
      assert.deepEqual(
        [Reflect.get(Object(error), 'code'), Reflect.get(Object(error), 'detail').arrived],
        [code, arrived],
      )
      return true
    })
  }
  await assert.rejects(fetchMetadata(`${base}/broken`), { code: 'metadata_unreachable' })
  await assert.rejects(fetchMetadata('http://127.0.0.1:1/'), { code: 'metadata_unreachable' })
  for (const address of ['http://idp.example/metadata', 'file:///etc/passwd', 'metadata.xml']) {
    await assert.rejects(fetchMetadata(address), { code: 'input_invalid' })
  }
})
