import { claims, microsoftClaims } from '../../provisioning/claim-names.ts'
import type { Preset } from './preset.ts'

/** Active Directory Federation Services: a relying party trust. See docs/guides/ad-fs.md. */
export const adFs: Preset = {
  id: 'ad-fs',
  product: 'AD FS',
  settings: {
    attributeMapping: {
      displayName: { attributes: [`${claims}/name`] },
    },
  },
  sends: [
    { attribute: `${claims}/upn`, becomes: 'uid', when: 'once set up' },
    { attribute: `${claims}/emailaddress`, becomes: 'mail', when: 'once set up' },
    { attribute: `${claims}/givenname`, becomes: 'givenName', when: 'once set up' },
    { attribute: `${claims}/surname`, becomes: 'sn', when: 'once set up' },
    { attribute: `${claims}/name`, becomes: 'cn and displayName', when: 'once set up' },
    { attribute: 'http://schemas.xmlsoap.org/claims/Group', becomes: 'groups', when: 'once set up' },
    { attribute: `${microsoftClaims}/role`, becomes: 'roles', when: 'once set up' },
  ],
  nameId: 'None, until a claim rule makes one. Without it: `subject_key_missing`.',
  signs: 'The assertion, with RSA-SHA256 unless the trust says SHA-1 (tab "Advanced", Secure hash algorithm).',
  requests:
    'HTTP-Redirect or HTTP-POST. It checks our signature when it knows our certificate and `SignedSamlRequestsRequired` is set.',
  oddities: [
    'It encrypts assertions as soon as it has imported our metadata, which names a key for that, and by AES-CBC, which is accepted only in a signed Response: `Set-AdfsRelyingPartyTrust -TargetName NAME -SamlResponseSignature MessageAndAssertion` signs it, `-EncryptClaims $false` leaves encryption out. Until then: `saml_encryption_algorithm_not_allowed`.',
    'It accepts only https addresses of ours.',
    'Its certificates roll over by themselves every year: give the metadata as an address, which is then fetched again by itself; a file has to be imported again in time.',
    'Errors appear on a page of its own with an activity ID; the reason stands in its event log only.',
  ],
}
