// Writes messages that are canonical as they stand (exclusive C14N), so that no canonicalizer takes part in signing them.

export const idp = 'https://idp.example/metadata'
export const sp = 'https://sp.example/metadata'
export const acs = 'https://sp.example/acs'
export const now = '2026-06-01T12:00:00Z'

export const protocol = 'urn:oasis:names:tc:SAML:2.0:protocol'
export const saml = 'urn:oasis:names:tc:SAML:2.0:assertion'
const success = 'urn:oasis:names:tc:SAML:2.0:status:Success'
export const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'

const attr = (name, value) => (value === undefined ? '' : ` ${name}="${value}"`)

export function confirmation(options = {}) {
  const { method = bearer, recipient = acs, notBefore, notOnOrAfter = '2026-06-01T12:05:00Z' } = options
  const inResponseTo = 'inResponseTo' in options ? options.inResponseTo : '_request1'
  const data = `<saml:SubjectConfirmationData${attr('InResponseTo', inResponseTo)}${attr('NotBefore', notBefore)}${attr('NotOnOrAfter', notOnOrAfter ?? undefined)}${attr('Recipient', recipient ?? undefined)}></saml:SubjectConfirmationData>`
  return `<saml:SubjectConfirmation Method="${method}">${options.noData ? '' : data}</saml:SubjectConfirmation>`
}

export const nameId = (value = 'ada@idp.example') =>
  `<saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">${value}</saml:NameID>`

export const subject = (inside = nameId() + confirmation()) => `<saml:Subject>${inside}</saml:Subject>`

export const audiences = (...values) =>
  `<saml:AudienceRestriction>${values.map((value) => `<saml:Audience>${value}</saml:Audience>`).join('')}</saml:AudienceRestriction>`

export function conditions(options = {}) {
  const { notBefore = '2026-06-01T11:55:00Z', notOnOrAfter = '2026-06-01T12:05:00Z', inside = audiences(sp) } = options
  return `<saml:Conditions${attr('NotBefore', notBefore)}${attr('NotOnOrAfter', notOnOrAfter)}>${inside}</saml:Conditions>`
}

export function authnStatement(options = {}) {
  const { authnInstant = '2026-06-01T11:59:00Z', sessionIndex = '_session1', sessionNotOnOrAfter } = options
  return `<saml:AuthnStatement${attr('AuthnInstant', authnInstant)}${attr('SessionIndex', sessionIndex)}${attr('SessionNotOnOrAfter', sessionNotOnOrAfter)}><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`
}

export const attribute = (name, ...values) =>
  `<saml:Attribute Name="${name}">${values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join('')}</saml:Attribute>`

export const attributeStatement = (inside = attribute('uid', 'ada') + attribute('groups', 'staff', 'admins')) =>
  `<saml:AttributeStatement>${inside}</saml:AttributeStatement>`

/** An assertion that declares what it uses; parts are replaced by naming them, `null` leaves one out. */
export function assertion(options = {}) {
  const {
    id = '_assertion1',
    version = '2.0',
    issuer = idp,
    issuerAttributes = '',
    extra = '',
    declarations = '',
  } = options
  const { issueInstant = '2026-06-01T12:00:00Z' } = options
  const part = (name, standard) => (options[name] === null ? '' : (options[name] ?? standard()))
  return `<saml:Assertion xmlns:saml="${saml}"${declarations}${attr('ID', id)}${attr('IssueInstant', issueInstant)}${attr('Version', version)}><saml:Issuer${issuerAttributes}>${issuer}</saml:Issuer>${part('subject', subject)}${part('conditions', conditions)}${part('authn', authnStatement)}${part('attributes', attributeStatement)}${extra}</saml:Assertion>`
}

export const status = (inside = `<samlp:StatusCode Value="${success}"></samlp:StatusCode>`) =>
  `<samlp:Status>${inside}</samlp:Status>`

/** A Response around the given content (assertions, as text). */
export function response(content, options = {}) {
  const {
    id = '_response1',
    version = '2.0',
    issuer = idp,
    statusPart = status(),
    extensions = '',
    declarations = '',
  } = options
  const destination = 'destination' in options ? options.destination : acs
  const inResponseTo = 'inResponseTo' in options ? options.inResponseTo : '_request1'
  const issuerPart = issuer === null ? '' : `<saml:Issuer xmlns:saml="${saml}">${issuer}</saml:Issuer>`
  return `<samlp:Response${declarations} xmlns:samlp="${protocol}"${attr('Destination', destination)}${attr('ID', id)}${attr('InResponseTo', inResponseTo)} IssueInstant="2026-06-01T12:00:00Z"${attr('Version', version)}>${issuerPart}${extensions}${statusPart}${content}</samlp:Response>`
}
