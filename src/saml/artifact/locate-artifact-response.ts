import { protocolNamespace, signatureNamespace, soapNamespace } from '../names.ts'
import { refusal } from '../refusal.ts'
import { checkId, idError, misplaced } from '../response/locate-parts.ts'
import { atMostOne, elementsIn, structureError } from '../structure.ts'
import { allElements, childNamed, isElement, textOf, type XmlElement } from '../xml/element.ts'

/** Where the parts of a resolved artifact stand. Nothing in it has been verified. */
export interface ArtifactResponseParts {
  readonly artifactResponse: XmlElement
  readonly signature: XmlElement | undefined
}

/**
 * Looks at every element of a SOAP envelope once: it holds one ArtifactResponse, every ID names one element, and a signature
 * stands where it signs its own parent. What is inside the Response is looked at again when that is verified.
 *
 * Throws `saml_structure_invalid`, `saml_signature_misplaced`, `saml_id_invalid`, `saml_artifact_not_resolved` for a SOAP fault.
 * SAML Bindings 3.2.2, SOAP 1.1 section 4.
 */
export function locateArtifactResponse(envelope: XmlElement): ArtifactResponseParts {
  const artifactResponse = onlyMessage(envelope)
  const [message, another] = elementsIn(artifactResponse).filter(isResponse)
  if (another !== undefined) throw structureError(artifactResponse, 'one Response', 'several')
  checkId(artifactResponse)
  checkIds(envelope)
  return { artifactResponse, signature: locateSignature(envelope, artifactResponse, message) }
}

export function isResponse(element: XmlElement): boolean {
  return isElement(element, protocolNamespace, 'Response')
}

function onlyMessage(envelope: XmlElement): XmlElement {
  if (!isElement(envelope, soapNamespace, 'Envelope')) {
    throw structureError(envelope, 'Envelope of SOAP 1.1', `${envelope.name} of ${envelope.namespace}`)
  }
  checkHeader(atMostOne(envelope, soapNamespace, 'Header'))
  const body = atMostOne(envelope, soapNamespace, 'Body')
  if (body === undefined) throw structureError(envelope, 'Body')
  const [message, another] = elementsIn(body)
  const arrived = another === undefined ? message?.name : 'several'
  if (isElement(message, soapNamespace, 'Fault')) throw faulty(message)
  if (isElement(message, protocolNamespace, 'ArtifactResponse') && another === undefined) return message
  throw structureError(body, 'one ArtifactResponse of SAML 2.0', arrived)
}

/** What the sender insists on being understood, we do not understand. SOAP 1.1 section 4.2.3. */
function checkHeader(header: XmlElement | undefined): void {
  if (header === undefined) return
  for (const block of elementsIn(header)) {
    const insists = block.attributes.some(
      ({ namespace, localName, value }) =>
        namespace === soapNamespace && localName === 'mustUnderstand' && value.trim() !== '0',
    )
    if (insists) throw structureError(header, 'no block that must be understood', block.name)
  }
}

/** SOAP 1.1 section 4.4: its parts belong to no namespace. */
function faulty(fault: XmlElement) {
  const said = ['faultcode', 'faultstring'].flatMap((name) => {
    const part = childNamed(fault, '', name)
    return part === undefined ? [] : [textOf(part)?.trim() ?? '']
  })
  const wanted = 'an ArtifactResponse'
  return refusal('saml_artifact_not_resolved', { check: 'SOAP Fault', wanted, arrived: said.join(': ') || 'a Fault' })
}

function checkIds(envelope: XmlElement): void {
  const ids = new Set<string>()
  for (const element of allElements(envelope)) {
    for (const { localName, value } of element.attributes) {
      // With any prefix: another reader might not look at that.
      if (!/^id$/i.test(localName)) continue
      if (ids.has(value)) throw idError(element, 'an ID that names one element', value)
      ids.add(value)
    }
  }
}

/** The ArtifactResponse's own. Those inside the Response are not its affair; any other belongs nowhere. */
function locateSignature(
  envelope: XmlElement,
  artifactResponse: XmlElement,
  message: XmlElement | undefined,
): XmlElement | undefined {
  const inside = new Set<XmlElement>(message === undefined ? [] : allElements(message))
  let signature: XmlElement | undefined
  for (const element of allElements(envelope)) {
    if (!isElement(element, signatureNamespace, 'Signature') || inside.has(element)) continue
    if (element.parent !== artifactResponse) {
      const wanted = 'a signature as a child of the ArtifactResponse, or of what it brings'
      throw misplaced(wanted, `one inside ${element.parent?.localName}`)
    }
    if (signature !== undefined) throw misplaced('one signature of the ArtifactResponse', 'several')
    signature = element
  }
  return signature
}
