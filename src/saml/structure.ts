import type { LatchkeyError } from '../errors.ts'
import { refusal } from './refusal.ts'
import { attributeOf, childElements, hasText, isElement, textOf, type XmlElement } from './xml/element.ts'

/** A message that is XML but not built as the schema of SAML says. */
export function structureError(element: XmlElement, wanted: string, arrived?: string): LatchkeyError {
  return refusal('saml_structure_invalid', { check: element.localName, wanted, arrived })
}

/** The children of an element that holds elements only. Throws `saml_structure_invalid` when text stands between them. */
export function elementsIn(element: XmlElement): readonly XmlElement[] {
  if (hasText(element)) throw structureError(element, 'elements only', 'text between them')
  return childElements(element)
}

/** The text of an element that holds text only, outer white space removed. Throws `saml_structure_invalid`. */
export function plainText(element: XmlElement): string {
  const text = textOf(element)
  if (text === undefined) throw structureError(element, 'text only', 'an element inside')
  return trimSpace(text)
}

/** Removes what XML calls white space, and only that: a no-break space is part of a value. */
export function trimSpace(text: string): string {
  let start = 0
  let end = text.length
  // Not a regular expression: `/\s+$/` takes quadratic time on white space that does not end the text.
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0xa || code === 0x9 || code === 0xd
}

/**
 * Removes white space at either end that holds a line break: a pretty-printer's, since no name of a person has one. Blanks
 * alone stay, for they may tell two names apart.
 */
export function withoutIndentation(text: string): string {
  const trimmed = trimSpace(text)
  if (trimmed.length === text.length) return text
  const start = text.indexOf(trimmed)
  const end = start + trimmed.length
  const hasBreak = (space: string) => space.includes('\n') || space.includes('\r')
  return (
    (hasBreak(text.slice(0, start)) ? '' : text.slice(0, start)) +
    trimmed +
    (hasBreak(text.slice(end)) ? '' : text.slice(end))
  )
}

/** The one child of this name, or undefined. Throws `saml_structure_invalid` for a second one. */
export function atMostOne(parent: XmlElement, namespace: string, localName: string): XmlElement | undefined {
  let found: XmlElement | undefined
  for (const child of parent.children) {
    if (!isElement(child, namespace, localName)) continue
    if (found !== undefined) throw structureError(parent, `at most one ${localName}`, 'several')
    found = child
  }
  return found
}

export function requiredAttribute(element: XmlElement, name: string): string {
  const value = attributeOf(element, name)
  if (value === undefined || value === '') throw structureError(element, `the attribute ${name}`, value)
  return value
}
