import { isLatchkeyError, LatchkeyError } from '../errors.ts'
import { keepContent, type MetadataContent } from './metadata-content.ts'

export interface MetadataFetcherOptions {
  /** For the whole answer. Default 10,000. */
  readonly timeoutMs?: number
  /** Default 128 MiB: the metadata of a federation. */
  readonly maxBytes?: number
}

export interface FetchMetadataOptions {
  /** As an earlier answer had them: the metadata is sent again only when it has changed. RFC 9110 13.1. */
  readonly etag?: string | undefined
  readonly lastModified?: string | undefined
  /** For this answer. */
  readonly timeoutMs?: number | undefined
}

/** Whoever gets content closes it. */
export type FetchedMetadata =
  | { readonly unchanged: true }
  | { readonly unchanged: false; readonly content: MetadataContent; readonly validators: Validators }

/** What a later fetch says it has. */
export interface Validators {
  readonly etag?: string
  readonly lastModified?: string
}

export type FetchMetadata = (url: string, options?: FetchMetadataOptions) => Promise<FetchedMetadata>

const maximumRedirects = 3

/**
 * Makes what fetches metadata: https (http only from this machine itself), redirects only within the host, bounded in
 * time and size, no web page. Throws `input_invalid`, `metadata_unreachable`, `metadata_too_large`.
 */
export function createMetadataFetcher(options: MetadataFetcherOptions = {}): FetchMetadata {
  const { timeoutMs = 10_000, maxBytes = 128 * 1024 * 1024 } = options
  return async (url, known = {}) => {
    const signal = AbortSignal.timeout(known.timeoutMs ?? timeoutMs)
    const response = await follow(checkAddress(url), signal, conditions(known))
    if (response.status === 304) return { unchanged: true }
    const type = response.headers.get('content-type') ?? ''
    if (!response.ok) throw unreachable(url, 'status 200', `status ${response.status}`)
    if (/^text\/html\b/i.test(type)) throw unreachable(url, 'an XML document', 'a web page')
    const content = await readContent(response, url, maxBytes)
    return { unchanged: false, content, validators: validatorsOf(response) }
  }
}

function conditions({ etag, lastModified }: FetchMetadataOptions): Readonly<Record<string, string>> {
  return {
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
    ...(lastModified === undefined ? {} : { 'if-modified-since': lastModified }),
  }
}

/** A validator too long to be one is not kept. */
function validatorsOf({ headers }: Response): Validators {
  const [etag, lastModified] = [headers.get('etag'), headers.get('last-modified')]
  return {
    ...(etag === null || etag.length > 1000 ? {} : { etag }),
    ...(lastModified === null || lastModified.length > 100 ? {} : { lastModified }),
  }
}

function checkAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isThisMachine(url.hostname))) return url
  throw new LatchkeyError('input_invalid', {
    check: 'metadata address',
    wanted: 'an address that begins with https://',
    arrived: url ? `${url.protocol}//${url.host}` : 'no address',
    at: 'metadata',
    advice:
      'Metadata says whom to trust: fetched over plain http, anybody on the way can change it. Give it as a file.',
  })
}

/** Loopback by name or number; names under `localhost` never leave the machine (RFC 6761 6.3). */
export function isThisMachine(hostname: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost|.+\.localhost)$/.test(hostname)
}

async function follow(
  start: URL,
  signal: AbortSignal,
  conditions: Readonly<Record<string, string>>,
): Promise<Response> {
  let url = start
  for (let redirects = 0; redirects <= maximumRedirects; redirects += 1) {
    const response = await request(url, signal, conditions)
    const location = response.headers.get('location')
    if (response.status < 300 || response.status > 399 || location === null) return response
    await response.body?.cancel()
    const next = URL.canParse(location, url) ? new URL(location, url) : undefined
    if (next?.host !== url.host || next.protocol !== url.protocol) {
      throw unreachable(url.href, 'no redirect to another host', `a redirect to ${next?.host ?? 'no address'}`)
    }
    url = next
  }
  throw unreachable(start.href, `at most ${maximumRedirects} redirects`, 'more')
}

async function request(url: URL, signal: AbortSignal, conditions: Readonly<Record<string, string>>): Promise<Response> {
  try {
    const headers = { ...conditions, accept: 'application/samlmetadata+xml, application/xml, text/xml, */*;q=0.1' }
    return await fetch(url.href, { redirect: 'manual', signal, headers })
  } catch (cause) {
    throw unreachable(url.href, 'an answer', reasonOf(cause), cause)
  }
}

async function readContent(response: Response, at: string, maxBytes: number): Promise<MetadataContent> {
  try {
    return await keepContent(response.body ?? noParts(), { maxBytes, at })
  } catch (cause) {
    if (isLatchkeyError(cause)) throw cause
    throw unreachable(at, 'a whole answer', reasonOf(cause), cause)
  }
}

async function* noParts(): AsyncGenerator<Uint8Array> {}

/** `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `TimeoutError`: the name of what went wrong. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'an error'
  if (error.cause instanceof Error && 'code' in error.cause) return String(error.cause.code)
  return error.name
}

function unreachable(at: string, wanted: string, arrived: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('metadata_unreachable', { check: 'fetch', wanted, arrived, at }, { cause })
}
