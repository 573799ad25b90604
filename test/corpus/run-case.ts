import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateRawSync, inflateSync } from 'node:zlib'
import { type ErrorCode, isLatchkeyError, LatchkeyError } from '../../src/errors.ts'
import { decodeResponse, type TrustSettings, type VerifiedAssertion, verifyResponse } from '../../src/saml/index.ts'
import { type CorpusCase, CorpusError } from './corpus-case.ts'
import { policyOf } from './policy-codes.ts'
import { leftOpen, trustOf } from './trust-of-case.ts'

/** What came of a case. `unreadable`: the corpus is at fault; `crashed`: Latchkey is. */
export type Outcome =
  | { readonly is: 'accepted'; readonly nameId: string | undefined }
  | Refused
  | { readonly is: 'unreadable'; readonly why: string }
  | { readonly is: 'crashed'; readonly why: string }

export interface Refused {
  readonly is: 'refused'
  readonly code: ErrorCode
  readonly why: string
  readonly onlyWeakCryptography: boolean
  /** Why this refusal is a decision; undefined when it is none. */
  readonly policy: string | undefined
}

/**
 * Runs a case through `decodeResponse` and `verifyResponse`, with what it needs switched on. A message that is refused for
 * weak cryptography is tried again with all of that allowed: what refuses it then is what counts.
 */
export function runCase(folder: string, entry: CorpusCase): Outcome {
  const first = attempt(folder, entry, false)
  if (first.is !== 'refused' || !first.onlyWeakCryptography) return first
  return attempt(folder, entry, true)
}

