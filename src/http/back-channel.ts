import { LatchkeyError } from '../errors.ts'

export interface BackChannelOptions {
  /** For the whole answer: a person is waiting. Default 5,000. */
  readonly timeoutMs?: number
  /** Default 256 KiB, as much as may be posted. */
  readonly maxBytes?: number
  /** Questions to one address that wait for their answer. Default 16. */
  readonly maxUnderWay?: number
}

/** Posts a SOAP message to an address of a connection's identity provider and gives what it answers. */
export type AskIdentityProvider = (url: string, message: string) => Promise<Buffer>

/**
 * Makes the back channel by which we ask identity providers: one question, one answer, bounded in time, size and number.
 * No redirect is followed, nothing of the person's request goes along, and what is answered is judged by whoever asked.
 * Certificates are verified as for any https address. SAML Bindings 3.2.3.
 *
 * Throws `saml_artifact_unreachable`, `saml_artifact_timeout`, `saml_artifact_redirected`, `saml_artifact_too_large`,
 * `sign_in_busy`.
 */
export function createBackChannel(options: BackChannelOptions = {}): AskIdentityProvider {
  const { timeoutMs = 5000, maxBytes = 256 * 1024, maxUnderWay = 16 } = options
  const underWay = new Map<string, number>()
  return async (url, message) => {
    const count = underWay.get(url) ?? 0
    if (count >= maxUnderWay) throw busy(maxUnderWay)
    underWay.set(url, count + 1)
    try {
      return await ask(url, message, { timeoutMs, maxBytes })
    } finally {
      const left = (underWay.get(url) ?? 1) - 1
      if (left > 0) underWay.set(url, left)
      else underWay.delete(url)
    }
  }
}

interface Bounds {
  readonly timeoutMs: number
  readonly maxBytes: number
}

const headers = {
  'content-type': 'text/xml; charset=utf-8',
  accept: 'text/xml, application/xml',
  // SAML Bindings 3.2.3.1.
  soapaction: '"http://www.oasis-open.org/committees/security"',
}

async function ask(url: string, message: string, { timeoutMs, maxBytes }: Bounds): Promise<Buffer> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, { method: 'POST', headers, body: message, redirect: 'manual', signal })
    if (response.status !== 200) {
      await response.body?.cancel()
      throw notAnswered(response)
    }
    return await readBytes(response, maxBytes)
  } catch (error) {
    if (error instanceof LatchkeyError) throw error
    if (signal.aborted) throw refusal('saml_artifact_timeout', `an answer within ${timeoutMs} ms`, 'none', error)
    throw refusal('saml_artifact_unreachable', 'an answer', reasonOf(error), error)
  }
}

function notAnswered({ status }: Response): LatchkeyError {
  const isRedirect = status >= 300 && status <= 399
  return isRedirect
    ? refusal('saml_artifact_redirected', 'status 200', `status ${status}, a redirect`)
    : refusal('saml_artifact_unreachable', 'status 200', `status ${status}`)
}

async function readBytes(response: Response, maxBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.byteLength
    // Leaving the loop ends the connection.
    if (size > maxBytes) throw refusal('saml_artifact_too_large', `at most ${maxBytes} bytes`, 'more')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** `ECONNREFUSED`, `CERT_HAS_EXPIRED`: the name of what went wrong. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'an error'
  if (error.cause instanceof Error && 'code' in error.cause) return String(error.cause.code)
  return error.name
}

type Code =
  | 'saml_artifact_unreachable'
  | 'saml_artifact_timeout'
  | 'saml_artifact_redirected'
  | 'saml_artifact_too_large'

function refusal(code: Code, wanted: string, arrived: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError(code, { check: 'ArtifactResolutionService', wanted, arrived }, { cause })
}

function busy(most: number): LatchkeyError {
  const wanted = `at most ${most} questions to one address at a time`
  return new LatchkeyError('sign_in_busy', { check: 'ArtifactResolutionService', wanted, retryAfterSeconds: 2 })
}
