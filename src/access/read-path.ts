/**
 * The path of a request, as the application behind us may read it. Applications differ: some ignore case, merge slashes,
 * drop `;parameters` or trailing dots. A policy that guesses wrongly is a policy that is gone round, so:
 *
 * - What has no one meaning is not read at all (`undefined`, to be refused): no leading slash or two of them, raw bytes
 *   outside printable ASCII, `#`, backslashes, encoded slashes and backslashes, broken or double percent-encoding, control
 *   characters, look-alikes of separators, and segments of dots only, with or without parameters (`..`, `%2e%2e`, `..;`).
 * - Everything else has two readings: `literal`, decoded once, and `folded`, in which all those differences have vanished.
 *   A request is admitted only when the policy admits it in both.
 */
export interface PathReadings {
  readonly literal: string
  readonly folded: string
}

const maxLength = 8192

/** Takes a request target in origin form (RFC 9112 3.2.1); the query is not looked at. */
export function readPath(target: string): PathReadings | undefined {
  const end = target.indexOf('?')
  const raw = end < 0 ? target : target.slice(0, end)
  if (raw.length > maxLength || !/^\/(?!\/)[!-~]*$/.test(raw) || /[\\#]|%(?:2f|5c)/i.test(raw)) return undefined
  const literal = decodeOnce(raw)
  const folded = literal === undefined ? undefined : foldPath(literal)
  return literal === undefined || folded === undefined ? undefined : { literal, folded }
}

function decodeOnce(raw: string): string | undefined {
  try {
    const text = decodeURIComponent(raw)
    return /[\p{Cc}\p{Cs}]/u.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

/** One spelling for all paths that some application takes for the same; `undefined` when there is none. */
export function foldPath(path: string): string | undefined {
  const composed = path.normalize('NFKC')
  if (separatorsIn(composed) !== separatorsIn(path)) return undefined
  const text = composed.toLowerCase()
  if (/\\|%[0-9a-f]{2}/.test(text)) return undefined
  const segments = text.split('/').map((segment) => segment.replace(/;.*$/s, '').trim())
  if (segments.some((segment) => /^[. ]+$/.test(segment))) return undefined
  const kept = segments.map((segment) => segment.replace(/[. ]+$/, '')).filter((segment) => segment !== '')
  return `/${kept.join('/')}`
}

/** Full-width and other look-alikes of these would become new separators under a path already taken apart. */
function separatorsIn(path: string): string {
  return path.replace(/[^/;\\]/gu, '')
}
