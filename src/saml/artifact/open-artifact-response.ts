import { checkSettings } from '../check-settings.ts'
import { decodeText } from '../decode-response.ts'
import { assertionNamespace, protocolNamespace, signatureNamespace, statusSuccess } from '../names.ts'
import { readMessage } from '../read-message.ts'
import { refusal } from '../refusal.ts'
import { checkVersion } from '../response/check-response.ts'
import { checkIssuer, readIssuer } from '../response/issuer.ts'
import { readStatus } from '../response/read-response.ts'
import { verifySignature } from '../signature/verify-signature.ts'
import { atMostOne, elementsIn, requiredAttribute, structureError } from '../structure.ts'
import type { TrustSettings, WeakCryptography } from '../trust-settings.ts'
import { attributeOf, isElement, type XmlElement } from '../xml/element.ts'
import { isResponse, locateArtifactResponse } from './locate-artifact-response.ts'
import { writeStandingAlone } from './write-standing-alone.ts'

/** What is believed before the answer of an artifact resolution service is read. */
export interface ArtifactTrust
  extends Pick<TrustSettings, 'identityProviderEntityId' | 'signingKeys'>,
    WeakCryptography {}

/**
 * Takes the Response out of the answer to an ArtifactResolve, as text that stands alone. It proves nothing about the
 * Response: that is decoded and verified afterwards like one that was posted, and must be signed like one. An ArtifactResponse that is
 * signed is no signature of the Response in it (decision 0160); but a signature that is there must verify.
 *
 * 1. The SOAP envelope is scanned, and its one ArtifactResponse and signature are located.
 * 2. Where the ArtifactResponse is signed, what it says is read from the signed bytes.
 * 3. It must answer our request, come from the identity provider and say Success.
 * 4. Its Response is written out with the namespaces that are in scope, which its signatures may cover.
 *
 * Throws `saml_artifact_response_mismatch`, `saml_artifact_not_resolved`, `saml_issuer_mismatch`, the codes of the scanner and
 * of `verifySignature`, `saml_structure_invalid`, `saml_signature_misplaced`, `saml_id_invalid`, `configuration_invalid`. SAML Core 3.5.2, 3.5.3.
 */
export function openArtifactResponse(answer: Buffer, requestId: string, trust: ArtifactTrust): string {
  checkSettings(trust, ['identityProviderEntityId'])
  const { artifactResponse, signature } = locateArtifactResponse(readMessage(decodeText(answer, 'SOAP Envelope')))
  const signed = signature && verifySignature(artifactResponse, signature, trust.signingKeys, trust)
  checkAnswer(signed?.root ?? artifactResponse, requestId, trust)
  // From the tree as it arrived: signatures inside may cover namespaces that the canonical form of what is around them leaves out.
  const response = atMostOne(artifactResponse, protocolNamespace, 'Response')
  if (response === undefined) throw notResolved('Success without a message')
  return writeStandingAlone(response)
}

function checkAnswer(root: XmlElement, requestId: string, trust: ArtifactTrust): void {
  checkChildren(root)
  checkVersion('ArtifactResponse', attributeOf(root, 'Version') ?? '')
  checkInResponseTo(requiredAttribute(root, 'InResponseTo'), requestId)
  const issuer = atMostOne(root, assertionNamespace, 'Issuer')
  if (issuer === undefined) throw structureError(root, 'Issuer')
  checkIssuer('ArtifactResponse', readIssuer(issuer), trust)
  const status = atMostOne(root, protocolNamespace, 'Status')
  if (status === undefined) throw structureError(root, 'Status')
  const { codes, message } = readStatus(status)
  if (codes[0] !== statusSuccess) throw notResolved(codes.join(' > '), message)
}

/** Another kind of message than a Response is not what a sign-in waits for. */
function checkChildren(root: XmlElement): void {
  for (const child of elementsIn(root)) {
    const known =
      isElement(child, assertionNamespace, 'Issuer') ||
      isElement(child, signatureNamespace, 'Signature') ||
      isElement(child, protocolNamespace, 'Extensions') ||
      isElement(child, protocolNamespace, 'Status') ||
      isResponse(child)
    if (!known) throw structureError(root, 'children that SAML Core 3.5.2 names, with a Response', child.name)
  }
}

function checkInResponseTo(arrived: string, requestId: string): void {
  if (arrived === requestId) return
  const check = 'ArtifactResponse/InResponseTo'
  throw refusal('saml_artifact_response_mismatch', { check, wanted: requestId, arrived })
}

function notResolved(arrived: string, said = '') {
  return refusal('saml_artifact_not_resolved', {
    check: 'ArtifactResponse/Status',
    wanted: `${statusSuccess} with a Response`,
    arrived: said === '' ? arrived : `${arrived}: ${said}`,
    advice: 'An artifact is given out once, to whom it was made for, and not for long.',
  })
}
