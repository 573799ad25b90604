import type { Transform } from '../directory/mapping-settings.ts'
import { commonNameOf } from './distinguished-name.ts'
import { parseMoment, wantedMoments } from './moments.ts'
import { isMalformed, type Malformed } from './outcome.ts'
import { checkTemplate, compilePattern } from './pattern.ts'
import { checkTimeZone } from './time-zone.ts'
import { spend } from './work-limit.ts'

/** One transform, ready to run: all values in, all values out, or why one of them cannot be used. */
export type Step = (values: readonly string[]) => readonly string[] | Malformed

/** More than any attribute may have; what splitting gives beyond is refused. */
const maxValues = 5000

/** Throws `input_invalid` at the setting. */
export function compileTransforms(transforms: readonly Transform[], at: string): Step {
  const steps = transforms.map((transform, index) => compileTransform(transform, `${at}.${index}`))
  return (values) => {
    let current = values
    for (const step of steps) {
      const next = step(current)
      if (isMalformed(next)) return next
      spend(next.length)
      current = next
    }
    return current
  }
}

function compileTransform(transform: Transform, at: string): Step {
  if (typeof transform === 'string') return named[transform]
  if ('split' in transform) return splitting(transform.split)
  if ('join' in transform) return (values) => (values.length === 0 ? values : [values.join(transform.join)])
  if ('only' in transform) return filtering(transform.only, true, `${at}.only`)
  if ('except' in transform) return filtering(transform.except, false, `${at}.except`)
  if ('capture' in transform) return capturing(transform.capture, `${at}.capture`)
  if ('replace' in transform) return replacing(transform, at)
  if ('lookup' in transform) return lookingUp(transform)
  if ('date' in transform) return readingDates(transform, at)
  if ('prefix' in transform) return prefixing(transform.prefix)
  const fallback = [transform.default].flat()
  return (values) => (values.length === 0 ? fallback : values)
}

const named: Readonly<Record<Extract<Transform, string>, Step>> = {
  trim: (values) => values.map((value) => value.trim()).filter(isFilled),
  lowercase: (values) => values.map((value) => value.toLowerCase()),
  uppercase: (values) => values.map((value) => value.toUpperCase()),
  commonName: (values) => each(values, commonNameOf, 'a distinguished name with a CN'),
}

function splitting(separator: string): Step {
  return (values) => {
    const parts = values.flatMap((value) => value.split(separator).map((part) => part.trim())).filter(isFilled)
    return parts.length > maxValues ? { wanted: `at most ${maxValues} values` } : parts
  }
}

function filtering(wanted: string | readonly string[], isKept: boolean, at: string): Step {
  const test = typeof wanted === 'string' ? compilePattern(wanted, at).matches : oneOf(wanted)
  return (values) => values.filter((value) => test(value) === isKept)
}

function oneOf(list: readonly string[]): (value: string) => boolean {
  const known = new Set(list)
  return (value) => known.has(value)
}

function capturing(source: string, at: string): Step {
  const pattern = compilePattern(source, at)
  return (values) => each(values, pattern.capture, `a value that ${source} finds something in`)
}

function replacing({ replace, with: template }: { readonly replace: string; readonly with: string }, at: string): Step {
  const pattern = compilePattern(replace, `${at}.replace`)
  checkTemplate(template, pattern, `${at}.with`)
  return (values) => values.map((value) => pattern.replace(value, template)).filter(isFilled)
}

function prefixing(prefix: string): Step {
  return (values) => {
    spend(values.length * prefix.length)
    return values.map((value) => prefix + value)
  }
}

function lookingUp(transform: Extract<Transform, { lookup: unknown }>): Step {
  const table = new Map(Object.entries(transform.lookup).map(([key, value]) => [key, [value].flat()]))
  const otherwise = transform.otherwise === undefined ? undefined : [transform.otherwise]
  return (values) => {
    const found = values.map((value) => {
      const put = table.get(value) ?? otherwise
      spend(put?.length ?? 0)
      return put
    })
    return found.every((value) => value !== undefined) ? found.flat() : { wanted: 'a value of the lookup table' }
  }
}

/** Written anew in ISO 8601, in UTC. A moment that means never is left out. */
function readingDates({ date, timeZone }: Extract<Transform, { date: unknown }>, at: string): Step {
  checkTimeZone(timeZone, `${at}.timeZone`)
  return (values) => {
    const moments = values.map((value) => parseMoment(value, date, timeZone))
    if (moments.includes(undefined)) return { wanted: wantedMoments[date] }
    return moments.flatMap((moment) => (moment instanceof Date ? [moment.toISOString()] : []))
  }
}

/** Every value through one function; one that it gives nothing for makes all of them malformed. */
function each(
  values: readonly string[],
  change: (value: string) => string | undefined,
  wanted: string,
): readonly string[] | Malformed {
  const changed = values.map(change)
  return changed.every((value) => value !== undefined) ? changed.filter(isFilled) : { wanted }
}

function isFilled(value: string): boolean {
  return value.trim() !== ''
}
