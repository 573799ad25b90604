import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import type { ConnectionSettings, IdentityProvider, MetadataSource } from '../directory/connection.ts'
import { LatchkeyError } from '../errors.ts'
import type { IdentityProviderMetadata } from '../saml/metadata/identity-provider-metadata.ts'
import { readMetadataStream } from '../saml/metadata/read-metadata.ts'
import { withoutUndefined } from '../saml/without-undefined.ts'
import type { Administration } from './administration.ts'
import { isThisMachine, type Validators } from './fetch-metadata.ts'
import { contentOfText, type MetadataContent } from './metadata-content.ts'

const certificate = z.string().refine(isCertificate, 'expected base64 of a certificate in DER form')

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(Buffer.from(text, 'base64')).raw.toString('base64') === text
  } catch {
    return false
  }
}

/** Metadata as a text or an address, and which identity provider of several is meant. */
export const metadataInput = z.strictObject({
  text: z.string().min(1).optional(),
  /** The path of a file that is too large to be handed over as a text. */
  file: z.string().min(1).max(4096).optional(),
  /** Where it is fetched from, now and again and again. */
  url: z.string().min(1).max(2048).optional(),
  /** Base64 of the DER form: what is fetched counts only when this key has signed it. */
  signingCertificate: certificate.optional(),
  entityId: z.string().min(1).max(1024).optional(),
  /** Accepts sign-in addresses without TLS on other machines. */
  dangerouslyAllowHttp: z.boolean().optional(),
})
export type MetadataInput = z.output<typeof metadataInput>

/** What was read, and when it was fetched: how to ask for it again. */
export interface ReadIdentityProvider {
  readonly identityProvider: IdentityProvider
  readonly cacheSeconds?: number
  readonly validators?: Validators
}

type ReadDependencies = Pick<Administration, 'fetchMetadata' | 'openFile' | 'now'>
type AllowedKeys = Pick<ConnectionSettings, 'dangerouslyAllowWeakKeys'>

/** Throws `input_invalid`, `metadata_unreachable` and whatever `readMetadata` throws. */
export async function readIdentityProvider(
  input: MetadataInput,
  { dangerouslyAllowWeakKeys }: AllowedKeys,
  deps: ReadDependencies,
): Promise<ReadIdentityProvider> {
  const { url, entityId, signingCertificate, dangerouslyAllowHttp } = input
  const trusted = withoutUndefined({ signingCertificate, dangerouslyAllowHttp })
  checkOneSource(input)
  if (url === undefined) {
    const content = await openGiven(input, deps)
    const { cacheSeconds: _never, ...read } = await readContent(
      content,
      { entityId, trusted, dangerouslyAllowWeakKeys },
      deps.now(),
    )
    return read
  }
  const fetched = await deps.fetchMetadata(url)
  if (fetched.unchanged) throw new LatchkeyError('metadata_unreachable', { wanted: 'status 200', arrived: '304' })
  const source = { url, ...trusted }
  return {
    ...(await readFetched(fetched.content, { entityId, source, dangerouslyAllowWeakKeys }, deps.now())),
    validators: fetched.validators,
  }
}

function checkOneSource({ text, file, url }: MetadataInput): void {
  const given = Object.entries({ text, file, url }).filter(([, value]) => value !== undefined)
  if (given.length === 1) return
  const arrived = given.map(([name]) => name).join(' and ') || 'neither'
  throw new LatchkeyError('input_invalid', { check: 'input', wanted: 'text or url', arrived, at: 'metadata' })
}

async function openGiven({ text, file }: MetadataInput, deps: ReadDependencies): Promise<MetadataContent> {
  if (file === undefined) return contentOfText(text ?? '')
  if (deps.openFile !== undefined) return deps.openFile(file)
  throw new LatchkeyError('input_invalid', { check: 'input', wanted: 'text or url', arrived: 'file', at: 'metadata' })
}

interface FetchedFrom extends AllowedKeys {
  readonly entityId?: string | undefined
  readonly source: MetadataSource | undefined
}

