import { X509Certificate } from 'node:crypto'
import { types } from 'node:util'
import { LatchkeyError } from '../errors.ts'
import { isTime } from './clock.ts'
import type { TrustSettings } from './trust-settings.ts'

/**
 * Whether settings are of the kind their type says. Types do not reach those who call from JavaScript or hand on what they read
 * from a file; and most settings of another kind would switch a check off in silence: `wantResponseSigned: 'true'`, an
 * `acsUrl` that is undefined.
 */
type Settings = Partial<Record<keyof TrustSettings | 'logoutUrl', unknown>>

const booleans = [
  'wantAssertionsSigned',
  'wantResponseSigned',
  'wantAssertionsEncrypted',
  'allowIdpInitiated',
  'dangerouslyAllowSha1',
  'dangerouslyAllowWeakKeys',
] as const satisfies readonly (keyof TrustSettings)[]
const seconds = ['clockSkewSeconds', 'maxAuthnAgeSeconds', 'maxUnsolicitedAgeSeconds'] as const

/** Throws `configuration_invalid`, which names the setting. `texts`: those that must be there. */
export function checkSettings(trust: Settings, texts: readonly (keyof Settings)[]): void {
  if (typeof trust !== 'object' || trust === null) throw invalid('trust', 'an object of settings', trust)
  for (const name of texts) {
    if (typeof trust[name] !== 'string' || trust[name] === '') throw invalid(name, 'a text', trust[name])
  }
  checkBooleans(trust, booleans)
  for (const name of seconds) {
    if (trust[name] !== undefined && !isCount(trust[name])) throw invalid(name, 'a number of seconds', trust[name])
  }
  if (trust.nameIdFormat !== undefined && typeof trust.nameIdFormat !== 'string') {
    throw invalid('nameIdFormat', 'a text', trust.nameIdFormat)
  }
  checkKeys(trust)
  checkContext(trust.requestedAuthnContext)
}

function checkBooleans<Name extends string>(settings: Partial<Record<Name, unknown>>, names: readonly Name[]): void {
  for (const name of names) {
    const value = settings[name]
    if (value !== undefined && typeof value !== 'boolean') throw invalid(name, 'true or false', value)
  }
}

interface MetadataOptions {
  readonly now: Date
  readonly entityId?: unknown
  readonly dangerouslyAllowHttp?: unknown
  readonly dangerouslyAllowWeakKeys?: unknown
  readonly signingCertificate?: unknown
}

/** The same for those who read metadata. Without a time, nothing would ever have ended. */
export function checkReadMetadataOptions(options: MetadataOptions): void {
  if (typeof options !== 'object' || options === null) throw invalid('options', 'an object with the time', options)
  const { now, entityId, signingCertificate } = options
  if (!isTime(now)) throw invalid('now', 'a Date', now)
  checkBooleans(options, ['dangerouslyAllowHttp', 'dangerouslyAllowWeakKeys'])
  if (entityId !== undefined && typeof entityId !== 'string') throw invalid('entityId', 'a text', entityId)
  if (signingCertificate === undefined || isCertificate(signingCertificate)) return
  throw invalid('signingCertificate', 'base64 of the DER form of a certificate', signingCertificate)
}

function isCertificate(text: unknown): boolean {
  try {
    return typeof text === 'string' && new X509Certificate(Buffer.from(text, 'base64')).publicKey !== undefined
  } catch {
    return false
  }
}

/** An upper bound that is none, such as NaN, bounds nothing. */
function isCount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0
}

function checkKeys({ signingKeys, decryptionKeys = [] }: Settings): void {
  const isSigningKey = (one: unknown) => types.isKeyObject((one as { key?: unknown } | null)?.key)
  if (!Array.isArray(signingKeys) || !signingKeys.every(isSigningKey)) {
    throw invalid('signingKeys', 'a list of { key, fingerprint } with KeyObjects of node:crypto', signingKeys)
  }
  if (!Array.isArray(decryptionKeys) || !decryptionKeys.every((key) => types.isKeyObject(key))) {
    throw invalid('decryptionKeys', 'a list of KeyObjects of node:crypto', decryptionKeys)
  }
}

function checkContext(requested: unknown): void {
  if (requested === undefined) return
  const { classRefs, order = [] } = (requested ?? {}) as { readonly classRefs?: unknown; readonly order?: unknown }
  if (Array.isArray(classRefs) && Array.isArray(order)) return
  throw invalid('requestedAuthnContext', '{ classRefs } with a list of URIs', requested)
}

/** Says what kind of thing arrived, never the thing: it may be a key. */
export function invalid(check: string, wanted: string, arrived: unknown): LatchkeyError {
  return new LatchkeyError('configuration_invalid', { check, wanted, arrived: kindOf(arrived) })
}

export function kindOf(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'nothing'
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`
}
