const prefix = 'urn:oasis:names:tc:SAML:2.0:status:'

/** There is no session at the identity provider, and the request allowed none to be begun. SAML Core 3.2.2.2. */
export const statusNoPassive = `${prefix}NoPassive`

/** What the administrator of the connection can do about a status. SAML Core 3.2.2.2. */
export const statusAdvice: ReadonlyMap<string, string> = new Map([
  [statusNoPassive, 'Begin the sign-in without `passive=1`.'],
  [
    `${prefix}NoAuthnContext`,
    'It cannot sign the person in as `requestedAuthnContext` asks: set that up there, or ask for another class here.',
  ],
  [
    `${prefix}InvalidNameIDPolicy`,
    'It has no NameID as `nameIdFormat` asks: set that format up there, or ask for another one, or for none.',
  ],
  [`${prefix}RequestDenied`, 'Its administrator can say why; often this service is not assigned to the person there.'],
  [
    `${prefix}RequestUnsupported`,
    'It does not support what our request asks for: `forceAuthn`, `requestedAuthnContext`.',
  ],
  [`${prefix}AuthnFailed`, 'The person did not sign in there, or gave up.'],
  [`${prefix}UnknownPrincipal`, 'It does not know the person, or must not name that person to us.'],
  [`${prefix}UnsupportedBinding`, 'Register our ACS address there for the binding HTTP-POST.'],
])
