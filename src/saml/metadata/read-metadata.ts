import { setImmediate } from 'node:timers/promises'
import { LatchkeyError } from '../../errors.ts'
import { checkReadMetadataOptions, kindOf } from '../check-settings.ts'
import { parseDateTime } from '../date-time.ts'
import { parseDuration } from '../duration.ts'
import { attributeOf, childrenNamed, textOf, type XmlElement } from '../xml/element.ts'
import type { ChosenEntity } from './choose-entity.ts'
import { decodeParts } from './decode-parts.ts'
import { type CutterLimits, cutterLimits } from './document-cutter.ts'
import type { DocumentReader } from './document-reader.ts'
import { FirstReading } from './first-reading.ts'
import type { IdentityProviderMetadata } from './identity-provider-metadata.ts'
import { type MetadataDocument, metadataNamespace } from './metadata-document.ts'
import { readCertificates } from './read-certificates.ts'
import { readArtifactResolutionServices, readEndpoints, readLogoutEndpoints } from './read-endpoints.ts'
import { changed, SecondReading } from './second-reading.ts'

export interface ReadMetadataOptions {
  /** Which identity provider, when the file describes several. */
  readonly entityId?: string | undefined
  readonly now: Date
  /** Accepts sign-in addresses without TLS on other machines: whoever sits between can send people elsewhere. Default false. */
  readonly dangerouslyAllowHttp?: boolean | undefined
  /** Accepts RSA keys of 1024 to 2047 bits. Default false. */
  readonly dangerouslyAllowWeakKeys?: boolean | undefined
  /** Base64 of the DER form: only what this key has signed counts. Absent: whoever hands the metadata over vouches for it. */
  readonly signingCertificate?: string | undefined
}

/**
 * Reads an identity provider's metadata: SAML Metadata 2.3 and 2.4.3, one entity or groups of them. Comments and processing
 * instructions are ignored. The administrator who hands the metadata over vouches for it: no key is at hand that could
 * judge its signature, unless `signingCertificate` is one. But an aggregate that was changed after it was signed is refused
 * in any case (decision 0021).
 *
 * Throws `metadata_malformed`, `metadata_too_large`, `metadata_changed`, `metadata_signature_missing`, `metadata_signature_invalid`, `metadata_not_identity_provider`, `metadata_entity_ambiguous`,
 * `metadata_entity_not_found`, `metadata_entity_id_invalid`, `metadata_expired`, `metadata_endpoint_missing`,
 * `metadata_endpoint_invalid`, `metadata_certificate_missing`, `metadata_certificate_invalid`, `metadata_key_too_weak`, and `configuration_invalid` for options that are not of
 * their kind;
 * `detail.at` names the line and the element.
 */
export function readMetadata(
  text: string,
  options: ReadMetadataOptions,
  limits: CutterLimits = cutterLimits,
): IdentityProviderMetadata {
  if (typeof text !== 'string') {
    throw new LatchkeyError('metadata_malformed', { check: 'metadata', wanted: 'one text', arrived: kindOf(text) })
  }
  const readings = readTwice(options, limits)
  for (let step = readings.next(); ; step = readings.next()) {
    if (step.done) return step.value
    for (let at = 0; at < text.length; at += limits.partCharacters) {
      step.value.push(text.slice(at, at + limits.partCharacters))
    }
  }
}

/** Gives the bytes of a document from its beginning; the same each time it is called. */
export type OpenMetadata = () => AsyncIterable<Uint8Array>

/**
 * Reads metadata that need not fit into memory, as long as each entity does: like `readMetadata`, with the same answer. It
 * reads everything twice, and lets other work go on in between. Throws what that throws.
 */
export async function readMetadataStream(
  open: OpenMetadata,
  options: ReadMetadataOptions,
  limits: CutterLimits = cutterLimits,
): Promise<IdentityProviderMetadata> {
  const readings = readTwice(options, limits)
  for (let step = readings.next(); ; step = readings.next()) {
    if (step.done) return step.value
    for await (const part of decodeParts(open())) {
      step.value.push(part)
      await setImmediate()
    }
  }
}

