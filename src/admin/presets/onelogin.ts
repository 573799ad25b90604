import type { Preset } from './preset.ts'

/** OneLogin: the SAML Custom Connector (Advanced). See docs/guides/onelogin.md. */
export const onelogin: Preset = {
  id: 'onelogin',
  product: 'OneLogin',
  settings: {},
  sends: [
    { attribute: 'username', becomes: 'uid', when: 'once set up' },
    { attribute: 'email', becomes: 'mail', when: 'once set up' },
    { attribute: 'firstName', becomes: 'givenName', when: 'once set up' },
    { attribute: 'lastName', becomes: 'sn', when: 'once set up' },
    { attribute: 'title', becomes: 'title', when: 'once set up' },
    { attribute: 'roles', becomes: 'roles', when: 'once set up' },
    { attribute: 'groups', becomes: 'groups', when: 'once set up' },
  ],
  nameId:
    'The e-mail address, unless the parameter "NameID value" says another one; the format stands under "SAML nameID format".',
  signs: 'What "SAML signature element" says: response, assertion or both.',
  requests: 'HTTP-Redirect or HTTP-POST. Requests need no signature.',
  oddities: [
    '"SAML Signature Algorithm" on the tab SSO may still be SHA-1: choose SHA-256, or sign-ins are refused with `saml_signature_algorithm_not_allowed`.',
    'Parameters are sent only with "Include in SAML assertion" ticked; those with several values need "Multi-value parameter" and "Semicolon Delimited Input (Multi-value output)".',
    'The "ACS (Consumer) URL Validator" is a regular expression: escape dots and slashes, begin with `^` and end with `$`.',
    'Its older test connector names attributes `User.email`, `User.FirstName`, `User.LastName` and `memberOf`: use the connector above.',
  ],
}
