import { createHash, X509Certificate } from 'node:crypto'
import type { Connection } from '../directory/connection.ts'
import { serviceAddresses } from '../directory/service-addresses.ts'
import type { SigningKey, TrustSettings } from '../saml/trust-settings.ts'
import type { SignInDependencies } from './sign-in-dependencies.ts'

const known = new WeakMap<Connection, TrustSettings>()

/** What verification believes for this connection. Certificates are parsed once for each loaded connection and set of our keys: parsing costs more than verifying. */
export function trustOf(
  connection: Connection,
  deps: Pick<SignInDependencies, 'publicUrl' | 'decryptionKeys'>,
): TrustSettings {
  const seen = known.get(connection)
  if (seen !== undefined && seen.decryptionKeys === deps.decryptionKeys) return seen
  const trust = buildTrust(connection, deps)
  known.set(connection, trust)
  return trust
}

function buildTrust(
  connection: Connection,
  { publicUrl, decryptionKeys }: Pick<SignInDependencies, 'publicUrl' | 'decryptionKeys'>,
): TrustSettings {
  const { settings, identityProvider } = connection
  const { entityId, acsUrl } = serviceAddresses(connection, publicUrl)
  return Object.freeze({
    identityProviderEntityId: identityProvider.entityId,
    serviceProviderEntityId: entityId,
    acsUrl,
    signingKeys: identityProvider.signingCertificates.map(readSigningKey),
    decryptionKeys,
    wantAssertionsEncrypted: settings.wantAssertionsEncrypted,
    dangerouslyAllowSha1: settings.dangerouslyAllowSha1,
    dangerouslyAllowWeakKeys: settings.dangerouslyAllowWeakKeys,
    wantAssertionsSigned: settings.wantAssertionsSigned,
    wantResponseSigned: settings.wantResponseSigned,
    allowIdpInitiated: settings.allowIdpInitiated,
    maxUnsolicitedAgeSeconds: settings.maxUnsolicitedAgeSeconds,
    clockSkewSeconds: settings.clockSkewSeconds,
    ...(settings.requestedAuthnContext === undefined ? {} : { requestedAuthnContext: settings.requestedAuthnContext }),
    ...(settings.nameIdFormat === undefined ? {} : { nameIdFormat: settings.nameIdFormat }),
    ...(settings.maxAuthnAgeSeconds === undefined ? {} : { maxAuthnAgeSeconds: settings.maxAuthnAgeSeconds }),
  })
}

function readSigningKey(certificate: string): SigningKey {
  const der = Buffer.from(certificate, 'base64')
  return { key: new X509Certificate(der).publicKey, fingerprint: createHash('sha256').update(der).digest('hex') }
}
