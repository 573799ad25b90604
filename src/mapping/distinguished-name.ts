/** The first CN of a distinguished name, unescaped; nothing where there is none. RFC 4514 section 3, with quotes as in RFC 2253 section 4. */
export function commonNameOf(name: string): string | undefined {
  for (const part of splitName(name)) {
    const equals = part.indexOf('=')
    if (equals < 0 || part.slice(0, equals).trim().toLowerCase() !== 'cn') continue
    const value = readValue(part.slice(equals + 1).trim())
    if (value !== undefined && value !== '') return value
  }
  return undefined
}

/** At commas, semicolons and plus signs that are neither escaped nor in quotes. Nothing when a quote does not end. */
function splitName(name: string): readonly string[] {
  const parts: string[] = []
  let start = 0
  let isQuoted = false
  for (let at = 0; at < name.length; at++) {
    if (name[at] === '\\') at++
    else if (name[at] === '"' && (isQuoted || opensValue(name.slice(start, at)))) isQuoted = !isQuoted
    else if (!isQuoted && ',;+'.includes(name.charAt(at))) {
      parts.push(name.slice(start, at))
      start = at + 1
    }
  }
  return isQuoted ? [] : [...parts, name.slice(start)]
}

/** Elsewhere a quote is a character like others. */
function opensValue(before: string): boolean {
  return before.trimEnd().endsWith('=')
}

const quotedValue = /^"((?:[^"\\]|\\.)*)"$/s

function readValue(value: string): string | undefined {
  if (!value.startsWith('"')) return unescapeValue(value)
  const inner = quotedValue.exec(value)?.[1]
  return inner === undefined ? undefined : unescapeValue(inner)
}

const escapes = /(?:\\[0-9a-fA-F]{2})+|\\(.?)/gs

/** Nothing when pairs of hexadecimal digits are no UTF-8. */
function unescapeValue(value: string): string | undefined {
  if (!value.includes('\\')) return value
  try {
    return value.replace(escapes, (all, character?: string) => (character === undefined ? decodePairs(all) : character))
  } catch {
    return undefined
  }
}

function decodePairs(pairs: string): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(pairs.replaceAll('\\', ''), 'hex'))
}
