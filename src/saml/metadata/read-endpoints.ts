import { attributeOf, childrenNamed, type XmlElement } from '../xml/element.ts'
import type {
  ArtifactResolutionEndpoint,
  SingleLogoutEndpoint,
  SingleSignOnEndpoint,
} from './identity-provider-metadata.ts'
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
  options: AddressOptions,
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

/** Whether a role has a sign-in address with a binding we can use. */
export function hasUsableEndpoint(role: XmlElement): boolean {
  const services = childrenNamed(role, metadataNamespace, 'SingleSignOnService')
  return services.some((service) => bindings[attributeOf(service, 'Binding')?.trim() ?? ''] !== undefined)
}

/**
 * The SingleLogoutService endpoints we can use; often none. One with an address that cannot be used is passed over: nobody
 * is kept from signing in because of how one signs out. SAML Metadata 2.2.2, 2.4.2.
 */
export function readLogoutEndpoints(role: XmlElement, options: AddressOptions): readonly SingleLogoutEndpoint[] {
  return childrenNamed(role, metadataNamespace, 'SingleLogoutService').flatMap((service) => {
    const binding = bindings[attributeOf(service, 'Binding')?.trim() ?? '']
    const location = attributeOf(service, 'Location')?.trim() ?? ''
    const responseLocation = attributeOf(service, 'ResponseLocation')?.trim() || undefined
    if (binding === undefined || [location, responseLocation ?? location].some((url) => faultOf(url, options)))
      return []
    return [{ binding, location, ...(responseLocation === undefined ? {} : { responseLocation }) }]
  })
}

/**
 * The ArtifactResolutionService endpoints we can use: SOAP, an address as for signing in, an index of its own. Others are passed over:
 * nobody who signs in by HTTP-POST is kept out because of them. SAML Metadata 2.2.3, 2.4.3.
 */
export function readArtifactResolutionServices(
  role: XmlElement,
  options: AddressOptions,
): readonly ArtifactResolutionEndpoint[] {
  const found = new Map<number, ArtifactResolutionEndpoint>()
  for (const service of childrenNamed(role, metadataNamespace, 'ArtifactResolutionService')) {
    const location = attributeOf(service, 'Location')?.trim() ?? ''
    const index = attributeOf(service, 'index')?.trim() ?? ''
    const isUsable = attributeOf(service, 'Binding')?.trim() === soapBinding && faultOf(location, options) === undefined
    if (!isUsable || !/^\d{1,5}$/.test(index) || Number(index) > 65_535 || found.has(Number(index))) continue
    const isDefault = /^(?:true|1)$/.test(attributeOf(service, 'isDefault')?.trim() ?? '')
    found.set(Number(index), { index: Number(index), location, ...(isDefault && { isDefault }) })
  }
  return [...found.values()]
}

const soapBinding = 'urn:oasis:names:tc:SAML:2.0:bindings:SOAP'

function bindingOf(document: MetadataDocument, service: XmlElement): string {
  const binding = attributeOf(service, 'Binding')?.trim()
  if (binding !== undefined && binding !== '') return binding
  return document.refuse('metadata_endpoint_invalid', service, { check: 'Binding', wanted: 'a URI', arrived: 'none' })
}

function readLocation(document: MetadataDocument, service: XmlElement, options: AddressOptions): string {
  const location = attributeOf(service, 'Location')?.trim() ?? ''
  const wanted = faultOf(location, options)
  if (wanted === undefined) return location
  return document.refuse('metadata_endpoint_invalid', service, {
    check: 'Location',
    wanted,
    arrived: location === '' ? 'none' : location.slice(0, 1000),
  })
}

interface AddressOptions {
  readonly dangerouslyAllowHttp?: boolean | undefined
}

/** What would be wanted in place of this address; undefined: it can be used. */
function faultOf(location: string, options: AddressOptions): string | undefined {
  if (!/^https?:\/\/[^\s\\]+$/i.test(location) || !URL.canParse(location)) return 'an absolute https address'
  const url = new URL(location)
  if (url.username !== '' || url.password !== '') return 'an address without a user name or password'
  if (url.protocol === 'http:' && !options.dangerouslyAllowHttp && !isLoopback(url.hostname)) {
    return 'https; http only on this machine (localhost, .localhost, 127.0.0.0/8, ::1)'
  }
  return undefined
}

function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}
