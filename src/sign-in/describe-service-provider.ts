import type { Connection } from '../directory/connection.ts'
import { serviceAddresses } from '../directory/service-addresses.ts'
import { effectiveMapping } from '../provisioning/default-mapping.ts'
import type {
  RequestedAttribute,
  ServiceProviderMetadataOptions,
} from '../saml/metadata/write-service-provider-metadata.ts'

/** What identity providers may keep our metadata for before they read it again: a next key gets around in a day. */
const cacheSeconds = 4 * 3600

/** What our metadata says to the identity provider of this connection, keys left out. SAML Metadata 2.4.4. */
export function describeServiceProvider(connection: Connection, publicUrl: string): ServiceProviderMetadataOptions {
  const { settings, identityProvider } = connection
  const { entityId, acsUrl, logoutUrl } = serviceAddresses(connection, publicUrl)
  return {
    entityId,
    acsUrl,
    responseBinding: settings.responseBinding,
    logoutUrl,
    authnRequestsSigned: settings.signAuthnRequests ?? identityProvider.wantAuthnRequestsSigned,
    wantAssertionsSigned: settings.wantAssertionsSigned,
    nameIdFormats: settings.nameIdFormat === undefined ? [] : [settings.nameIdFormat],
    requestedAttributes: requestedAttributes(connection),
    cacheSeconds,
  }
}

/** Each thing we read, once: under its OID where it has one, else under the first name we look for. */
function requestedAttributes(connection: Connection): readonly RequestedAttribute[] {
  const { fields, roleAttributes, groupAttributes, expiryAttributes } = effectiveMapping(connection.settings)
  const { settings } = connection
  const { subjectKey } = settings
  const wanted: RequestedAttribute[] = [
    ...(subjectKey === 'nameId' ? [] : [{ name: subjectKey.attribute, isRequired: true }]),
    ...fields.flatMap(([field, rules]) =>
      rules.flatMap(({ attributes, required }) => (attributes ? [request(field, attributes, required)] : [])),
    ),
    ...[...(settings.groupRules ?? []), ...(settings.roleRules ?? [])].flatMap(({ name, attributes }) =>
      attributes ? [request(name, attributes, false)] : [],
    ),
    ...[roleAttributes, groupAttributes, expiryAttributes].flatMap((names) => {
      const [friendlyName] = names
      return friendlyName === undefined ? [] : [request(friendlyName, names, false)]
    }),
  ]
  return wanted.filter(({ name }, index) => wanted.findIndex((other) => other.name === name) === index)
}

function request(friendlyName: string, names: readonly string[], isRequired: boolean): RequestedAttribute {
  const name = names.find((one) => one.startsWith('urn:oid:')) ?? names[0] ?? friendlyName
  return { name, isRequired, ...(name === friendlyName ? {} : { friendlyName }) }
}