/** Reads what came from a source, as the source wants it, and closes it. Throws what `readMetadata` throws. */
export async function readFetched(
  content: MetadataContent,
  { entityId, source, dangerouslyAllowWeakKeys }: FetchedFrom,
  now: Date,
): Promise<ReadIdentityProvider> {
  const { url: _address, ...trusted } = source ?? {}
  const read = await readContent(content, { entityId, trusted, dangerouslyAllowWeakKeys }, now)
  return source === undefined ? read : { ...read, identityProvider: withSource(read.identityProvider, source) }
}

interface ReadAs extends AllowedKeys {
  readonly entityId?: string | undefined
  readonly trusted: Partial<Omit<MetadataSource, 'url'>>
}

async function readContent(
  content: MetadataContent,
  { entityId, trusted, dangerouslyAllowWeakKeys }: ReadAs,
  now: Date,
): Promise<ReadIdentityProvider> {
  try {
    const read = await readMetadataStream(content.open, { entityId, now, dangerouslyAllowWeakKeys, ...trusted })
    const { cacheSeconds } = read
    return { identityProvider: identityProviderOf(read), ...(cacheSeconds === undefined ? {} : { cacheSeconds }) }
  } finally {
    await content.close()
  }
}

/**
 * Whoever publishes metadata elsewhere has no business on this machine: an ArtifactResolutionService is the one address that we ourselves
 * send something to. https protects everybody else: nobody inside has a certificate for their name.
 */
function withSource(identityProvider: IdentityProvider, source: MetadataSource): IdentityProvider {
  const { artifactResolutionServices = [], ...rest } = identityProvider
  const isTrusted = source.dangerouslyAllowHttp === true || isLocal(source.url)
  const kept = artifactResolutionServices.filter(({ location }) => isTrusted || !isLocal(location))
  return { ...rest, ...(kept.length === 0 ? {} : { artifactResolutionServices: kept }), source }
}

function isLocal(url: string): boolean {
  return isThisMachine(new URL(url).hostname)
}

function identityProviderOf(read: IdentityProviderMetadata): IdentityProvider {
  const { nameIdFormats: _offered, cacheSeconds: _cache, ...identityProvider } = read
  return identityProvider
}

const endpointAddress = z.url({ protocol: /^https?$/ }).max(2048)

/** An identity provider as `export` writes it: what was read from its metadata. */
export const identityProviderInput = z.strictObject({
  entityId: z.string().min(1).max(1024),
  singleSignOnServices: z
    .array(z.strictObject({ binding: z.enum(['redirect', 'post']), location: endpointAddress }))
    .min(1)
    .max(100),
  singleLogoutServices: z
    .array(
      z
        .strictObject({
          binding: z.enum(['redirect', 'post']),
          location: endpointAddress,
          responseLocation: endpointAddress.optional(),
        })
        .transform(({ responseLocation, ...rest }) =>
          responseLocation === undefined ? rest : { ...rest, responseLocation },
        ),
    )
    .max(100)
    .optional(),
  artifactResolutionServices: z
    .array(
      z
        .strictObject({
          index: z.int().min(0).max(65_535),
          location: endpointAddress,
          isDefault: z.boolean().optional(),
        })
        .transform(withoutUndefined),
    )
    .max(100)
    .optional(),
  signingCertificates: z.array(certificate).min(1).max(100),
  wantAuthnRequestsSigned: z.boolean().default(false),
  validUntil: z.iso
    .datetime()
    .transform((text) => new Date(text))
    .optional(),
  /** Where it is refreshed from. */
  source: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }).max(2048),
      signingCertificate: certificate.optional(),
      dangerouslyAllowHttp: z.boolean().optional(),
    })
    .transform(withoutUndefined)
    .optional(),
})

/** Without the keys that hold nothing, as the directory's types want it. */
export function toIdentityProvider(input: z.output<typeof identityProviderInput>): IdentityProvider {
  return withoutUndefined(input)
}
