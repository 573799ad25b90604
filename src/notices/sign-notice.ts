import { createHmac } from 'node:crypto'

export interface NoticeToSign {
  readonly id: string
  /** Of this try. */
  readonly at: Date
  readonly body: string
}

/**
 * The headers that let a receiver see that a notice is ours, whole and fresh: HMAC-SHA-256 over `id.timestamp.body`, as the
 * Standard Webhooks specification has it, so that its libraries verify it.
 */
export function signedHeaders({ id, at, body }: NoticeToSign, secret: Buffer): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at.getTime() / 1000))
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}
