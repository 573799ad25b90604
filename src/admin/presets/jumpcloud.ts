import type { Preset } from './preset.ts'

/** JumpCloud: a custom SAML application. See docs/guides/jumpcloud.md. */
export const jumpcloud: Preset = {
  id: 'jumpcloud',
  product: 'JumpCloud',
  settings: {},
  sends: [
    { attribute: 'username', becomes: 'uid', when: 'once set up' },
    { attribute: 'email', becomes: 'mail', when: 'once set up' },
    { attribute: 'firstName', becomes: 'givenName', when: 'once set up' },
    { attribute: 'lastName', becomes: 'sn', when: 'once set up' },
    { attribute: 'title', becomes: 'title', when: 'once set up' },
    { attribute: 'department', becomes: 'department', when: 'once set up' },
    { attribute: 'memberOf', becomes: 'groups', when: 'once set up' },
  ],
  nameId: 'The e-mail address, unless "SAMLSubject NameID" says another one.',
  signs: 'What the application says under "Sign": choose the assertion, and RSA-SHA256 as the algorithm.',
  requests: 'HTTP-Redirect or HTTP-POST. Requests need no signature.',
  oddities: [
    'Its entity ID is a text you choose there and often no address; it must be another one for each application.',
    '"Declare Redirect Endpoint" must be ticked before the metadata is exported, or it names only HTTP-POST. Both work.',
    'The metadata exists only after the application has been activated.',
    'Groups are sent only with "include group attribute" ticked, under the name that stands beside it.',
  ],
}
