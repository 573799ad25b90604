/** A key pair of ours, kept sealed in the storage so that all nodes share it. */
export interface ServiceKey {
  readonly id: string
  readonly purpose: 'jwt' | 'saml-signing' | 'saml-encryption'
  /** AES-256-GCM of the PKCS#8 PEM under the installation's secret; see `keys/seal.ts`. */
  readonly sealedPrivateKey: string
  /** JWT: the public JWK as JSON. SAML: the certificate, base64 of the DER form. */
  readonly publicPart: string
  readonly createdAt: Date
  /** Since when it is the one in use; of several the last. Absent: it is the next, published and not yet in use. */
  readonly promotedAt?: Date
}
