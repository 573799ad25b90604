import { X509Certificate } from 'node:crypto'
import type { IdentityProvider } from '../directory/connection.ts'
import { type Difference, differences } from './differences.ts'

/**
 * What differs between two readings of an identity provider's metadata, in words an administrator can check: each
 * certificate and each address that came or went is a line of its own. Their order does not count.
 */
export function metadataChanges(before: IdentityProvider, after: IdentityProvider): readonly Difference[] {
  return [
    ...comeAndGone('signingCertificate', before.signingCertificates, after.signingCertificates, describeCertificate),
    ...comeAndGone('singleSignOnService', before.singleSignOnServices, after.singleSignOnServices, describeEndpoint),
    ...comeAndGone(
      'singleLogoutService',
      before.singleLogoutServices ?? [],
      after.singleLogoutServices ?? [],
      describeEndpoint,
    ),
    ...comeAndGone(
      'artifactResolutionService',
      before.artifactResolutionServices ?? [],
      after.artifactResolutionServices ?? [],
      ({ index, location, isDefault }) => `${index} ${location}${isDefault ? ', the default' : ''}`,
    ),
    ...differences(plainPart(before), plainPart(after)),
  ]
}

function plainPart(identityProvider: IdentityProvider) {
  const {
    signingCertificates: _keys,
    singleSignOnServices: _in,
    singleLogoutServices: _out,
    artifactResolutionServices: _artifacts,
    ...rest
  } = identityProvider
  return rest
}

function comeAndGone<T>(
  path: string,
  before: readonly T[],
  after: readonly T[],
  describe: (value: T) => string,
): readonly Difference[] {
  const [old, fresh] = [before.map(describe), after.map(describe)]
  const gone = old.filter((text) => !fresh.includes(text)).map((text) => ({ path, before: text }))
  const come = fresh.filter((text) => !old.includes(text)).map((text) => ({ path, after: text }))
  return [...gone, ...come]
}

function describeEndpoint(endpoint: { binding: string; location: string; responseLocation?: string }): string {
  const { binding, location, responseLocation } = endpoint
  return responseLocation === undefined
    ? `${binding} ${location}`
    : `${binding} ${location}, answers ${responseLocation}`
}

/** `SHA-256 AB:CD:…, CN=idp.example, ends 2030-01-31T12:00:00.000Z`. */
export function describeCertificate(base64: string): string {
  const certificate = new X509Certificate(Buffer.from(base64, 'base64'))
  const subject = certificate.subject.replaceAll('\n', ', ')
  return `SHA-256 ${certificate.fingerprint256}, ${subject}, ends ${new Date(certificate.validTo).toISOString()}`
}
