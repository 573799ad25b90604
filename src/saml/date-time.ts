import { refusal } from './refusal.ts'
import { trimSpace } from './structure.ts'
import { attributeOf, type XmlElement } from './xml/element.ts'

const pattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,20}))?(?:Z|([+-])(\d\d):(\d\d))$/

/**
 * An `xs:dateTime` with its zone: SAML Core 1.3.3 wants UTC, an offset is understood. A time without zone, a day that no
 * calendar has, or a leap second gives undefined. Fractions below a millisecond are cut off.
 */
export function parseDateTime(text: string): Date | undefined {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as Six
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'))
  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second, milliseconds))
  // Date.UTC carries over what does not fit (30 February) and moves the years 0 to 99: read back, they differ.
  const unchanged =
    local.getUTCFullYear() === year &&
    local.getUTCMonth() === month - 1 &&
    local.getUTCDate() === day &&
    local.getUTCHours() === hour &&
    local.getUTCMinutes() === minute &&
    local.getUTCSeconds() === second
  if (!unchanged) return undefined
  const [offsetHours, offsetMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)]
  if (offsetHours > 14 || offsetMinutes > 59) return undefined
  const offsetMinutesTotal = (offsetHours * 60 + offsetMinutes) * (match[8] === '-' ? -1 : 1)
  return new Date(local.getTime() - offsetMinutesTotal * 60_000)
}

type Six = [number, number, number, number, number, number]

/** The time an attribute gives; undefined when the attribute is absent. Throws `saml_time_invalid`. */
export function timeOf(element: XmlElement, name: string): Date | undefined {
  const text = attributeOf(element, name)
  if (text === undefined) return undefined
  const time = parseDateTime(trimSpace(text))
  if (time === undefined) throw timeError(element, name, text)
  return time
}

/** Throws `saml_time_invalid` when the attribute is absent or no time. */
export function requiredTime(element: XmlElement, name: string): Date {
  const time = timeOf(element, name)
  if (time === undefined) throw timeError(element, name, undefined)
  return time
}

function timeError(element: XmlElement, name: string, arrived: string | undefined) {
  return refusal('saml_time_invalid', {
    check: `${element.localName}/${name}`,
    wanted: 'a time such as 2026-01-31T23:59:59Z',
    arrived,
  })
}
