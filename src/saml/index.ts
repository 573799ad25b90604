/**
 * SAML 2.0 for a service provider: bytes and trust settings in, a verified assertion or a refusal out.
 *
 * This folder knows nothing of accounts, storage or HTTP, and imports nothing of ours but `errors.ts`. Everything public
 * is exported here. Start reading at `verify-response.ts`; `response/` holds what it reads and checks, `signature/` how a
 * signature is verified, `encryption/` how what is encrypted is opened, `xml/` the one reader of XML.
 */
export { type ErrorCode, type ErrorDetail, isLatchkeyError, LatchkeyError } from '../errors.ts'
export { type ArtifactResolveOptions, buildArtifactResolve } from './artifact/build-artifact-resolve.ts'
export { chooseResolutionService } from './artifact/choose-resolution-service.ts'
export { type ArtifactTrust, openArtifactResponse } from './artifact/open-artifact-response.ts'
export { type Artifact, readArtifact } from './artifact/read-artifact.ts'
export type { RequestedAuthnContext } from './authn-context.ts'
export { type AuthnRequestOptions, buildAuthnRequest, newRequestId, type ResponseBinding } from './authn-request.ts'
export { decodeResponse } from './decode-response.ts'
export type { DecodedResponse } from './decoded-response.ts'
export {
  buildLogoutRequest,
  buildLogoutResponse,
  type LogoutRequestOptions,
  type LogoutResponseOptions,
  type LogoutStatus,
} from './logout/build-logout.ts'
export { type ReceivedLogoutMessage, receiveLogoutForm, receiveLogoutRedirect } from './logout/received-message.ts'
export type { LogoutTrust } from './logout/verify-envelope.ts'
export { type LogoutRequest, type VerifiedLogoutRequest, verifyLogoutRequest } from './logout/verify-logout-request.ts'
export {
  type LogoutResponse,
  type VerifiedLogoutResponse,
  verifyLogoutResponse,
} from './logout/verify-logout-response.ts'
export type {
  ArtifactResolutionEndpoint,
  IdentityProviderMetadata,
  SingleLogoutEndpoint,
  SingleSignOnEndpoint,
} from './metadata/identity-provider-metadata.ts'
export {
  type OpenMetadata,
  type ReadMetadataOptions,
  readMetadata,
  readMetadataStream,
} from './metadata/read-metadata.ts'
export {
  type RequestedAttribute,
  type ServiceProviderMetadataOptions,
  writeServiceProviderMetadata,
} from './metadata/write-service-provider-metadata.ts'
export type { RequestSignatureAlgorithm, RequestSigning } from './request-signature.ts'
export { postFields, postResponseFields, redirectUrl, type SendRequestOptions } from './send-request.ts'
export type { SigningKey, TrustSettings, WeakCryptography } from './trust-settings.ts'
export type { Assertion, Attribute, NameId, VerifiedAssertion } from './verified-assertion.ts'
export { verifyResponse } from './verify-response.ts'
