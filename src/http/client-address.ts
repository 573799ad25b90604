import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** The address a request came from, as far as it can be believed. */
export type ClientAddress = (request: IncomingMessage) => string | undefined

/**
 * Walks `X-Forwarded-For` from its end, past proxies that are listed: the first address that is not ours to trust is the
 * client's. Without listed proxies the header counts for nothing. Throws `RangeError` for what is no address or range.
 */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  const trusted = new BlockList()
  for (const proxy of trustedProxies) addProxy(trusted, proxy)

  return (request) => {
    const peer = plainAddress(request.socket.remoteAddress)
    if (peer === undefined || trustedProxies.length === 0) return peer
    const forwarded = (request.headersDistinct['x-forwarded-for'] ?? []).join(',').split(',')
    let address = peer
    for (const hop of forwarded.reverse()) {
      if (!isTrusted(trusted, address)) break
      const before = plainAddress(hop.trim())
      if (before === undefined) break
      address = before
    }
    return address
  }
}

function addProxy(trusted: BlockList, proxy: string): void {
  const [address = '', prefix] = proxy.split('/')
  const family = familyOf(address)
  if (family === undefined) throw new RangeError('A trusted proxy is neither an address nor a range')
  if (prefix === undefined) trusted.addAddress(address, family)
  else trusted.addSubnet(address, Number(prefix), family)
}

function isTrusted(trusted: BlockList, address: string): boolean {
  const family = familyOf(address)
  return family !== undefined && trusted.check(address, family)
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address)
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6'
}

/** An IPv4 address that came in IPv6's dress is the IPv4 address. */
function plainAddress(text: string | undefined): string | undefined {
  const address = text?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '') ?? ''
  return isIP(address) === 0 ? undefined : address
}
