import { assertionNamespace, protocolNamespace, signatureNamespace } from '../names.ts'
import { refusal } from '../refusal.ts'
import { structureError } from '../structure.ts'
import { attributeOf, isElement, type XmlElement } from '../xml/element.ts'
import { survey } from '../xml/node-table.ts'

/** Where the parts of a Response stand. Nothing in it has been verified. */
export interface ResponseParts {
  readonly response: XmlElement
  readonly responseSignature: XmlElement | undefined
  readonly assertion: XmlElement | undefined
  readonly assertionSignature: XmlElement | undefined
  readonly encryptedAssertion: XmlElement | undefined
}

/**
 * Looks at every element once, so that whatever could be taken for something else is refused wherever it hides: a second
 * assertion, a signature that is no child of what it signs, an ID that names two elements. This, and a reference that
 * names the signature's own parent, is what makes wrapping impossible.
 *
 * `decrypted` is the assertion that stands encrypted in the Response, when it has been opened: it is looked at as if it stood
 * there, so that IDs are unique over both.
 *
 * Throws `saml_structure_invalid`, `saml_signature_misplaced`, `saml_id_invalid`.
 */
export function locateParts(response: XmlElement, decrypted?: XmlElement): ResponseParts {
  if (!isElement(response, protocolNamespace, 'Response'))
    throw structureError(response, 'Response of SAML 2.0', `${response.name} of ${response.namespace}`)
  const survey = new Survey(response, decrypted)
  survey.visit(response)
  if (decrypted !== undefined) survey.visit(decrypted)
  checkOneAssertion(survey)
  checkId(response)
  if (survey.assertion !== undefined) checkId(survey.assertion)
  return {
    response,
    responseSignature: survey.signatures.get(response),
    assertion: survey.assertion,
    assertionSignature: survey.assertion && survey.signatures.get(survey.assertion),
    encryptedAssertion: survey.encryptedAssertion,
  }
}

class Survey {
  readonly response: XmlElement
  readonly decrypted: XmlElement | undefined
  /** Signed element → its signature. */
  readonly signatures = new Map<XmlElement, XmlElement>()
  assertion: XmlElement | undefined
  encryptedAssertion: XmlElement | undefined
  readonly #ids = new Set<string>()

  constructor(response: XmlElement, decrypted: XmlElement | undefined) {
    this.response = response
    this.decrypted = decrypted
  }

  visit(root: XmlElement): void {
    survey(root, {
      elements: ['Signature', 'Assertion', 'EncryptedAssertion', 'Response'],
      onElement: (element) => this.#place(element),
      // With any prefix: another reader might not look at that.
      attributes: ['ID', 'Id', 'id'],
      onAttribute: (value, element) => this.#collectId(value, element),
    })
  }

  #place(element: XmlElement): void {
    if (element.localName === 'Signature') this.#placeSignature(element)
    else if (element.localName === 'Assertion') this.assertion = this.#placeAssertion(element, this.assertion)
    else if (element.localName === 'EncryptedAssertion') {
      this.encryptedAssertion = this.#placeAssertion(element, this.encryptedAssertion)
    } else if (element !== this.response) throw structureError(this.response, 'one Response', 'another inside')
  }

  #collectId(id: string, element: XmlElement): void {
    if (this.#ids.has(id)) throw idError(element, 'an ID that names one element', id)
    this.#ids.add(id)
  }

  #placeSignature(signature: XmlElement): void {
    if (signature.namespace !== signatureNamespace) return
    const { parent } = signature
    if (parent === undefined || (parent !== this.response && parent !== this.assertion)) {
      throw misplaced('a signature as a child of the Response or the Assertion', `one inside ${parent?.localName}`)
    }
    if (this.signatures.has(parent)) throw misplaced(`one signature of the ${parent.localName}`, 'several')
    this.signatures.set(parent, signature)
  }

  /** Any element of this local name counts, whatever its namespace: another reader might not look at that. */
  #placeAssertion(element: XmlElement, before: XmlElement | undefined): XmlElement {
    const { response } = this
    const wanted = `one ${element.localName} of SAML 2.0, as a child of the Response`
    if (element.namespace !== assertionNamespace) throw structureError(response, wanted, `one of ${element.namespace}`)
    if (element.parent !== response && element !== this.decrypted)
      throw structureError(response, wanted, `one inside ${element.parent?.localName}`)
    if (before !== undefined) throw structureError(response, wanted, 'several')
    return element
  }
}

function checkOneAssertion({ response, decrypted, assertion, encryptedAssertion }: Survey): void {
  if (assertion === undefined || encryptedAssertion === undefined || assertion === decrypted) return
  throw structureError(response, 'one Assertion', 'an Assertion and an EncryptedAssertion')
}

/** As an `xs:ID` (SAML Core 1.3.4), but a first digit is let through: some products send a bare UUID. */
export function checkId(element: XmlElement): void {
  const id = attributeOf(element, 'ID')
  if (id === undefined || !/^[A-Za-z0-9_.-]{1,256}$/.test(id)) {
    throw idError(element, '1 to 256 letters, digits, ".", "_" and "-"', id)
  }
}

export function idError(element: XmlElement, wanted: string, arrived: string | undefined) {
  return refusal('saml_id_invalid', { check: `${element.localName}/ID`, wanted, arrived })
}

export function misplaced(wanted: string, arrived: string) {
  return refusal('saml_signature_misplaced', { check: 'Signature', wanted, arrived })
}
