import type { DateFormat } from '../directory/mapping-settings.ts'
import { localToInstant } from './time-zone.ts'

/** How each format is written, for refusals. */
export const wantedMoments: Readonly<Record<DateFormat, string>> = {
  'iso-8601': 'ISO 8601 date and time with a time zone, like 2027-01-31T18:00:00Z',
  'epoch-seconds': 'seconds since 1970, like 1801418400',
  'epoch-milliseconds': 'milliseconds since 1970, like 1801418400000',
  'ldap-generalized-time': 'LDAP generalized time, like 20270131180000Z',
  'ad-file-time': 'Active Directory file time: 100 nanoseconds since 1601, like 134458920000000000',
}

/**
 * Reads a moment in the declared format and no other; `undefined` for what is not one, or is outside of the years 1 to 9999. A moment
 * without a zone is read in the declared zone, and is none without one. `never`: file time 0 or the greatest there is.
 */
export function parseMoment(text: string, format: DateFormat, zone?: string): Date | 'never' | undefined {
  const written = text.trim()
  switch (format) {
    case 'iso-8601':
      return parseParts(isoShape.exec(written), zone)
    case 'ldap-generalized-time':
      return parseParts(generalizedShape.exec(written), zone)
    case 'epoch-seconds':
      return /^\d{1,12}$/.test(written) ? ofMilliseconds(Number(written) * 1000) : undefined
    case 'epoch-milliseconds':
      return /^\d{1,15}$/.test(written) ? ofMilliseconds(Number(written)) : undefined
    case 'ad-file-time':
      return /^\d{1,19}$/.test(written) ? ofFileTime(BigInt(written)) : undefined
  }
}

const isoShape = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?$/
/** RFC 4517 3.3.13, without fractions of hours and minutes. */
const generalizedShape =
  /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?(?:(?<=\d{12})(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?:\d\d)?)?$/

const earliest = Date.parse('0001-01-01T00:00:00Z')
const latest = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
const noFileTime = 0n
const greatestFileTime = 0x7fffffffffffffffn
/** Between the epochs of 1601 and 1970. */
const fileTimeShiftMs = 11_644_473_600_000n

function ofFileTime(ticks: bigint): Date | 'never' | undefined {
  if (ticks === noFileTime || ticks === greatestFileTime) return 'never'
  return ofMilliseconds(Number(ticks / 10_000n - fileTimeShiftMs))
}

function ofMilliseconds(milliseconds: number): Date | undefined {
  return milliseconds <= latest ? new Date(milliseconds) : undefined
}

function parseParts(parts: RegExpExecArray | null, declaredZone: string | undefined): Date | undefined {
  if (parts === null) return undefined
  const [, year, month, day, hour, minute = '00', second = '00', fraction = '', zone] = parts
  const milliseconds = fraction.padEnd(3, '0').slice(0, 3)
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`
  const asUtc = new Date(local)
  // Date rolls 30 February over into March, so the text must come back as it went in.
  if (Number.isNaN(asUtc.getTime()) || asUtc.toISOString() !== local) return undefined
  const instant = zone === undefined ? localToInstant(asUtc, declaredZone) : withOffset(asUtc, zone)
  return instant !== undefined && instant.getTime() >= earliest && instant.getTime() <= latest ? instant : undefined
}

function withOffset(asUtc: Date, zone: string): Date | undefined {
  const offset = offsetMinutes(zone)
  return offset === undefined ? undefined : new Date(asUtc.getTime() - offset * 60_000)
}

function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(3).replace(':', '') || '0')
  if (hours > 23 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}
