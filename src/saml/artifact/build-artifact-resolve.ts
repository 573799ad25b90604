import { assertionNamespace, protocolNamespace, soapNamespace } from '../names.ts'
import { type RequestSigning, signMessage } from '../request-signature.ts'
import { xmlElement, xmlText, xmlTime } from '../write-xml.ts'
import type { Artifact } from './read-artifact.ts'

export interface ArtifactResolveOptions {
  /** From `newRequestId`. */
  readonly id: string
  readonly issueInstant: Date
  /** Where it is sent: the ArtifactResolutionService's Location. */
  readonly destination: string
  /** Our entity ID. */
  readonly issuer: string
  readonly artifact: Artifact
  /** The identity provider gives the message to nobody but us: it must know that it is us who ask. */
  readonly sign: RequestSigning
}

/**
 * Gives the ArtifactResolve as XML, signed, in its SOAP envelope. SAML Core 3.5.1, SAML Bindings 3.2. Throws
 * `input_invalid` when a value holds a character that XML cannot carry.
 */
export function buildArtifactResolve(options: ArtifactResolveOptions): string {
  const { id, issueInstant, destination, issuer, artifact, sign } = options
  const message = xmlElement(
    'samlp:ArtifactResolve',
    {
      'xmlns:samlp': protocolNamespace,
      ID: id,
      Version: '2.0',
      IssueInstant: xmlTime(issueInstant),
      Destination: destination,
    },
    xmlElement('saml:Issuer', { 'xmlns:saml': assertionNamespace }, xmlText(issuer)),
    xmlElement('samlp:Artifact', {}, artifact.value),
  )
  const body = xmlElement('soap:Body', {}, signMessage(message, id, sign))
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xmlElement('soap:Envelope', { 'xmlns:soap': soapNamespace }, body)}\n`
}
