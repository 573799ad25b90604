import type { Preset } from './preset.ts'

/** PingFederate: an SP connection with the Browser SSO profile. See docs/guides/pingfederate.md. */
export const pingfederate: Preset = {
  id: 'pingfederate',
  product: 'PingFederate',
  settings: {},
  sends: [
    { attribute: 'uid', becomes: 'uid', when: 'once set up' },
    { attribute: 'mail', becomes: 'mail', when: 'once set up' },
    { attribute: 'givenName', becomes: 'givenName', when: 'once set up' },
    { attribute: 'sn', becomes: 'sn', when: 'once set up' },
    { attribute: 'displayName', becomes: 'displayName', when: 'once set up' },
    { attribute: 'groups', becomes: 'groups', when: 'once set up' },
  ],
  nameId:
    'The attribute `SAML_SUBJECT` of the contract, in the format chosen under "Identity Mapping". Choose Standard, never Transient.',
  signs: 'What the connection says under "Signature Policy"; choose to sign the assertion always.',
  requests: 'HTTP-Redirect or HTTP-POST. Wanted signed when the signature policy requires it.',
  oddities: [
    'It sends only `SAML_SUBJECT` until the attribute contract is extended.',
    'An attribute of the contract without a value in the mapping is sent empty: that counts as not sent.',
    'A new signing certificate must be activated in the connection. Export the metadata and import it again then: a file is not refreshed by itself.',
  ],
}
