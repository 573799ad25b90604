import type { DateFormat } from '../directory/mapping-settings.ts'
import { LatchkeyError } from '../errors.ts'
import { parseMoment, wantedMoments } from '../mapping/moments.ts'
import { shorten } from './check-values.ts'
import type { ReceivedAttributes } from './received-attributes.ts'

/** Where the end of an account is read, and how it is written there. */
export interface ExpiryMapping {
  readonly attributes: readonly string[]
  readonly format: DateFormat
  /** Of moments that say none. */
  readonly timeZone: string | undefined
}

/**
 * When the account ends, from the first of the attributes that arrives with a value; `never` takes an end away. Nobody
 * guesses: a moment in another format than the declared one, or without a time zone where none is declared, would name a
 * different moment for everyone who reads it. Throws `attribute_invalid`.
 */
export function mapExpiry(mapping: ExpiryMapping, received: ReceivedAttributes): Date | 'never' | undefined {
  const attribute = mapping.attributes.find((name) => received.valuesOf(name).length > 0)
  if (attribute === undefined) return undefined
  const [first = '', ...others] = new Set(received.valuesOf(attribute))
  if (others.length > 0) throw invalid(attribute, 'one moment', `${others.length + 1} different values`)
  const moment = parseMoment(first, mapping.format, mapping.timeZone)
  if (moment !== undefined && !isMisread(moment, mapping.format)) return moment
  const advice =
    mapping.format === 'iso-8601'
      ? 'Send the moment with its time zone: Z for UTC, or an offset like +01:00; or set expiryTimeZone.'
      : 'Send it so, or set expiryFormat to what is sent.'
  throw invalid(attribute, wantedMoments[mapping.format], shorten(first, 64), advice)
}

const numbers: readonly DateFormat[] = ['epoch-seconds', 'epoch-milliseconds', 'ad-file-time']
const oldest = Date.UTC(1973, 2, 3, 9, 46, 40)

/**
 * No account's end is that long ago: a number so small counts something else, as seconds do where milliseconds are declared.
 * See docs/decisions/0285.
 */
function isMisread(moment: Date | 'never', format: DateFormat): boolean {
  return moment !== 'never' && numbers.includes(format) && moment.getTime() < oldest
}

function invalid(at: string, wanted: string, arrived: string, advice?: string): LatchkeyError {
  return new LatchkeyError('attribute_invalid', {
    check: 'account expiry time',
    wanted,
    arrived,
    at,
    ...(advice === undefined ? {} : { advice }),
  })
}
