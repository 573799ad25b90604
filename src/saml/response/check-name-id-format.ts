import { encryptedFormat, unspecifiedFormat } from '../names.ts'
import { refusal } from '../refusal.ts'
import type { TrustSettings } from '../trust-settings.ts'
import type { NameId } from '../verified-assertion.ts'

/**
 * The NameID has the format that our requests ask for. One that is absent is no matter of its format: who needs it refuses.
 * SAML Core 3.4.1.1. Throws `saml_name_id_format_mismatch`.
 */
export function checkNameIdFormat(nameId: NameId | undefined, { nameIdFormat }: TrustSettings): void {
  if (nameId === undefined || nameIdFormat === undefined) return
  if (nameIdFormat === unspecifiedFormat || nameIdFormat === encryptedFormat || nameId.format === nameIdFormat) return
  throw refusal('saml_name_id_format_mismatch', {
    check: 'NameID/Format',
    wanted: nameIdFormat,
    arrived: nameId.format,
    advice:
      'Choose this format for the NameID at the identity provider, or let this connection ask for another one, or for none.',
  })
}