function attempt(folder: string, entry: CorpusCase, weakCryptography: boolean): Outcome {
  try {
    return { is: 'accepted', nameId: verify(folder, entry, weakCryptography) }
  } catch (error) {
    if (error instanceof CorpusError) return { is: 'unreadable', why: error.message }
    if (isLatchkeyError(error)) return describeRefusal(error, weakCryptography)
    return { is: 'crashed', why: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

function describeRefusal({ code, detail }: LatchkeyError, weakCryptography: boolean): Outcome {
  const { check, wanted, arrived, at } = detail
  // What the case trusts cannot be used: nothing was judged.
  if (code === 'configuration_invalid')
    return { is: 'unreadable', why: `${check}: wanted ${wanted}, arrived ${arrived}` }
  const why = `${check}: wanted ${wanted}, arrived ${arrived}${at === undefined ? '' : `, at ${at}`}`
  // What is refused with every switch on is refused for good: HMAC with SHA-1, an RSA key of 512 bits.
  const onlyWeakCryptography = !weakCryptography && isWeakness(code, arrived)
  const policy = onlyWeakCryptography ? undefined : policyOf(code, check ?? '', arrived ?? 'nothing')
  return { is: 'refused', code, why, onlyWeakCryptography, policy }
}

function isWeakness(code: ErrorCode, arrived = ''): boolean {
  if (code === 'saml_key_too_weak') return true
  return code === 'saml_signature_algorithm_not_allowed' && /#(?:\w+-)?sha1$/.test(arrived)
}

/** The NameID. Throws what Latchkey throws, and `CorpusError`. */
function verify(folder: string, entry: CorpusCase, weakCryptography: boolean): string | undefined {
  const { field, xml } = readMessageOf(folder, entry)
  const response = decodeResponse(field)
  const trust = trustOf(folder, entry, xml, weakCryptography)
  const told: Told = { trust, verifyWith: (settings) => verifyResponse(response, settings, nowOf(entry, xml)), xml }
  const assertion = verifyAsTold(told)
  checkRequest(entry, assertion.inResponseTo)
  return assertion.nameId?.value
}

const openSettings = new Map<ErrorCode, keyof TrustSettings>([
  ['saml_issuer_mismatch', 'identityProviderEntityId'],
  ['saml_audience_mismatch', 'serviceProviderEntityId'],
  ['saml_destination_mismatch', 'acsUrl'],
  ['saml_recipient_mismatch', 'acsUrl'],
])

interface Told {
  readonly trust: TrustSettings
  readonly verifyWith: (trust: TrustSettings) => VerifiedAssertion
  readonly xml: string
}

/** A setting that the case leaves open becomes what the message says, which the refusal tells; nothing else is learned. */
function verifyAsTold({ trust, verifyWith, xml }: Told): VerifiedAssertion {
  try {
    return verifyWith(trust)
  } catch (error) {
    if (!isLatchkeyError(error)) throw error
    const setting = openSettings.get(error.code)
    const { arrived } = error.detail
    if (setting === undefined || trust[setting] !== leftOpen || arrived === undefined) throw error
    const [value = arrived] = setting === 'serviceProviderEntityId' ? arrived.split(' ') : [arrived]
    return verifyAsTold({ trust: { ...trust, [setting]: inFull(value, xml) }, verifyWith, xml })
  }
}

/** Refusals cut what is long. */
function inFull(value: string, xml: string): string {
  const at = value.endsWith('…') ? xml.indexOf(value.slice(0, -1)) : -1
  return at === -1 ? value : (/^[^<"'\s]*/.exec(xml.slice(at))?.[0] ?? value)
}

/** As the sign-in does: the request that is answered must be the one that was sent. */
function checkRequest({ needs }: CorpusCase, answered: string | undefined): void {
  const { validateInResponseTo = 'never' } = needs
  const judged = needs.inResponseTo != null || validateInResponseTo !== 'never'
  if (!judged || answered === undefined || answered === needs.inResponseTo) return
  throw requestUnknown(needs.inResponseTo ?? 'no request', answered)
}

function requestUnknown(wanted: string, arrived: string): LatchkeyError {
  return new LatchkeyError('login_request_unknown', { check: 'InResponseTo', wanted, arrived })
}

interface CorpusMessage {
  /** As it would be posted. */
  readonly field: string
  /** For what the case takes from the message; what is verified is the field. */
  readonly xml: string
}

function readMessageOf(folder: string, { file, encoding }: CorpusCase): CorpusMessage {
  const bytes = readBytes(folder, file)
  if (encoding === 'xml') return { field: bytes.toString('base64'), xml: bytes.toString('utf8') }
  if (encoding === 'base64') {
    const field = bytes.toString('latin1')
    return { field, xml: Buffer.from(field, 'base64').toString('utf8') }
  }
  const inflated = inflate(bytes)
  return { field: inflated.toString('base64'), xml: inflated.toString('utf8') }
}

function readBytes(folder: string, file: string): Buffer {
  try {
    return readFileSync(join(folder, file))
  } catch (error) {
    throw new CorpusError(`${file}: ${(error as Error).message}`)
  }
}

const maxInflatedBytes = 4 * 1024 * 1024

/**
 * A message as a redirect carries it: compressed, then base64, perhaps as it stands in the address; or compressed alone. Who
 * receives one that cannot be decompressed, or that grows too long, refuses it.
 */
function inflate(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1').trim()
  const parameter = /%[0-9a-f]{2}/i.test(text) ? text.replace(/%([0-9a-f]{2})/gi, fromHex) : text
  const compressed = /^[A-Za-z0-9+/=\s]*$/.test(parameter) ? Buffer.from(parameter, 'base64') : bytes
  const limits = { maxOutputLength: maxInflatedBytes }
  for (const decompress of [inflateRawSync, inflateSync]) {
    try {
      return decompress(compressed, limits)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') continue
      throw new LatchkeyError('saml_too_large', { check: 'DEFLATE', wanted: `at most ${maxInflatedBytes} bytes` })
    }
  }
  throw new LatchkeyError('saml_malformed', { check: 'DEFLATE', wanted: 'a compressed message', arrived: 'another' })
}

function fromHex(_escape: string, digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16))
}

/** A case without a clock is verified a second after its message was issued. */
function nowOf({ id, now }: CorpusCase, xml: string): Date {
  const text = now ?? /\bIssueInstant\s*=\s*["']([^"']+)["']/.exec(xml)?.[1]
  if (text === undefined) return new Date()
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) {
    if (now == null) return new Date()
    throw new CorpusError(`${id}: now is no time: ${now}`)
  }
  return now == null ? new Date(at.getTime() + 1000) : at
}
