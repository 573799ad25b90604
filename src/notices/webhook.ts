import { type NoticeToSign, signedHeaders } from './sign-notice.ts'

export interface WebhookSettings {
  /** Where every notice goes, and nowhere else. */
  readonly url: string
  /** 32 bytes, shared with the receiver. */
  readonly secret: Buffer
}

/** What came of one try; the reason names no part of the address, which may hold a secret. */
export type Delivery = { readonly delivered: true } | { readonly delivered: false; readonly reason: string }

export interface Webhook {
  post(notice: NoticeToSign, signal: AbortSignal): Promise<Delivery>
}

/**
 * Posts notices to the one address of the settings. Any status from 200 to 299 is a delivery. No redirect is followed, what is
 * answered is not read, and certificates are verified as for any https address. Never throws.
 */
export function createWebhook({ url, secret }: WebhookSettings, timeoutMs = 10_000): Webhook {
  return {
    async post(notice, stopped) {
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'latchkey',
        ...signedHeaders(notice, secret),
      }
      const signal = AbortSignal.any([stopped, AbortSignal.timeout(timeoutMs)])
      try {
        const response = await fetch(url, { method: 'POST', headers, body: notice.body, redirect: 'manual', signal })
        await response.body?.cancel()
        return response.ok ? { delivered: true } : { delivered: false, reason: statusText(response.status) }
      } catch (error) {
        return { delivered: false, reason: reasonOf(error) }
      }
    },
  }
}

function statusText(status: number): string {
  return status >= 300 && status <= 399 ? `status ${status}, a redirect` : `status ${status}`
}

/** `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `TimeoutError`: the name of what went wrong. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'an error'
  if (error.cause instanceof Error && 'code' in error.cause) return String(error.cause.code)
  return error.name
}
