import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { isLatchkeyError, type LatchkeyError } from '../../../src/errors.ts'
import { decodeResponse, type TrustSettings, verifyResponse } from '../../../src/saml/index.ts'
import { writeEncrypted } from '../../../src/test-identity-provider/encryption.ts'
import {
  createTestIdentityProvider,
  type IssuedResponse,
  type IssueOptions,
} from '../../../src/test-identity-provider/identity-provider.ts'

/** A message of an honest identity provider, for the attacks of this folder to begin with, and what it is verified with. */

export const now = new Date('2026-06-01T12:00:00Z')
export const serviceProvider = { entityId: 'https://benefits.example/metadata', acsUrl: 'https://benefits.example/acs' }
export const person = { nameId: 'nina-7f3k', attributes: { uid: 'nina', groups: ['staff', 'berlin'] } }

export const identityProvider = await createTestIdentityProvider({ baseUrl: 'https://idp.example', now: () => now })
const ours = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const encryption = { publicKey: ours.publicKey }

export const trust: TrustSettings = {
  identityProviderEntityId: identityProvider.entityId,
  serviceProviderEntityId: serviceProvider.entityId,
  acsUrl: serviceProvider.acsUrl,
  signingKeys: [
    { key: new X509Certificate(Buffer.from(identityProvider.certificate, 'base64')).publicKey, fingerprint: 'idp' },
  ],
  decryptionKeys: [ours.privateKey],
}

export function issue(options: Partial<IssueOptions> = {}): IssuedResponse {
  return identityProvider.issueResponse({ serviceProvider, person, inResponseTo: '_request', ...options })
}

/** Whoever knows our metadata can do this. */
export function encrypted(xml: string): string {
  const data = writeEncrypted(xml, encryption)
  return `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${data}</saml:EncryptedAssertion>`
}

export const verify = (xml: string | Buffer, changes: Partial<TrustSettings> = {}) =>
  verifyResponse(decodeResponse(Buffer.from(xml).toString('base64')), { ...trust, ...changes }, now)

/** The refusal; fails when the message is accepted or something else is thrown. */
export function refusalOf(xml: string | Buffer, changes: Partial<TrustSettings> = {}): LatchkeyError {
  try {
    const { nameId } = verify(xml, changes)
    assert.fail(`accepted as ${nameId?.value}`)
  } catch (error) {
    if (isLatchkeyError(error)) return error
    throw error
  }
}

export interface SplitElement {
  /** Start tag and Issuer: what stands before the signature. */
  readonly head: string
  readonly signature: string
  /** What stands after the signature, without the end tag. */
  readonly body: string
  readonly end: string
}

/** Takes the text of a signed element apart. */
export function split(xml: string): SplitElement {
  const start = xml.indexOf('<ds:Signature')
  const end = xml.indexOf('</ds:Signature>') + '</ds:Signature>'.length
  const close = xml.lastIndexOf('</')
  assert.ok(start > 0 && end < close)
  return {
    head: xml.slice(0, start),
    signature: xml.slice(start, end),
    body: xml.slice(end, close),
    end: xml.slice(close),
  }
}

/** The text of the one assertion of a response, and what stands around it. */
export function aroundAssertion(xml: string) {
  const start = xml.indexOf('<saml:Assertion')
  const end = xml.indexOf('</saml:Assertion>') + '</saml:Assertion>'.length
  return { before: xml.slice(0, start), assertion: xml.slice(start, end), after: xml.slice(end) }
}
