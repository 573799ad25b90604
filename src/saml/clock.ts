import { types } from 'node:util'
import { LatchkeyError } from '../errors.ts'
import type { TrustSettings } from './trust-settings.ts'

export const defaultClockSkewSeconds = 60
/** More would accept what has long ended; also how long after its end an assertion's ID is remembered. */
export const maxClockSkewSeconds = 300

/**
 * Now, and how far the identity provider's clock may be from ours. Both edges are exact: a thing that ends at 12:00:00 is
 * accepted with a skew of 60 until 12:00:59.999, one that begins at 12:00:00 from 11:59:00.000 on.
 */
export interface Clock {
  readonly now: Date
  readonly skewSeconds: number
}

/** Throws `configuration_invalid` for a skew outside 0 to 300, or no time. */
export function clockOf(trust: Pick<TrustSettings, 'clockSkewSeconds'>, now: Date): Clock {
  const { clockSkewSeconds: skewSeconds = defaultClockSkewSeconds } = trust
  if (!isTime(now)) throw invalid('now', 'a time', 'no valid date')
  if (!(skewSeconds >= 0 && skewSeconds <= maxClockSkewSeconds)) {
    throw invalid('clockSkewSeconds', `0 to ${maxClockSkewSeconds}`, String(skewSeconds))
  }
  return { now, skewSeconds }
}

/** Whatever its type says. */
export function isTime(now: Date): boolean {
  return types.isDate(now) && !Number.isNaN(now.getTime())
}

export function hasBegun(notBefore: Date, { now, skewSeconds }: Clock): boolean {
  return now.getTime() + skewSeconds * 1000 >= notBefore.getTime()
}

export function hasEnded(notOnOrAfter: Date, { now, skewSeconds }: Clock): boolean {
  return now.getTime() - skewSeconds * 1000 >= notOnOrAfter.getTime()
}

/** For the detail of a refusal: `2026-01-31T23:59:59.000Z by our clock, which may differ by 60 s`. */
export function describeClock({ now, skewSeconds }: Clock): string {
  return `${now.toISOString()} by our clock, which may differ by ${skewSeconds} s`
}

function invalid(check: string, wanted: string, arrived: string) {
  return new LatchkeyError('configuration_invalid', { check, wanted, arrived })
}
