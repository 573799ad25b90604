import { claims } from '../../provisioning/claim-names.ts'
import type { Preset } from './preset.ts'

/** Auth0: the addon SAML2 Web App of an application. See docs/guides/auth0.md. */
export const auth0: Preset = {
  id: 'auth0',
  product: 'Auth0',
  settings: {
    attributeMapping: {
      uid: { attributes: [`${claims}/name`] },
      cn: { attributes: [`${claims}/name`] },
      displayName: { attributes: [`${claims}/name`] },
    },
  },
  sends: [
    { attribute: `${claims}/name`, becomes: 'uid, cn and displayName', when: 'by default' },
    { attribute: `${claims}/emailaddress`, becomes: 'mail', when: 'by default' },
    { attribute: `${claims}/givenname`, becomes: 'givenName, when the profile has one', when: 'by default' },
    { attribute: `${claims}/surname`, becomes: 'sn, when the profile has one', when: 'by default' },
    { attribute: 'roles', becomes: 'roles', when: 'once set up' },
    { attribute: 'groups', becomes: 'groups', when: 'once set up' },
  ],
  nameId: 'The user id (`auth0|…`), in the format unspecified.',
  signs: "The assertion, or with `signResponse` the response; with SHA-256 when the addon's settings say so.",
  requests: 'HTTP-Redirect or HTTP-POST. Wanted signed when `signingCert` is set in the addon.',
  oddities: [
    'Older addons sign with SHA-1: write `"signatureAlgorithm": "rsa-sha256", "digestAlgorithm": "sha256"`, or sign-ins are refused with `saml_signature_algorithm_not_allowed`.',
    "Without `audience` in the addon's settings the audience is not ours: `saml_audience_mismatch`.",
    "Roles and groups are sent only by an Action after login: `api.samlResponse.setAttribute('roles', event.authorization.roles)`.",
    'The claim `name` is the e-mail address for people who signed up with a password.',
  ],
}
