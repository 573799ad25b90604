import { createHmac, hkdfSync } from 'node:crypto'

/**
 * HMAC-SHA-256 under a key of its own, drawn from the installation's secret (RFC 5869): what strangers can have made as often
 * as they like never meets the key that seals.
 */
export function macOf(secret: Buffer, purpose: string, content: string | Buffer): Buffer {
  const key = Buffer.from(hkdfSync('sha256', secret, '', `latchkey break-glass ${purpose}`, 32))
  return createHmac('sha256', key).update(content).digest()
}
