const predefined: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * Replaces character references and the five predefined entities. There are no others, because there is no DOCTYPE.
 * `refuse` is called with a sentence and never returns. XML 1.0 section 4.1 and 4.6.
 */
export function replaceReferences(text: string, refuse: (problem: string) => never): string {
  return text.replace(/&([^;&]{0,12});|&/g, (_match, name: string | undefined) => {
    if (name === undefined) return refuse('an "&" that begins no reference')
    if (name.startsWith('#')) return characterOf(name, refuse)
    if (Object.hasOwn(predefined, name)) return predefined[name] as string
    return refuse('a reference to an entity that is not one of the five predefined ones')
  })
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
