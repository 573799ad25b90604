import { isIP } from 'node:net'
import type { Settings } from './settings.ts'

/** What is unsafe for production in these settings, a sentence each, for `serve` to print at start. */
export function productionWarnings(settings: Settings): readonly string[] {
  return [...addressWarnings(settings), ...storageWarnings(settings), ...sessionWarnings(settings)]
}

function addressWarnings({ publicUrl, listen, trustedProxies }: Settings): readonly string[] {
  const { protocol, hostname } = new URL(publicUrl)
  const warnings: string[] = []
  if (isLoopback(hostname)) {
    warnings.push(`publicUrl is ${publicUrl}: nobody outside this machine can sign in. Set LATCHKEY_PUBLIC_URL.`)
  } else if (protocol === 'http:') {
    warnings.push(`publicUrl is ${publicUrl}: over plain http anybody on the way can take over sessions. Use https.`)
  }
  if (protocol === 'https:' && isLoopback(listen.host) === false && trustedProxies.length === 0) {
    warnings.push(
      `Latchkey listens on ${listen.host} and speaks plain http there: put a proxy that ends TLS in front and name it in LATCHKEY_TRUSTED_PROXIES.`,
    )
  }
  if (trustedProxies.some((range) => range.endsWith('/0'))) {
    warnings.push('trustedProxies names every address: anybody may then claim any client address.')
  }
  return warnings
}

function storageWarnings({ storage, secret }: Settings): readonly string[] {
  if (storage.kind === 'embedded') {
    return [
      `Everything is kept in ${storage.dataDirectory} by this one process: back the folder up while Latchkey is stopped, or move to PostgreSQL with \`latchkey migrate --to URL\`.`,
    ]
  }
  const warnings: string[] = []
  if (!secret) warnings.push('No secret is set: private keys cannot be sealed. Set LATCHKEY_SECRET_FILE.')
  const { hostname, searchParams } = new URL(storage.url)
  const mode = searchParams.get('sslmode')
  if (hostname !== '' && !isLoopback(hostname) && (mode === null || mode === 'disable' || mode === 'prefer')) {
    warnings.push('The way to PostgreSQL is not encrypted for certain: add sslmode=verify-full to the database URL.')
  }
  return warnings
}

function sessionWarnings({ sessionLimits }: Settings): readonly string[] {
  if (sessionLimits.absoluteSeconds <= 7 * 86_400) return []
  return ['Sessions last longer than a week: what has changed at the identity provider shows only after that.']
}

/** Loopback by name or number; names under `localhost` never leave the machine (RFC 6761 6.3). */
function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '')
  if (isIP(bare) === 4) return bare.startsWith('127.')
  return bare === '::1' || bare === 'localhost' || bare.endsWith('.localhost')
}
