import { type ErrorCode, LatchkeyError } from '../errors.ts'

/** How much of one attribute is taken. Bytes are of UTF-8. */
export interface ValueLimits {
  readonly count: number
  readonly bytesPerValue: number
}

export const fieldLimits: ValueLimits = { count: 100, bytesPerValue: 4096 }
/** Names of roles and groups are keys in the storage, hence shorter. */
export const grantNameLimits: ValueLimits = { count: 2000, bytesPerValue: 1024 }
export const usernameLimits: ValueLimits = { count: 1, bytesPerValue: 512 }

/** Control characters, lone surrogates, line and paragraph separators: nothing that names a person contains them. */
const notAllowed = /[\p{Cc}\p{Cs}\u2028\u2029]/u

/** Refuses values that cannot be kept or passed on safely; `at` names where they came from. Throws `attribute_invalid`. */
export function checkValues(values: readonly string[], limits: ValueLimits, at: string): void {
  if (values.length > limits.count) {
    refuse(at, `at most ${limits.count} values`, `${values.length} values`)
  }
  for (const value of values) checkText(value, { maxBytes: limits.bytesPerValue, at, code: 'attribute_invalid' })
}

/** Throws the given code. The value itself is not repeated: it may be personal. */
export function checkText(
  value: string,
  { maxBytes, at, code }: { readonly maxBytes: number; readonly at: string; readonly code: ErrorCode },
): void {
  const bytes = value.length * 3 <= maxBytes ? 0 : Buffer.byteLength(value)
  if (bytes > maxBytes) refuse(at, `at most ${maxBytes} bytes in a value`, `${bytes} bytes`, code)
  const found = notAllowed.exec(value)
  if (found !== null) {
    const character = `U+${(value.codePointAt(found.index) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
    refuse(at, 'no control characters', `${character} at position ${found.index + 1}`, code)
  }
}

function refuse(at: string, wanted: string, arrived: string, code: ErrorCode = 'attribute_invalid'): never {
  throw new LatchkeyError(code, { check: 'attribute value', wanted, arrived, at })
}

/** The beginning of a text, for a refusal or a trace. Never ends within a character: JSON in the storage could not hold it. */
export function shorten(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '')
}
