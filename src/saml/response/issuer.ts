import { entityFormat, unspecifiedFormat } from '../names.ts'
import { refusal } from '../refusal.ts'
import { plainText } from '../structure.ts'
import type { TrustSettings } from '../trust-settings.ts'
import { attributeOf, type XmlElement } from '../xml/element.ts'

/** SAML Core 2.2.5. */
export interface Issuer {
  readonly value: string
  readonly format: string | undefined
}

export function readIssuer(issuer: XmlElement): Issuer {
  return { value: plainText(issuer), format: attributeOf(issuer, 'Format') }
}

/**
 * The issuer is the connection's identity provider. SAML Profiles 4.1.4.2 wants no Format, or that of an entity ID; one that is
 * unspecified says no more than none. Throws `saml_issuer_mismatch`.
 */
export function checkIssuer(of: string, issuer: Issuer, trust: Pick<TrustSettings, 'identityProviderEntityId'>): void {
  const check = `${of}/Issuer`
  if (issuer.value !== trust.identityProviderEntityId) {
    throw refusal('saml_issuer_mismatch', { check, wanted: trust.identityProviderEntityId, arrived: issuer.value })
  }
  const { format = entityFormat } = issuer
  if (format === entityFormat || format === unspecifiedFormat) return
  throw refusal('saml_issuer_mismatch', { check: `${check}/Format`, wanted: entityFormat, arrived: format })
}
