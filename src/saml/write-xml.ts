import { LatchkeyError } from '../errors.ts'
import { escapeAttribute, escapeText } from './xml/escapes.ts'

/**
 * Writes the XML we send. Namespaces stand before attributes and both are in order, nothing is abbreviated, and every
 * element declares the namespaces it brings in itself: what is written is its own exclusive canonical form.
 */

const notAllowedInXml = /[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u

/** Text content. Throws `input_invalid` on a character XML cannot carry. */
export function xmlText(text: string): string {
  return escapeText(checkCharacters(text))
}

/** An element; undefined attributes and content are left out. Content is XML already: `xmlText`, other elements. */
export function xmlElement(
  name: string,
  attributes: Readonly<Record<string, string | undefined>>,
  ...content: readonly (string | undefined)[]
): string {
  const written = Object.entries(attributes)
    .filter((pair): pair is [string, string] => pair[1] !== undefined)
    .sort(([a], [b]) => Number(b.startsWith('xmlns')) - Number(a.startsWith('xmlns')) || (a < b ? -1 : 1))
    .map(([key, value]) => ` ${key}="${attributeText(value)}"`)
  return `<${name}${written.join('')}>${content.join('')}</${name}>`
}

/** xs:dateTime in UTC, whole seconds. SAML Core 1.3.3. */
export function xmlTime(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`
}

function attributeText(text: string): string {
  return escapeAttribute(checkCharacters(text))
}

function checkCharacters(text: string): string {
  if (!notAllowedInXml.test(text)) return text
  throw new LatchkeyError('input_invalid', { check: 'XML characters', wanted: 'only characters that XML 1.0 allows' })
}
