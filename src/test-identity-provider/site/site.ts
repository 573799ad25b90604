import { LatchkeyError } from '../../errors.ts'
import type { KnownServiceProvider, TestIdentityProvider } from '../identity-provider.ts'
import type { ProviderState } from '../state.ts'

/** A service provider that people may be sent to. */
export interface ServiceProviderLink extends KnownServiceProvider {
  /** What the link on the start page says. */
  readonly name: string
  readonly description?: string | undefined
  /** Where logout messages go; absent: it is never asked. */
  readonly logoutUrl?: string | undefined
  /** Sent along when the sign-in begins here. */
  readonly relayState?: string | undefined
  /** Base64 of the DER form; verifies signed requests. */
  readonly certificate?: string | undefined
  /** Base64 of the DER form; without it nothing is encrypted. */
  readonly encryptionCertificate?: string | undefined
}

/** What the pages work with. */
export interface Site {
  readonly name: string
  readonly provider: TestIdentityProvider
  readonly state: ProviderState
  readonly serviceProviders: () => readonly ServiceProviderLink[]
  /** Refuses requests that are not signed. */
  readonly wantAuthnRequestsSigned: boolean
  readonly now: () => Date
}

/** Throws `request_invalid` when nobody told this identity provider about the service provider. */
export function findServiceProvider(site: Site, entityId: string): ServiceProviderLink {
  const known = site.serviceProviders()
  const found = known.find((one) => one.entityId === entityId)
  if (found !== undefined) return found
  throw new LatchkeyError('request_invalid', {
    check: 'Issuer',
    wanted: known.map((one) => one.entityId).join(', '),
    arrived: entityId.slice(0, 500),
  })
}
