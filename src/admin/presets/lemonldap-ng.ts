import type { Preset } from './preset.ts'

/** LemonLDAP::NG, whose SAML is the library Lasso. See docs/guides/lemonldap-ng.md. */
export const lemonldapNg: Preset = {
  id: 'lemonldap-ng',
  product: 'LemonLDAP::NG',
  settings: {
    subjectKey: { attribute: 'uid' },
  },
  sends: [
    { attribute: 'uid', becomes: 'uid', when: 'once set up' },
    { attribute: 'mail', becomes: 'mail', when: 'once set up' },
    { attribute: 'cn', becomes: 'cn', when: 'once set up' },
    { attribute: 'groups', becomes: 'groups', when: 'once set up' },
  ],
  nameId: 'The e-mail address unless told otherwise, which may change: the preset identifies people by `uid`.',
  signs: 'Response and assertion, with RSA-SHA256.',
  requests: 'HTTP-Redirect or HTTP-POST. Its metadata wants them signed, so we sign them.',
  oddities: [
    'It sends no attribute that is not listed with the service provider, and several values of one only where a list is kept with its own separator, as groups are.',
    'A key without a certificate (`New keys`) is refused as `metadata_certificate_missing`: use `New certificate`.',
    'Encryption is AES-128-CBC, accepted because the response around it is signed: leave `Sign SSO message` on or at its default.',
    'Signatures name a bare key (`KeyValue`). Nothing is read from there: the certificate of its metadata counts.',
    'Signing out there tells us in a frame, where no cookie of ours comes along: sessions are found by NameID and SessionIndex.',
    'It answers by artifact as it is; `responseBinding` of the connection is enough.',
    'Without a duration of its own an assertion lives for 20 hours, as its sessions do. Each is accepted once all the same.',
  ],
}