/** Gives a reader for each reading, to be fed with all of the text. The first uses nothing and proves, the second reads. */
function* readTwice(
  options: ReadMetadataOptions,
  limits: CutterLimits,
): Generator<DocumentReader, IdentityProviderMetadata, void> {
  checkReadMetadataOptions(options)
  const { signingCertificate, entityId } = options
  const first = new FirstReading({ signingCertificate, limits })
  yield first.reader
  const textDigest = first.reader.end()
  const { signed, isProven } = first.result()
  if (!isProven) {
    // Its signature does not stand where SAML Metadata 2.3.1 puts it: only now is it known what to compute.
    const again = new FirstReading({ signingCertificate, limits, signed })
    yield again.reader
    if (again.reader.end() !== textDigest) throw changed()
    again.result()
  }
  const second = new SecondReading({ entityId, limits, signed: signingCertificate === undefined ? undefined : signed })
  yield second.reader
  if (second.reader.end() !== textDigest) throw changed()
  return describe(second.result(), options)
}

function describe(chosen: ChosenEntity, options: ReadMetadataOptions): IdentityProviderMetadata {
  const { document, role } = chosen
  const validUntil = readValidUntil(document, chosen)
  checkStillValid(document, chosen, validUntil, options.now)
  const singleLogoutServices = readLogoutEndpoints(role, options)
  const artifactResolutionServices = readArtifactResolutionServices(role, options)
  return {
    entityId: chosen.entityId,
    singleSignOnServices: readEndpoints(document, role, options),
    ...(singleLogoutServices.length === 0 ? {} : { singleLogoutServices }),
    ...(artifactResolutionServices.length === 0 ? {} : { artifactResolutionServices }),
    signingCertificates: readCertificates(document, role, options),
    wantAuthnRequestsSigned: /^(?:true|1)$/.test(attributeOf(role, 'WantAuthnRequestsSigned')?.trim() ?? ''),
    nameIdFormats: childrenNamed(role, metadataNamespace, 'NameIDFormat').flatMap(textIfAny),
    ...(validUntil === undefined ? {} : { validUntil }),
    ...readCacheSeconds(role),
  }
}

/** The shortest of the role's, the entity's and every surrounding group's; one that is no duration says nothing. */
function readCacheSeconds(role: XmlElement): { readonly cacheSeconds?: number } {
  const stated: number[] = []
  for (let element: XmlElement | undefined = role; element !== undefined; element = element.parent) {
    const seconds = parseDuration(attributeOf(element, 'cacheDuration')?.trim() ?? '')
    if (seconds !== undefined) stated.push(seconds)
  }
  return stated.length === 0 ? {} : { cacheSeconds: Math.min(...stated) }
}

function textIfAny(element: XmlElement): readonly string[] {
  const text = textOf(element)?.trim() ?? ''
  return text === '' ? [] : [text]
}

/** The earliest of the role's, the entity's and every surrounding group's. SAML Metadata 2.3.1, 2.3.2, 2.4.1. */
function readValidUntil(document: MetadataDocument, { role }: ChosenEntity): Date | undefined {
  let earliest: Date | undefined
  for (let element: XmlElement | undefined = role; element !== undefined; element = element.parent) {
    const ends = readTime(document, element)
    if (ends !== undefined && (earliest === undefined || ends < earliest)) earliest = ends
  }
  return earliest
}

/** xs:dateTime; without a zone it is UTC (SAML Core 1.3.3). */
function readTime(document: MetadataDocument, element: XmlElement): Date | undefined {
  const text = attributeOf(element, 'validUntil')?.trim()
  if (text === undefined) return undefined
  const at = parseDateTime(/T[\d:.]+$/.test(text) ? `${text}Z` : text)
  if (at !== undefined) return at
  return document.refuse('metadata_malformed', element, {
    check: 'validUntil',
    wanted: 'a date and time such as 2030-01-31T12:00:00Z',
    arrived: text.slice(0, 100),
  })
}

function checkStillValid(
  document: MetadataDocument,
  { entity }: ChosenEntity,
  validUntil: Date | undefined,
  now: Date,
): void {
  if (validUntil === undefined || now < validUntil) return
  document.refuse('metadata_expired', entity, {
    check: 'validUntil',
    wanted: `after ${now.toISOString()}`,
    arrived: validUntil.toISOString(),
    advice: 'Get the metadata from the identity provider again.',
  })
}
