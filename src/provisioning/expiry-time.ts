import { LatchkeyError } from '../errors.ts'
import { shorten } from './check-values.ts'

const shape = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)$/

/**
 * Reads when an account ends: ISO 8601 in the extended format, date and time with a time zone, fractions of a second
 * allowed (kept to the millisecond). A date without a time zone names a different moment for everyone who reads it, so
 * it is refused. Throws `attribute_invalid`.
 */
export function parseExpiryTime(text: string, attribute: string): Date {
  const date = read(text.trim())
  if (date !== undefined) return date
  throw new LatchkeyError('attribute_invalid', {
    check: 'account expiry time',
    wanted: 'ISO 8601 date and time with a time zone, like 2027-01-31T18:00:00Z',
    arrived: shorten(text, 64),
    at: attribute,
    advice: 'Send the moment with its time zone: Z for UTC, or an offset like +01:00.',
  })
}

function read(text: string): Date | undefined {
  const parts = shape.exec(text)
  if (parts === null) return undefined
  const [, year, month, day, hour, minute, second = '00', fraction = '', zone = ''] = parts
  const milliseconds = fraction.padEnd(3, '0').slice(0, 3)
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`
  const offset = offsetMinutes(zone)
  const asUtc = new Date(local)
  // Date rolls 30 February over into March, so the text must come back as it went in.
  if (offset === undefined || Number.isNaN(asUtc.getTime()) || asUtc.toISOString() !== local) return undefined
  const date = new Date(asUtc.getTime() - offset * 60_000)
  return date.toISOString().length === local.length ? date : undefined
}

function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(3).replace(':', '') || '0')
  if (hours > 23 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}
