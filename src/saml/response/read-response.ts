import { assertionNamespace, protocolNamespace, signatureNamespace } from '../names.ts'
import { atMostOne, elementsIn, plainText, requiredAttribute, structureError } from '../structure.ts'
import { attributeOf, childNamed, childrenNamed, isElement, type XmlElement } from '../xml/element.ts'
import { type Issuer, readIssuer } from './issuer.ts'

/** What the Response itself says, beside its assertion. SAML Core 3.2.2, 3.3.3. */
export interface ResponseContent {
  readonly version: string
  readonly destination: string | undefined
  readonly inResponseTo: string | undefined
  readonly issuer: Issuer | undefined
  readonly status: Status
}

export interface Status {
  /** The code and the codes nested in it, outermost first. */
  readonly codes: readonly string[]
  readonly message: string | undefined
}

/** Throws `saml_structure_invalid`. */
export function readResponse(response: XmlElement): ResponseContent {
  checkChildren(response)
  const issuer = atMostOne(response, assertionNamespace, 'Issuer')
  const status = atMostOne(response, protocolNamespace, 'Status')
  if (status === undefined) throw structureError(response, 'Status')
  return {
    version: attributeOf(response, 'Version') ?? '',
    destination: attributeOf(response, 'Destination') || undefined,
    inResponseTo: attributeOf(response, 'InResponseTo') || undefined,
    issuer: issuer && readIssuer(issuer),
    status: readStatus(status),
  }
}

function checkChildren(response: XmlElement): void {
  for (const child of elementsIn(response)) {
    const known =
      isElement(child, assertionNamespace, 'Issuer') ||
      isElement(child, signatureNamespace, 'Signature') ||
      isElement(child, protocolNamespace, 'Extensions') ||
      isElement(child, protocolNamespace, 'Status') ||
      isElement(child, assertionNamespace, 'Assertion') ||
      isElement(child, assertionNamespace, 'EncryptedAssertion')
    if (!known) throw structureError(response, 'children that SAML Core 3.3.3 names', child.name)
  }
}

export function readStatus(status: XmlElement): Status {
  const codes: string[] = []
  const [first, second] = childrenNamed(status, protocolNamespace, 'StatusCode')
  if (first === undefined || second !== undefined) throw structureError(status, 'one StatusCode')
  for (let code: XmlElement | undefined = first; code; code = childNamed(code, protocolNamespace, 'StatusCode')) {
    codes.push(requiredAttribute(code, 'Value'))
  }
  const message = childNamed(status, protocolNamespace, 'StatusMessage')
  return { codes, message: message && plainText(message) }
}
