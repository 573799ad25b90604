/** How the canonical form writes what would be read as something else. Canonical XML 1.0 section 2.3. */
const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
}

const escaped = (character: string): string => escapes[character] as string

export function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, escaped)
}

export function escapeAttribute(value: string): string {
  return value.replace(/[&<"\t\n\r]/g, escaped)
}
