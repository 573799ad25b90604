import { LatchkeyError } from '../errors.ts'

/** The named values of a form or a query. A value that was asked for must be readable and must not stand there twice. */
export interface Parameters {
  /** Throws `request_invalid` when the value is repeated or badly encoded. */
  find(name: string): string | undefined
  /** Throws `request_invalid` also when it is missing or empty. */
  get(name: string): string
}

const maximumParts = 64

/** Reads `application/x-www-form-urlencoded`. Parts that nobody asks for are not looked at. Throws `request_invalid` beyond 64 of them. */
export function readParameters(text: string): Parameters {
  const parts = text.split('&', maximumParts + 1).map(splitPart)
  if (parts.length > maximumParts) throw invalid('', `at most ${maximumParts} parameters`, 'more')

  function find(name: string): string | undefined {
    const [first, ...others] = parts.filter((part) => part.name === name)
    if (others.length > 0) throw invalid(name, 'once', `${others.length + 1} times`)
    if (first === undefined) return undefined
    const value = decode(first.encodedValue)
    if (value === undefined) throw invalid(name, 'percent-encoded UTF-8', 'something else')
    return value
  }

  return {
    find,
    get(name) {
      const value = find(name)
      if (value === undefined || value === '') throw invalid(name, 'a value', 'none')
      return value
    },
  }
}

/** The query of a request's target, `/path?query`. */
export function readQuery(target: string): Parameters {
  const start = target.indexOf('?')
  return readParameters(start === -1 ? '' : target.slice(start + 1))
}

function splitPart(part: string): { readonly name: string | undefined; readonly encodedValue: string } {
  const equals = part.indexOf('=')
  const name = equals === -1 ? part : part.slice(0, equals)
  return { name: decode(name), encodedValue: equals === -1 ? '' : part.slice(equals + 1) }
}

function decode(text: string): string | undefined {
  try {
    // Ten times as fast as replaceAll on a text of nothing but plus signs.
    const spaced = text.includes('+') ? text.split('+').join(' ') : text
    return spaced.includes('%') ? decodeURIComponent(spaced) : spaced
  } catch {
    return undefined
  }
}

function invalid(name: string, wanted: string, arrived: string): LatchkeyError {
  return new LatchkeyError('request_invalid', {
    check: name === '' ? 'parameters' : `parameter ${name}`,
    wanted,
    arrived,
  })
}
