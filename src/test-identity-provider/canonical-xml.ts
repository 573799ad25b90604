import { LatchkeyError } from '../errors.ts'

/**
 * Writes XML that is in exclusive canonical form by construction (Exclusive XML Canonicalization 1.0): namespaces before
 * attributes, both in order, no empty-element tags, the few escapes canonical form allows. What is written here can be
 * hashed as it stands. Elements declare the namespaces they use themselves, so a part is canonical wherever it is cut out.
 */

const notAllowedInXml = /[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u

export function escapeText(text: string): string {
  return checkCharacters(text).replace(/[&<>\r]/g, (c) => textEscapes[c] ?? c)
}

function escapeAttribute(text: string): string {
  return checkCharacters(text).replace(/[&<"\t\n\r]/g, (c) => attributeEscapes[c] ?? c)
}

const textEscapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' }
const attributeEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
}

function checkCharacters(text: string): string {
  if (!notAllowedInXml.test(text)) return text
  throw new LatchkeyError('input_invalid', { check: 'XML characters', wanted: 'only characters of XML 1.0' })
}

/** An element. Attributes that are undefined are left out; content must be XML already (`escapeText`, other elements). */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | undefined>>,
  ...content: readonly (string | undefined)[]
): string {
  const written = Object.entries(attributes)
    .filter((pair): pair is [string, string] => pair[1] !== undefined)
    .sort(([a], [b]) => compareNames(a, b))
    .map(([key, value]) => ` ${key}="${escapeAttribute(value)}"`)
  return `<${name}${written.join('')}>${content.join('')}</${name}>`
}

/** Namespace declarations first, then attributes without a namespace, by code unit: all names written here are ASCII. */
function compareNames(a: string, b: string): number {
  const rank = (name: string) => (name.startsWith('xmlns') ? 0 : 1)
  return rank(a) - rank(b) || (a < b ? -1 : 1)
}
