import { claims, microsoftClaims } from '../../provisioning/claim-names.ts'
import type { Preset } from './preset.ts'

/** Microsoft Entra ID (once Azure AD): an enterprise application with SAML sign-on. See docs/guides/entra-id.md. */
export const entraId: Preset = {
  id: 'entra-id',
  product: 'Microsoft Entra ID',
  settings: {
    subjectKey: { attribute: 'http://schemas.microsoft.com/identity/claims/objectidentifier' },
    attributeMapping: {
      uid: { attributes: [`${claims}/name`] },
      cn: { attributes: ['http://schemas.microsoft.com/identity/claims/displayname'] },
    },
  },
  sends: [
    {
      attribute: 'http://schemas.microsoft.com/identity/claims/objectidentifier',
      becomes: 'the subject key',
      when: 'by default',
    },
    { attribute: `${claims}/name`, becomes: 'uid (the user principal name)', when: 'by default' },
    { attribute: `${claims}/emailaddress`, becomes: 'mail', when: 'by default' },
    { attribute: `${claims}/givenname`, becomes: 'givenName', when: 'by default' },
    { attribute: `${claims}/surname`, becomes: 'sn', when: 'by default' },
    {
      attribute: 'http://schemas.microsoft.com/identity/claims/displayname',
      becomes: 'cn and displayName',
      when: 'by default',
    },
    {
      attribute: `${microsoftClaims}/groups`,
      becomes: 'groups, as object IDs unless another source is chosen',
      when: 'once set up',
    },
    {
      attribute: 'http://schemas.microsoft.com/claims/groups.link',
      becomes: 'says that there are too many groups to send: the groups are then unknown, not none',
      when: 'in place of the groups',
    },
    { attribute: `${microsoftClaims}/role`, becomes: 'roles: values of app roles', when: 'once set up' },
  ],
  nameId:
    'The user principal name, in the format emailAddress. It changes when a person is renamed, so the preset identifies people by their object ID.',
  signs: 'The assertion, with RSA-SHA256; the option "Sign SAML response and assertion" signs both.',
  requests: 'HTTP-Redirect. Our signature is ignored unless "Verification certificates" are required there.',
  oddities: [
    'With more than 150 groups it sends `groups.link` in place of them. What a person held then stays, and nothing is added. Limit the claim to the groups assigned to the application.',
    'Each application has a signing certificate of its own: take the App Federation Metadata Url of the application, which ends in `?appid=…`, and not that of the tenant.',
    'When it has signed the person in by another method than `requestedAuthnContext` asks for, it shows AADSTS75011 on its own page and sends nothing.',
    'The claim `name` is the user principal name, not the name of the person.',
  ],
}
