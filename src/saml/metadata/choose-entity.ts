import { LatchkeyError } from '../../errors.ts'
import { protocolNamespace } from '../names.ts'
import { attributeOf, childElements, childrenNamed, isElement, type XmlElement } from '../xml/element.ts'
import { type MetadataDocument, metadataNamespace } from './metadata-document.ts'

/** An entity that plays the part of a SAML 2.0 identity provider. */
export interface ChosenEntity {
  readonly entityId: string
  readonly entity: XmlElement
  /** Its IDPSSODescriptor. */
  readonly role: XmlElement
}

interface Entity {
  readonly entityId: string
  readonly entity: XmlElement
  readonly role: XmlElement | undefined
}

/**
 * Finds the one identity provider, or the one with this entity ID, however deep groups are nested (SAML Metadata 2.3.1).
 * Throws `metadata_not_identity_provider`, `metadata_entity_ambiguous`, `metadata_entity_not_found`,
 * `metadata_entity_id_invalid`.
 */
export function chooseEntity(document: MetadataDocument, wanted: string | undefined): ChosenEntity {
  const entities = entitiesIn(document)
  const asked = wanted === undefined ? entities : entities.filter(({ entityId }) => entityId === wanted)
  const [first, ...others] = asked.filter(isIdentityProvider)
  if (first === undefined) return refuseNone(document, entities, asked, wanted)
  if (others.length > 0) return refuseAmbiguous([first, ...others], wanted)
  return first
}

function entitiesIn(document: MetadataDocument): readonly Entity[] {
  const found: Entity[] = []
  const visit = (element: XmlElement): void => {
    if (isElement(element, metadataNamespace, 'EntityDescriptor')) found.push(readEntity(document, element))
    else if (isElement(element, metadataNamespace, 'EntitiesDescriptor')) childElements(element).forEach(visit)
  }
  visit(document.root)
  if (found.length === 0) checkRoot(document)
  return found
}

function checkRoot(document: MetadataDocument): void {
  const { root } = document
  if (root.namespace === metadataNamespace && root.localName === 'EntitiesDescriptor') return
  document.refuse('metadata_not_identity_provider', root, {
    check: 'root element',
    wanted: `EntityDescriptor or EntitiesDescriptor of ${metadataNamespace}`,
    arrived: `${root.localName} of ${root.namespace === '' ? 'no namespace' : root.namespace}`,
  })
}

/** xs:anyURI, at most 1024 characters (SAML Metadata 2.3.2). Not every product sends a URI, so none is demanded. */
function readEntity(document: MetadataDocument, entity: XmlElement): Entity {
  const entityId = attributeOf(entity, 'entityID')?.trim() ?? ''
  if (entityId === '' || entityId.length > 1024) {
    document.refuse('metadata_entity_id_invalid', entity, {
      check: 'entityID',
      wanted: 'an entityID of 1 to 1024 characters',
      arrived: entityId === '' ? 'none' : `${entityId.length} characters`,
    })
  }
  const roles = childrenNamed(entity, metadataNamespace, 'IDPSSODescriptor')
  return { entityId, entity, role: roles.find(speaksSaml2) }
}

function speaksSaml2(role: XmlElement): boolean {
  return (attributeOf(role, 'protocolSupportEnumeration') ?? '').split(/\s+/).includes(protocolNamespace)
}

function isIdentityProvider(entity: Entity): entity is ChosenEntity {
  return entity.role !== undefined
}

function refuseNone(
  document: MetadataDocument,
  all: readonly Entity[],
  asked: readonly Entity[],
  wanted: string | undefined,
): never {
  const present = all.filter(isIdentityProvider)
  if (wanted !== undefined && asked.length === 0) {
    const arrived = list(present.length > 0 ? present : all)
    throw new LatchkeyError('metadata_entity_not_found', { check: 'entityID', wanted, arrived })
  }
  const entity = asked[0]?.entity ?? document.root
  return document.refuse('metadata_not_identity_provider', entity, {
    check: 'role',
    wanted: `an IDPSSODescriptor whose protocolSupportEnumeration names ${protocolNamespace}`,
    arrived: rolesOf(entity),
    ...(hasServiceProviderRole(entity) ? { advice: 'This is the metadata of a service provider.' } : {}),
  })
}

function rolesOf(entity: XmlElement): string {
  const roles = childElements(entity).filter(({ localName }) => localName.endsWith('Descriptor'))
  const named = roles.map((role) => {
    const protocols = attributeOf(role, 'protocolSupportEnumeration')
    return protocols === undefined ? role.localName : `${role.localName} (${protocols.trim()})`
  })
  return named.length === 0 ? 'no role' : named.join(', ').slice(0, 1000)
}

function hasServiceProviderRole(entity: XmlElement): boolean {
  return childrenNamed(entity, metadataNamespace, 'SPSSODescriptor').length > 0
}

function refuseAmbiguous(found: readonly ChosenEntity[], wanted: string | undefined): never {
  throw new LatchkeyError('metadata_entity_ambiguous', {
    check: 'entityID',
    wanted: wanted === undefined ? 'one identity provider' : `${wanted} described once`,
    arrived: list(found),
    advice:
      wanted === undefined
        ? 'Name the entity ID of the one you mean.'
        : 'Remove the descriptions that are out of date.',
  })
}

function list(entities: readonly Entity[]): string {
  const shown = entities.slice(0, 20).map(({ entityId }) => entityId)
  const rest = entities.length - shown.length
  return shown.join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}
