/** Namespaces and identifiers of the specifications, as they stand on the wire. */

export const protocolNamespace = 'urn:oasis:names:tc:SAML:2.0:protocol'
export const assertionNamespace = 'urn:oasis:names:tc:SAML:2.0:assertion'
export const signatureNamespace = 'http://www.w3.org/2000/09/xmldsig#'
export const encryptionNamespace = 'http://www.w3.org/2001/04/xmlenc#'
export const encryption11Namespace = 'http://www.w3.org/2009/xmlenc11#'
export const exclusiveC14nNamespace = 'http://www.w3.org/2001/10/xml-exc-c14n#'
/** SOAP 1.1. */
export const soapNamespace = 'http://schemas.xmlsoap.org/soap/envelope/'
export const schemaInstanceNamespace = 'http://www.w3.org/2001/XMLSchema-instance'

/** Those that messages use most. */
export const wellKnownNamespaces: readonly string[] = [
  protocolNamespace,
  assertionNamespace,
  signatureNamespace,
  encryptionNamespace,
  exclusiveC14nNamespace,
  schemaInstanceNamespace,
  'http://www.w3.org/2001/XMLSchema',
]

/** SAML Core 3.2.2.2. */
export const statusSuccess = 'urn:oasis:names:tc:SAML:2.0:status:Success'
export const statusRequester = 'urn:oasis:names:tc:SAML:2.0:status:Requester'
export const statusPartialLogout = 'urn:oasis:names:tc:SAML:2.0:status:PartialLogout'
export const statusUnknownPrincipal = 'urn:oasis:names:tc:SAML:2.0:status:UnknownPrincipal'
/** SAML Profiles 3.3. */
export const bearerMethod = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'
/** SAML Core 8.3. */
export const entityFormat = 'urn:oasis:names:tc:SAML:2.0:nameid-format:entity'
/** Asks for an encrypted NameID, of whatever format inside. */
export const encryptedFormat = 'urn:oasis:names:tc:SAML:2.0:nameid-format:encrypted'
export const unspecifiedFormat = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified'
