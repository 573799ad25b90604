/** What `readMetadata` finds out about an identity provider. SAML Metadata 2.4.3. */
export interface IdentityProviderMetadata {
  readonly entityId: string
  /** Every endpoint with a binding we can use, in document order; at least one. */
  readonly singleSignOnServices: readonly SingleSignOnEndpoint[]
  /** Where logout messages go; absent when there is none with a binding we can use. */
  readonly singleLogoutServices?: readonly SingleLogoutEndpoint[]
  /** Where artifacts are resolved; absent when there is none that can be used. SAML Metadata 2.4.3. */
  readonly artifactResolutionServices?: readonly ArtifactResolutionEndpoint[]
  /** Every signing certificate once, base64 of the DER form, in document order; at least one. */
  readonly signingCertificates: readonly string[]
  readonly wantAuthnRequestsSigned: boolean
  /** URIs, in document order; often empty. */
  readonly nameIdFormats: readonly string[]
  /** The earliest end that the entity, its role or a group around it states; absent when none does. */
  readonly validUntil?: Date
  /** How long what was read may be used before it is fetched again, the shortest that is stated. SAML Metadata 2.3.1. */
  readonly cacheSeconds?: number
}

export interface SingleSignOnEndpoint {
  readonly binding: 'redirect' | 'post'
  /** Absolute. */
  readonly location: string
}

/** SAML Metadata 2.4.2. */
export interface SingleLogoutEndpoint {
  readonly binding: 'redirect' | 'post'
  /** Absolute; requests go there. */
  readonly location: string
  /** Absolute; responses go there. Absent: to `location`. SAML Metadata 2.2.2. */
  readonly responseLocation?: string
}

/** SOAP over HTTPS. SAML Metadata 2.2.3. */
export interface ArtifactResolutionEndpoint {
  /** What artifacts name it by; 0 to 65535, each once. */
  readonly index: number
  /** Absolute. */
  readonly location: string
  readonly isDefault?: boolean
}
