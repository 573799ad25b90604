import { type Clock, describeClock, hasBegun, hasEnded } from '../clock.ts'
import { refusal } from '../refusal.ts'
import type { TrustSettings } from '../trust-settings.ts'
import type { Conditions } from './read-assertion.ts'

/**
 * SAML Core 2.5.1. Throws `saml_condition_unknown`, `saml_audience_missing`, `saml_audience_mismatch`,
 * `saml_not_yet_valid`, `saml_expired`.
 */
export function checkConditions(conditions: Conditions, trust: TrustSettings, clock: Clock): void {
  const [unknown] = conditions.unknown
  if (unknown !== undefined) {
    const wanted = 'AudienceRestriction, OneTimeUse or ProxyRestriction'
    throw refusal('saml_condition_unknown', { check: 'Conditions', wanted, arrived: unknown })
  }
  checkAudience(conditions.audienceRestrictions, trust.serviceProviderEntityId)
  checkNotBefore('Conditions', conditions.notBefore, clock)
  checkNotOnOrAfter('Conditions', conditions.notOnOrAfter, clock)
}

/** Every restriction must name us, and there must be one: SAML Core 2.5.1.4, SAML Profiles 4.1.4.2. */
function checkAudience(restrictions: Conditions['audienceRestrictions'], wanted: string): void {
  if (restrictions.length === 0) {
    throw refusal('saml_audience_missing', { check: 'Conditions/AudienceRestriction', wanted })
  }
  for (const audiences of restrictions) {
    if (audiences.includes(wanted)) continue
    throw refusal('saml_audience_mismatch', { check: 'Audience', wanted, arrived: audiences.join(' ') })
  }
}

/** Throws `saml_not_yet_valid`. */
export function checkNotBefore(of: string, notBefore: Date | undefined, clock: Clock): void {
  if (notBefore === undefined || hasBegun(notBefore, clock)) return
  throw refusal('saml_not_yet_valid', {
    check: `${of}/NotBefore`,
    wanted: `a time not after ${describeClock(clock)}`,
    arrived: notBefore.toISOString(),
    advice: 'Both clocks must be set by a time server.',
  })
}

/** Throws `saml_expired`. */
export function checkNotOnOrAfter(of: string, notOnOrAfter: Date | undefined, clock: Clock): void {
  if (notOnOrAfter === undefined || !hasEnded(notOnOrAfter, clock)) return
  throw refusal('saml_expired', {
    check: `${of}/NotOnOrAfter`,
    wanted: `a time after ${describeClock(clock)}`,
    arrived: notOnOrAfter.toISOString(),
    advice: 'Both clocks must be set by a time server.',
  })
}
