import { createHash, type KeyObject } from 'node:crypto'
import type { SigningKey, TrustSettings } from '../../src/saml/index.ts'
import type { CorpusCase } from './corpus-case.ts'
import { readPrivateKeys, readSigningKeys, signingKey } from './read-keys.ts'

/** What a case trusts. What its entry leaves open (`null`) is a placeholder until the message says it: see `run-case.ts`. */
export function trustOf(folder: string, entry: CorpusCase, xml: string, weakCryptography: boolean): TrustSettings {
  const { needs } = entry
  const signingKeys = [...entry.certs.flatMap((file) => readSigningKeys(folder, file)), ...keysByThumbprint(entry, xml)]
  const decryptionFiles = [needs.decryptionKey ?? [], needs.altDecryptionKeys ?? []].flat()
  const decryptionKeys = decryptionFiles.flatMap((file) => readPrivateKeys(folder, file))
  const hasShortKey = [...signingKeys.map(({ key }) => key), ...decryptionKeys].some(isShort)
  return {
    identityProviderEntityId: entry.idpEntityID ?? leftOpen,
    serviceProviderEntityId: entry.spEntityID ?? leftOpen,
    acsUrl: entry.acs ?? leftOpen,
    signingKeys,
    wantAssertionsSigned: needs.wantAssertionsSigned === true,
    wantResponseSigned: needs.wantResponseSigned === true,
    wantAssertionsEncrypted: needs.wantAssertionsEncrypted === true,
    allowIdpInitiated: needs.inResponseTo == null && needs.validateInResponseTo !== 'always',
    clockSkewSeconds: Math.min(Math.max(needs.clockSkewSeconds ?? 0, 0), 300),
    decryptionKeys,
    dangerouslyAllowSha1: weakCryptography || needs.sha1 === true,
    dangerouslyAllowWeakKeys: weakCryptography || needs.weakKeys === true || hasShortKey,
  }
}

/** Stands where the entry says nothing. */
export const leftOpen = 'urn:left-open-by-the-corpus'

function isShort(key: KeyObject): boolean {
  return (key.asymmetricKeyDetails?.modulusLength ?? 2048) < 2048
}

/** The trusted certificate is carried by the message; the case knows it by its SHA-1. */
function keysByThumbprint({ needs: { thumbprint } }: CorpusCase, xml: string): readonly SigningKey[] {
  if (thumbprint === undefined) return []
  const wanted = thumbprint.toLowerCase().replaceAll(':', '')
  const carried = [...xml.matchAll(/X509Certificate\s*>([^<]+)</g)].map(([, text]) => Buffer.from(text ?? '', 'base64'))
  const trusted = carried.find((der) => createHash('sha1').update(der).digest('hex') === wanted)
  return trusted === undefined ? [] : [signingKey({ label: 'CERTIFICATE', der: trusted }) ?? []].flat()
}
