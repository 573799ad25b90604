import type { Preset } from './preset.ts'

/** Keycloak: a client of the kind SAML in a realm. See docs/guides/keycloak.md. */
export const keycloak: Preset = {
  id: 'keycloak',
  product: 'Keycloak',
  settings: {
    nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  },
  sends: [
    { attribute: 'username', becomes: 'uid', when: 'once set up' },
    { attribute: 'email', becomes: 'mail', when: 'once set up' },
    { attribute: 'firstName', becomes: 'givenName', when: 'once set up' },
    { attribute: 'lastName', becomes: 'sn', when: 'once set up' },
    { attribute: 'Role', becomes: 'roles', when: 'by default' },
    { attribute: 'groups', becomes: 'groups', when: 'once set up' },
  ],
  nameId: 'As we ask: persistent, one for each client, unless "Force name ID format" says another one.',
  signs: 'The response ("Sign documents"), with RSA-SHA256; the assertion too with "Sign assertions".',
  requests:
    'HTTP-Redirect or HTTP-POST. With "Client signature required" it wants them signed; its metadata says so, and then we sign.',
  oddities: [
    'The default client scope `role_list` sends all roles of the person, also technical ones such as `offline_access` and `default-roles-…`: only those in `grantableRoles` are granted.',
    'The group mapper is called `member` and sends whole paths (`/staff`) unless it is renamed and "Full group path" is switched off.',
    'Mappers that are added from the list of built-in ones send the same under OIDs (`urn:oid:…`): those are read, too.',
    '`Invalid requester` on a page of Keycloak: "Client signature required" is on and our certificate is not the one there: import our metadata again.',
    'A realm that has a second active key signs with the newest. Its metadata lists it, and is fetched again when a signature matches no known key; a file has to be imported again.',
  ],
}
