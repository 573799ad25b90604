import { X509Certificate } from 'node:crypto'
import { signatureNamespace } from '../names.ts'
import { attributeOf, childNamed, childrenNamed, textOf, type XmlElement } from '../xml/element.ts'
import { type MetadataDocument, metadataNamespace } from './metadata-document.ts'
import type { ReadMetadataOptions } from './read-metadata.ts'

/**
 * Every certificate of a key the identity provider signs with: KeyDescriptors with `use="signing"` and those without a use
 * (SAML Metadata 2.4.1.1). The dates of a certificate and who issued it do not count: metadata is what makes its key trusted
 * (SAML Metadata Interoperability Profile 2.6.1).
 *
 * Throws `metadata_certificate_missing`, `metadata_certificate_invalid`, `metadata_key_too_weak`.
 */
export function readCertificates(
  document: MetadataDocument,
  role: XmlElement,
  { dangerouslyAllowWeakKeys = false }: Pick<ReadMetadataOptions, 'dangerouslyAllowWeakKeys'> = {},
): readonly string[] {
  const minRsaBits = dangerouslyAllowWeakKeys ? 1024 : 2048
  const keys = childrenNamed(role, metadataNamespace, 'KeyDescriptor').filter(isForSigning)
  checkCount(document, role, keys.flatMap(groupsOf).flatMap(certificateElements).length)
  const certificates = keys.flatMap((key) => certificatesOf(document, key, minRsaBits))
  if (certificates.length > 0) return [...new Set(certificates)]
  return document.refuse('metadata_certificate_missing', keys[0] ?? role, {
    check: 'KeyDescriptor',
    wanted: 'an X509Certificate in a KeyDescriptor for signing',
    arrived: keys.length === 0 ? 'no KeyDescriptor for signing' : 'a KeyDescriptor without an X509Certificate',
  })
}

function isForSigning(key: XmlElement): boolean {
  const use = attributeOf(key, 'use')
  return use === undefined || use === 'signing'
}

/** No rollover needs more, and each one costs time to read. */
function checkCount(document: MetadataDocument, role: XmlElement, count: number): void {
  if (count <= 32) return
  const detail = { check: 'X509Certificate', wanted: 'at most 32 for signing', arrived: String(count) }
  document.refuse('metadata_too_large', role, detail)
}

/** The X509Data elements of a KeyDescriptor. */
function groupsOf(key: XmlElement): readonly XmlElement[] {
  const info = childNamed(key, signatureNamespace, 'KeyInfo')
  return info === undefined ? [] : childrenNamed(info, signatureNamespace, 'X509Data')
}

function certificateElements(group: XmlElement): readonly XmlElement[] {
  return childrenNamed(group, signatureNamespace, 'X509Certificate')
}

function certificatesOf(document: MetadataDocument, key: XmlElement, minRsaBits: number): readonly string[] {
  return groupsOf(key).flatMap((group) => {
    const elements = certificateElements(group)
    const certificates = elements.map((element) => ({ element, certificate: parse(document, element) }))
    const signers = certificates.filter(({ certificate }) => !issuedAnother(certificate, certificates))
    for (const { element, certificate } of signers) checkKey(document, element, { certificate, minRsaBits })
    return signers.map(({ certificate }) => certificate.raw.toString('base64'))
  })
}

/** One X509Data may bring the chain along: the authorities in it sign certificates, not assertions. XML Signature 4.5.4. */
function issuedAnother(
  certificate: X509Certificate,
  group: readonly { readonly certificate: X509Certificate }[],
): boolean {
  return group.some(({ certificate: other }) => !other.raw.equals(certificate.raw) && isSignedBy(other, certificate))
}

/** By the signature, not by the names: the certificates of a rollover often share one name. */
function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.verify(issuer.publicKey)
  } catch {
    return false
  }
}

/** White space and PEM armour around the base64 are no fault: people paste certificates. */
function parse(document: MetadataDocument, element: XmlElement): X509Certificate {
  const text = (textOf(element) ?? '').replace(/-----(?:BEGIN|END) CERTIFICATE-----|[ \t\r\n]+/g, '')
  const refuse = (arrived: string, options?: ErrorOptions) =>
    document.refuse(
      'metadata_certificate_invalid',
      element,
      { check: 'X509Certificate', wanted: 'one certificate, base64 of the DER form', arrived },
      options,
    )
  if (text === '') return refuse('nothing')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) return refuse('a text that is not base64')
  try {
    return new X509Certificate(Buffer.from(text, 'base64'))
  } catch (error) {
    return refuse('base64 of something that is not a certificate', { cause: error })
  }
}

const curves: readonly (string | undefined)[] = ['prime256v1', 'secp384r1', 'secp521r1']

interface CheckedKey {
  readonly certificate: X509Certificate
  readonly minRsaBits: number
}

function checkKey(document: MetadataDocument, element: XmlElement, { certificate, minRsaBits }: CheckedKey): void {
  const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = publicKeyOf(document, element, certificate)
  const bits = details?.modulusLength ?? 0
  if (kind === 'rsa' && bits < minRsaBits) {
    document.refuse('metadata_key_too_weak', element, {
      check: 'RSA key',
      wanted: `at least ${minRsaBits} bits`,
      arrived: `${bits} bits`,
      advice:
        'Let the identity provider make a new signing certificate with a key of 2048 bits or more. See dangerouslyAllowWeakKeys.',
    })
  }
  if (kind === 'rsa' || (kind === 'ec' && curves.includes(details?.namedCurve))) return
  document.refuse('metadata_certificate_invalid', element, {
    check: 'public key',
    wanted: 'RSA, or ECDSA on P-256, P-384 or P-521',
    arrived: [kind, details?.namedCurve].filter(Boolean).join(' '),
  })
}

function publicKeyOf(document: MetadataDocument, element: XmlElement, certificate: X509Certificate) {
  try {
    return certificate.publicKey
  } catch (error) {
    const detail = { check: 'public key', wanted: 'a key that OpenSSL can read' }
    return document.refuse('metadata_certificate_invalid', element, detail, { cause: error })
  }
}
