import type { Preset } from './preset.ts'

/** Okta: an app integration of the kind SAML 2.0. See docs/guides/okta.md. */
export const okta: Preset = {
  id: 'okta',
  product: 'Okta',
  settings: {
    attributeMapping: {
      uid: { attributes: ['login'] },
    },
  },
  sends: [
    { attribute: 'login', becomes: 'uid', when: 'once set up' },
    { attribute: 'email', becomes: 'mail', when: 'once set up' },
    { attribute: 'firstName', becomes: 'givenName', when: 'once set up' },
    { attribute: 'lastName', becomes: 'sn', when: 'once set up' },
    { attribute: 'displayName', becomes: 'displayName', when: 'once set up' },
    { attribute: 'title', becomes: 'title', when: 'once set up' },
    { attribute: 'groups', becomes: 'groups', when: 'once set up' },
  ],
  nameId: 'The application user name, by default the Okta user name, in the format that "Name ID format" says.',
  signs: 'Response and assertion, with RSA-SHA256; "Advanced Settings" has a switch for each.',
  requests:
    'HTTP-Redirect or HTTP-POST. It checks our signature only when "Signed Requests" is switched on and our certificate is uploaded.',
  oddities: [
    'It sends no attribute that is not written down under "Attribute Statements".',
    'Groups come only under "Group Attribute Statements" and only those that the filter lets through: the filter `.*` as a regular expression sends all.',
    "Another application user name, or a change of a person's Okta user name, is another NameID: the person then meets `account_conflict`.",
    'A tile on the dashboard begins the sign-in there: it needs `allowIdpInitiated`.',
  ],
}
