import { LatchkeyError } from '../../errors.ts'
import { protocolNamespace } from '../names.ts'
import { attributeOf, childElements, childrenNamed, isElement, type XmlElement } from '../xml/element.ts'
import { type MetadataDocument, metadataNamespace } from './metadata-document.ts'
import { hasUsableEndpoint } from './read-endpoints.ts'

/** An entity that plays the part of a SAML 2.0 identity provider. */
export interface ChosenEntity {
  /** In which it stands. */
  readonly document: MetadataDocument
  readonly entityId: string
  readonly entity: XmlElement
  /** Its IDPSSODescriptor. */
  readonly role: XmlElement
}

interface Entity extends Omit<ChosenEntity, 'role'> {
  readonly role: XmlElement | undefined
}

/**
 * Finds the one identity provider, or the one with this entity ID, however deep groups are nested (SAML Metadata 2.3.1). The
 * pieces of a document are added one after another; of each no more is kept than what a refusal would name.
 */
export class EntityChoice {
  readonly #wanted: string | undefined
  #first: MetadataDocument | undefined
  readonly #all = new EntityIds()
  readonly #identityProviders = new EntityIds()
  /** Those that are asked for: all, or those with the wanted entity ID. */
  #asked: Entity | undefined
  #found: ChosenEntity | undefined
  /** Another one, which makes the choice ambiguous. */
  #other: ChosenEntity | undefined
  readonly #foundIds = new EntityIds()

  constructor(wanted: string | undefined) {
    this.#wanted = wanted
  }

  /** Throws `metadata_entity_id_invalid`. */
  add(document: MetadataDocument): void {
    this.#first ??= document
    const visit = (element: XmlElement): void => {
      if (isElement(element, metadataNamespace, 'EntityDescriptor')) this.#addEntity(readEntity(document, element))
      else if (isElement(element, metadataNamespace, 'EntitiesDescriptor')) childElements(element).forEach(visit)
    }
    visit(document.root)
  }

  #addEntity(entity: Entity): void {
    const { entityId } = entity
    this.#all.add(entityId)
    if (isIdentityProvider(entity)) this.#identityProviders.add(entityId)
    if (this.#wanted !== undefined && entityId !== this.#wanted) return
    this.#asked ??= entity
    if (!isIdentityProvider(entity)) return
    if (this.#found === undefined) this.#found = entity
    else this.#other ??= entity
    this.#foundIds.add(entityId)
  }

  /** Throws `metadata_not_identity_provider`, `metadata_entity_ambiguous`, `metadata_entity_not_found`. */
  choose(): ChosenEntity {
    const first = this.#first
    if (first === undefined) throw new LatchkeyError('metadata_not_identity_provider', noEntity)
    if (this.#all.count === 0) checkRoot(first)
    if (this.#found === undefined) return this.#refuseNone(first)
    return this.#other === undefined ? this.#found : this.#refuseAmbiguous(this.#other)
  }

  #refuseNone(first: MetadataDocument): never {
    const asked = this.#asked
    if (asked !== undefined) return refuseRoles(asked)
    if (this.#wanted === undefined) return first.refuse('metadata_not_identity_provider', first.root, noEntity)
    const present = this.#identityProviders.count > 0 ? this.#identityProviders : this.#all
    return first.refuse('metadata_entity_not_found', first.root, {
      check: 'entityID',
      wanted: this.#wanted,
      arrived: present.text(),
    })
  }

  #refuseAmbiguous({ document, entity }: ChosenEntity): never {
    const wanted = this.#wanted
    return document.refuse('metadata_entity_ambiguous', entity, {
      check: 'entityID',
      wanted: wanted === undefined ? 'one identity provider' : `${wanted} described once`,
      arrived: this.#foundIds.text(),
      advice:
        wanted === undefined
          ? 'Name the entity ID of the one you mean.'
          : 'Remove the descriptions that are out of date.',
    })
  }
}

/** Entity IDs for a refusal: the first ones, and how many there are. */
class EntityIds {
  readonly #shown: string[] = []
  count = 0

  add(entityId: string): void {
    if (++this.count <= 20) this.#shown.push(entityId)
  }

  text(): string {
    const rest = this.count - this.#shown.length
    return this.#shown.join(', ') + (rest > 0 ? ` and ${rest} more` : '')
  }
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
  const roles = childrenNamed(entity, metadataNamespace, 'IDPSSODescriptor').filter(speaksSaml2)
  // SAML Metadata 2.4 leaves open which of several counts.
  return { document, entityId, entity, role: roles.find(hasUsableEndpoint) ?? roles[0] }
}

function speaksSaml2(role: XmlElement): boolean {
  return (attributeOf(role, 'protocolSupportEnumeration') ?? '').split(/\s+/).includes(protocolNamespace)
}

function isIdentityProvider(entity: Entity): entity is ChosenEntity {
  return entity.role !== undefined
}

const wantedRole = {
  check: 'role',
  wanted: `an IDPSSODescriptor whose protocolSupportEnumeration names ${protocolNamespace}`,
}

const noEntity = { ...wantedRole, arrived: 'no EntityDescriptor' }

function refuseRoles({ document, entity }: Entity): never {
  return document.refuse('metadata_not_identity_provider', entity, {
    ...wantedRole,
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
