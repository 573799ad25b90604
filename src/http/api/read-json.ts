import { LatchkeyError } from '../../errors.ts'

/** Deeper than anything that is asked for here. */
const maximumDepth = 64

/**
 * Strict JSON (RFC 8259): UTF-8, each name of an object once, none called `__proto__`, at most 64 deep. `JSON.parse` would let the
 * last of two equal names win, where a proxy in front may go by the first. Throws `request_invalid`.
 */
export function readJson(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const value: unknown = JSON.parse(text)
    checkNames(text)
    return value
  } catch (cause) {
    if (cause instanceof LatchkeyError) throw cause
    throw new LatchkeyError('request_invalid', { check: 'body', wanted: 'JSON in UTF-8' }, { cause })
  }
}

/** Walks over text that is known to be JSON. */
function checkNames(text: string): void {
  /** What is open: the names of an object, or `undefined` for a list. */
  const open: (Set<string> | undefined)[] = []
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : undefined)
      if (open.length > maximumDepth) throw refused(`at most ${maximumDepth} objects and lists in one another`)
    } else if (character === '}' || character === ']') open.pop()
    else if (character === '"') {
      const end = endOfString(text, at)
      if (isName(text, end)) addName(JSON.parse(text.slice(at, end + 1)), open.at(-1))
      at = end
    }
  }
}

/** Where the closing quote stands: the first that no odd number of backslashes precedes. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
  }
}

function isName(text: string, end: number): boolean {
  let at = end + 1
  while (/\s/.test(text[at] ?? '')) at++
  return text[at] === ':'
}

function addName(name: string, names: Set<string> | undefined): void {
  if (name === '__proto__') throw refused('no member of this name', name)
  if (names?.has(name)) throw refused('each name of an object once', name.slice(0, 100))
  names?.add(name)
}

function refused(wanted: string, arrived?: string): LatchkeyError {
  return new LatchkeyError('request_invalid', { check: 'body', wanted, ...(arrived === undefined ? {} : { arrived }) })
}
