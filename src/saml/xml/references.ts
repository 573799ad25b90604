const predefined: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * Replaces character references and the five predefined entities. There are no others, because there is no DOCTYPE.
 * `refuse` is called with a sentence and never returns. XML 1.0 section 4.1 and 4.6.
 */
export function replaceReferences(text: string, refuse: (problem: string) => never): string {
  let replaced = ''
  let from = 0
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', from)) {
    const end = text.indexOf(';', at)
    if (end < 0 || end - at > maxReferenceCharacters) return refuse('an "&" that begins no reference')
    replaced += text.slice(from, at) + referenced(text.slice(at + 1, end), refuse)
    from = end + 1
  }
  return replaced + text.slice(from)
}

const maxReferenceCharacters = 12

function referenced(name: string, refuse: (problem: string) => never): string {
  if (name.startsWith('#')) return characterOf(name, refuse)
  const character = Object.hasOwn(predefined, name) ? predefined[name] : undefined
  return character ?? refuse('a reference to an entity that is not one of the five predefined ones')
}

function characterOf(name: string, refuse: (problem: string) => never): string {
  if (!/^#(?:[0-9]{1,7}|x[0-9A-Fa-f]{1,6})$/.test(name)) return refuse('a malformed character reference')
  const code = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10)
  return isXmlCharacter(code) ? String.fromCodePoint(code) : refuse('a reference to a character XML does not allow')
}

/** XML 1.0 production 2. */
function isXmlCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff)
}
