import type { Preset } from './preset.ts'

/** The Shibboleth Identity Provider of universities. See docs/guides/shibboleth.md. */
export const shibboleth: Preset = {
  id: 'shibboleth',
  product: 'Shibboleth Identity Provider',
  settings: {
    subjectKey: { attribute: 'urn:oasis:names:tc:SAML:attribute:subject-id' },
    roleAttributes: ['urn:oid:1.3.6.1.4.1.5923.1.1.1.7'],
  },
  sends: [
    { attribute: 'urn:oasis:names:tc:SAML:attribute:subject-id', becomes: 'the subject key', when: 'once set up' },
    { attribute: 'urn:oid:1.3.6.1.4.1.5923.1.1.1.6', becomes: 'uid (eduPersonPrincipalName)', when: 'once set up' },
    { attribute: 'urn:oid:0.9.2342.19200300.100.1.3', becomes: 'mail', when: 'once set up' },
    { attribute: 'urn:oid:2.5.4.42', becomes: 'givenName', when: 'once set up' },
    { attribute: 'urn:oid:2.5.4.4', becomes: 'sn', when: 'once set up' },
    { attribute: 'urn:oid:2.16.840.1.113730.3.1.241', becomes: 'displayName', when: 'once set up' },
    { attribute: 'urn:oid:1.3.6.1.4.1.5923.1.1.1.7', becomes: 'roles (eduPersonEntitlement)', when: 'once set up' },
    { attribute: 'urn:oid:1.3.6.1.4.1.5923.1.5.1.1', becomes: 'groups (isMemberOf)', when: 'once set up' },
  ],
  nameId: 'Transient by default, another one at each sign-in: the preset identifies people by `subject-id`.',
  signs: 'The response, with RSA-SHA256.',
  requests: 'HTTP-Redirect or HTTP-POST. Requests need no signature.',
  oddities: [
    'It releases no attribute without a rule in `attribute-filter.xml` for our entity ID.',
    'It encrypts assertions by default and refuses services whose metadata names no key for that; ours does.',
    'It must have our metadata: a file under `metadata-providers.xml`, or our address there.',
    'Role names of ours are short words, entitlements are URIs: have a value such as `benefits-manager` released, or map groups to applications by policy.',
  ],
}
