import type { Preset } from './preset.ts'

/** SimpleSAMLphp as an identity provider. See docs/guides/simplesamlphp.md. */
export const simplesamlphp: Preset = {
  id: 'simplesamlphp',
  product: 'SimpleSAMLphp',
  settings: {
    nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  },
  sends: [
    { attribute: 'uid', becomes: 'uid', when: 'once set up' },
    { attribute: 'mail', becomes: 'mail', when: 'once set up' },
    { attribute: 'cn', becomes: 'cn', when: 'once set up' },
    { attribute: 'givenName', becomes: 'givenName', when: 'once set up' },
    { attribute: 'sn', becomes: 'sn', when: 'once set up' },
    { attribute: 'displayName', becomes: 'displayName', when: 'once set up' },
    { attribute: 'groups', becomes: 'groups', when: 'once set up' },
  ],
  nameId: 'As we ask: persistent, where the filter `saml:PersistentNameID` makes one.',
  signs: 'The response, with RSA-SHA256; the assertion too where `wantAssertionsSigned` asks for it in our metadata.',
  requests: 'HTTP-Redirect. With `validate.authnrequest` it wants them signed.',
  oddities: [
    'What is sent is what the authentication source calls the attributes, filtered by `attributes` in `saml20-sp-remote.php`.',
    'Without a filter for the NameID some versions send a hash, also under the format emailAddress, for people with no address or two.',
    'Encryption is AES-128-CBC inside a signed response unless `sharedkey_algorithm` says otherwise: set `http://www.w3.org/2009/xmlenc11#aes256-gcm`.',
    "By artifact (`'saml20.sendartifact' => true`, and a `store.type` that is not `phpsession`) it signs what is around the response and not the response: set `wantAssertionsSigned=true` together with `responseBinding=artifact`, and give it our metadata again.",
    'Responses by artifact (`saml20.sendartifact`, with a `store.type` that is not the session) it leaves unsigned: set `wantAssertionsSigned` beside `responseBinding`, and have it read our metadata again.',
    'Logout messages are unsigned unless `sign.logout` is on; we refuse those. `validate.logout` makes it verify ours.',
  ],
}
