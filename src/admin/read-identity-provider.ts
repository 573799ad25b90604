import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import type { ConnectionSettings, IdentityProvider, MetadataSource } from '../directory/connection.ts'
import { LatchkeyError } from '../errors.ts'
import type { IdentityProviderMetadata } from '../saml/metadata/identity-provider-metadata.ts'
import { readMetadata } from '../saml/metadata/read-metadata.ts'
import { withoutUndefined } from '../saml/without-undefined.ts'
import type { Administration } from './administration.ts'
import type { Validators } from './fetch-metadata.ts'

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

/** Throws `input_invalid`, `metadata_unreachable` and whatever `readMetadata` throws. */
export async function readIdentityProvider(
  { text, url, entityId, signingCertificate, dangerouslyAllowHttp }: MetadataInput,
  { dangerouslyAllowWeakKeys }: Pick<ConnectionSettings, 'dangerouslyAllowWeakKeys'>,
  deps: Pick<Administration, 'fetchMetadata' | 'now'>,
): Promise<ReadIdentityProvider> {
  if ((text === undefined) === (url === undefined)) {
    const arrived = text === undefined ? 'neither' : 'both'
    throw new LatchkeyError('input_invalid', { check: 'input', wanted: 'text or url', arrived, at: 'metadata' })
  }
  if (url === undefined) {
    const options = { entityId, now: deps.now(), dangerouslyAllowHttp, dangerouslyAllowWeakKeys, signingCertificate }
    const read = readMetadata(text ?? '', options)
    return { identityProvider: identityProviderOf(read) }
  }
  const fetched = await deps.fetchMetadata(url)
  if (fetched.unchanged) throw new LatchkeyError('metadata_unreachable', { wanted: 'status 200', arrived: '304' })
  const source = {
    url,
    ...(signingCertificate === undefined ? {} : { signingCertificate }),
    ...(dangerouslyAllowHttp === undefined ? {} : { dangerouslyAllowHttp }),
  }
  return {
    ...readFetched(fetched.text, { entityId, source, dangerouslyAllowWeakKeys }, deps.now()),
    validators: fetched.validators,
  }
}

interface FetchedFrom extends Pick<ConnectionSettings, 'dangerouslyAllowWeakKeys'> {
  readonly entityId?: string | undefined
  readonly source: MetadataSource | undefined
}

/** Reads what came from a source, as the source wants it. Throws what `readMetadata` throws. */
export function readFetched(
  text: string,
  { entityId, source, dangerouslyAllowWeakKeys }: FetchedFrom,
  now: Date,
): ReadIdentityProvider {
  const { signingCertificate, dangerouslyAllowHttp } = source ?? {}
  const read = readMetadata(text, { entityId, now, dangerouslyAllowHttp, dangerouslyAllowWeakKeys, signingCertificate })
  const { cacheSeconds } = read
  return {
    identityProvider: { ...identityProviderOf(read), ...(source === undefined ? {} : { source }) },
    ...(cacheSeconds === undefined ? {} : { cacheSeconds }),
  }
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
