import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import type { IdentityProvider } from '../directory/connection.ts'
import { LatchkeyError } from '../errors.ts'
import { readMetadata } from '../saml/metadata/read-metadata.ts'
import type { Administration } from './administration.ts'

/** Metadata as a text or an address, and which identity provider of several is meant. */
export const metadataInput = z.strictObject({
  text: z.string().min(1).optional(),
  url: z.string().min(1).max(2048).optional(),
  entityId: z.string().min(1).max(1024).optional(),
  /** Accepts sign-in addresses without TLS on other machines. */
  dangerouslyAllowHttp: z.boolean().optional(),
})
export type MetadataInput = z.output<typeof metadataInput>

/** Throws `input_invalid`, `metadata_unreachable` and whatever `readMetadata` throws. */
export async function readIdentityProvider(
  { text, url, entityId, dangerouslyAllowHttp }: MetadataInput,
  deps: Pick<Administration, 'fetchMetadata' | 'now'>,
): Promise<IdentityProvider> {
  if ((text === undefined) === (url === undefined)) {
    const arrived = text === undefined ? 'neither' : 'both'
    throw new LatchkeyError('input_invalid', { check: 'input', wanted: 'text or url', arrived, at: 'metadata' })
  }
  const metadata = text ?? (await deps.fetchMetadata(url ?? ''))
  const read = readMetadata(metadata, { entityId, now: deps.now(), dangerouslyAllowHttp })
  const { nameIdFormats: _offered, ...identityProvider } = read
  return identityProvider
}

const certificate = z.string().refine(isCertificate, 'expected base64 of a certificate in DER form')

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(Buffer.from(text, 'base64')).raw.toString('base64') === text
  } catch {
    return false
  }
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
})

/** Without the keys that hold nothing, as the directory's types want it. */
export function toIdentityProvider(input: z.output<typeof identityProviderInput>): IdentityProvider {
  const { validUntil, singleLogoutServices, ...rest } = input
  return {
    ...rest,
    ...(singleLogoutServices === undefined ? {} : { singleLogoutServices }),
    ...(validUntil === undefined ? {} : { validUntil }),
  }
}
