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
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6])]
  // Date.UTC would carry over what does not fit, and move the years 0 to 99.
  if (year < 100 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const milliseconds = match[7] === undefined ? 0 : Number(match[7].slice(0, 3).padEnd(3, '0'))
  const local = Date.UTC(year, month - 1, day, hour, minute, second, milliseconds)
  if (match[8] === undefined) return new Date(local)
  const [offsetHours, offsetMinutes] = [Number(match[9]), Number(match[10])]
  if (offsetHours > 14 || offsetMinutes > 59) return undefined
  const offsetMinutesTotal = (offsetHours * 60 + offsetMinutes) * (match[8] === '-' ? -1 : 1)
  return new Date(local - offsetMinutesTotal * 60_000)
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function daysOf(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month === 2 && isLeap ? 29 : (monthDays[month - 1] ?? 0)
}

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
