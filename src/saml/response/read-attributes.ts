import type { Decryptor } from '../encryption/decryptor.ts'
import { assertionNamespace, schemaInstanceNamespace } from '../names.ts'
import { elementsIn, plainText, requiredAttribute, structureError } from '../structure.ts'
import type { Attribute } from '../verified-assertion.ts'
import { attributeOf, childElements, hasText, isElement, textOf, type XmlElement } from '../xml/element.ts'

/**
 * The attributes of all statements, in order. An attribute that appears again adds its values to the first one.
 * SAML Core 2.7.3. Throws `saml_structure_invalid`, and what `decryptor` throws.
 */
export function readAttributes(statements: readonly XmlElement[], decryptor: Decryptor): readonly Attribute[] {
  const byName = new Map<string, ReadAttribute>()
  for (const statement of statements) {
    for (const element of elementsIn(statement)) {
      const attribute = readAttribute(decrypted(element, decryptor))
      const before = byName.get(attribute.name)
      if (before === undefined) byName.set(attribute.name, attribute)
      else for (const value of attribute.values) before.values.push(value)
    }
  }
  return [...byName.values()]
}

/** SAML Core 2.7.3.2. */
function decrypted(element: XmlElement, decryptor: Decryptor): XmlElement {
  if (!isElement(element, assertionNamespace, 'EncryptedAttribute')) return element
  return decryptor.decrypt(element, { wanted: 'Attribute', isSigned: true })
}

type ReadAttribute = Attribute & { readonly values: string[] }

function readAttribute(element: XmlElement): ReadAttribute {
  if (!isElement(element, assertionNamespace, 'Attribute'))
    throw structureError(element, 'saml:Attribute', element.name)
  const [nameFormat, friendlyName] = [attributeOf(element, 'NameFormat'), attributeOf(element, 'FriendlyName')]
  const values: string[] = []
  for (const child of elementsIn(element)) {
    const value = readValue(child)
    if (value !== undefined) values.push(value)
  }
  const name = requiredAttribute(element, 'Name')
  return {
    name,
    ...(nameFormat !== undefined && { nameFormat }),
    ...(friendlyName !== undefined && { friendlyName }),
    values,
  }
}

/** Text as it stands, a NameID inside it (as in eduPersonTargetedID) by its text; `xsi:nil` is no value. */
function readValue(value: XmlElement): string | undefined {
  if (!isElement(value, assertionNamespace, 'AttributeValue')) {
    throw structureError(value, 'saml:AttributeValue', value.name)
  }
  if (isNil(value)) return undefined
  const text = textOf(value)
  if (text !== undefined) return text
  const [nameId, ...others] = childElements(value)
  if (isElement(nameId, assertionNamespace, 'NameID') && others.length === 0 && !hasText(value)) {
    return plainText(nameId)
  }
  throw structureError(value, 'text or one NameID', childElements(value)[0]?.name)
}

function isNil(value: XmlElement): boolean {
  const nil = value.attributeIn(schemaInstanceNamespace, 'nil')
  return nil === 'true' || nil === '1'
}
