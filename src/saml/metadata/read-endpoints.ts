import { attributeOf, childrenNamed, type XmlElement } from '../xml/element.ts'
import type { SingleSignOnEndpoint } from './identity-provider-metadata.ts'
import { type MetadataDocument, metadataNamespace } from './metadata-document.ts'

const bindings: Readonly<Record<string, SingleSignOnEndpoint['binding']>> = {
  'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect': 'redirect',
  'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST': 'post',
}

/**
 * The SingleSignOnService endpoints we can use; those with other bindings are passed over. SAML Metadata 2.2.2, 2.4.3.
 * Throws `metadata_endpoint_missing`, `metadata_endpoint_invalid`.
 */
export function readEndpoints(
  document: MetadataDocument,
  role: XmlElement,
  options: { readonly dangerouslyAllowHttp?: boolean | undefined },
): readonly SingleSignOnEndpoint[] {
  const services = childrenNamed(role, metadataNamespace, 'SingleSignOnService')
  const endpoints = services.flatMap((service) => {
    const binding = bindings[bindingOf(document, service)]
    return binding === undefined ? [] : [{ binding, location: readLocation(document, service, options) }]
  })
  if (endpoints.length > 0) return endpoints
  return document.refuse('metadata_endpoint_missing', role, {
    check: 'SingleSignOnService',
    wanted: 'one with the binding HTTP-Redirect or HTTP-POST',
    arrived: services.map((service) => attributeOf(service, 'Binding')).join(', ') || 'none',
  })
}

function bindingOf(document: MetadataDocument, service: XmlElement): string {
  const binding = attributeOf(service, 'Binding')?.trim()
  if (binding !== undefined && binding !== '') return binding
  return document.refuse('metadata_endpoint_invalid', service, { check: 'Binding', wanted: 'a URI', arrived: 'none' })
}

function readLocation(
  document: MetadataDocument,
  service: XmlElement,
  options: { readonly dangerouslyAllowHttp?: boolean | undefined },
): string {
  const location = attributeOf(service, 'Location')?.trim() ?? ''
  const refuse = (wanted: string) =>
    document.refuse('metadata_endpoint_invalid', service, {
      check: 'Location',
      wanted,
      arrived: location === '' ? 'none' : location.slice(0, 1000),
    })
  if (!/^https?:\/\/[^\s\\]+$/i.test(location) || !URL.canParse(location)) return refuse('an absolute https address')
  const url = new URL(location)
  if (url.username !== '' || url.password !== '') return refuse('an address without a user name or password')
  if (url.protocol === 'http:' && !options.dangerouslyAllowHttp && !isLoopback(url.hostname)) {
    return refuse('https; http only on this machine (localhost, .localhost, 127.0.0.0/8, ::1)')
  }
  return location
}

function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}
