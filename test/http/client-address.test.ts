import assert from 'node:assert/strict'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createClientAddress } from '../../src/http/client-address.ts'

/** What a server on 127.0.0.1 makes of a request with this header. */
async function addressSeen(trustedProxies: readonly string[], forwarded?: string | string[]) {
  const clientAddress = createClientAddress(trustedProxies)
  const server = http.createServer((request, response) => void response.end(clientAddress(request)))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    return await new Promise<string>((resolve, reject) => {
      const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
      const request = http.get({ port, host: '127.0.0.1', headers, agent: false }, async (response) => {
        resolve((await response.toArray()).join(''))
      })
      request.on('error', reject)
    })
  } finally {
    server.close()
  }
}

test('the forwarded address counts only from listed proxies', async () => {
  assert.equal(await addressSeen([], '203.0.113.7'), '127.0.0.1')
  assert.equal(await addressSeen(['10.0.0.0/8'], '203.0.113.7'), '127.0.0.1')
  assert.equal(await addressSeen(['127.0.0.1'], '203.0.113.7'), '203.0.113.7')
  assert.equal(await addressSeen(['127.0.0.0/8'], '2001:db8::7'), '2001:db8::7')
  assert.equal(await addressSeen(['127.0.0.1']), '127.0.0.1')
})

test('the last address that is not a listed proxy is the client’s, whatever stands before it', async () => {
  const proxies = ['127.0.0.1', '10.0.0.0/8', '2001:db8::/32']
  assert.equal(await addressSeen(proxies, '198.51.100.1, 203.0.113.7, 10.1.2.3'), '203.0.113.7')
  assert.equal(await addressSeen(proxies, ['198.51.100.1', '203.0.113.7, 2001:db8::1']), '203.0.113.7')
  assert.equal(await addressSeen(proxies, '203.0.113.7, ::ffff:10.1.2.3'), '203.0.113.7')
  assert.equal(await addressSeen(proxies, '203.0.113.7, unknown, 10.1.2.3'), '10.1.2.3')
  assert.equal(await addressSeen(proxies, ''), '127.0.0.1')
})

test('createClientAddress() throws for what is neither an address nor a range', () => {
  assert.throws(() => createClientAddress(['proxy.example']), RangeError)
})
