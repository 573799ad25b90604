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
  const fault = findFault(values, limits)
  if (fault !== undefined) refuse(at, fault)
}

/** Why values cannot be kept or passed on safely. */
export interface ValueFault {
  readonly wanted: string
  readonly arrived: string
}

export function findFault(values: readonly string[], limits: ValueLimits): ValueFault | undefined {
  if (values.length > limits.count) {
    return { wanted: `at most ${limits.count} values`, arrived: `${values.length} values` }
  }
  for (const value of values) {
    const fault = findTextFault(value, limits.bytesPerValue)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** Throws the given code. The value itself is not repeated: it may be personal. */
export function checkText(
  value: string,
  { maxBytes, at, code }: { readonly maxBytes: number; readonly at: string; readonly code: ErrorCode },
): void {
  const fault = findTextFault(value, maxBytes)
  if (fault !== undefined) refuse(at, fault, code)
}

function findTextFault(value: string, maxBytes: number): ValueFault | undefined {
  const bytes = value.length * 3 <= maxBytes ? 0 : Buffer.byteLength(value)
  if (bytes > maxBytes) return { wanted: `at most ${maxBytes} bytes in a value`, arrived: `${bytes} bytes` }
  const found = notAllowed.exec(value)
  if (found === null) return undefined
  const character = `U+${(value.codePointAt(found.index) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
  return { wanted: 'no control characters', arrived: `${character} at position ${found.index + 1}` }
}

function refuse(at: string, fault: ValueFault, code: ErrorCode = 'attribute_invalid'): never {
  throw new LatchkeyError(code, { check: 'attribute value', ...fault, at })
}

/** The beginning of a text, for a refusal or a trace. Never ends within a character: JSON in the storage could not hold it. */
export function shorten(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '')
}
