import type { ReadMetadataOptions } from '../../src/saml/metadata/read-metadata.ts'
import { writeIdentityProviderMetadata } from '../../src/test-identity-provider/metadata.ts'
import type { Input, InputSource } from './inputs.ts'
import { longDocument } from './long-document.ts'
import { mutate, rewrite } from './mutate.ts'
import type { Random } from './random.ts'
import { prefixNames } from './random-document.ts'
import { now, Signer } from './signed-message.ts'

/** How metadata is read. */
export interface MetadataCase {
  readonly options: ReadMetadataOptions
  /** Characters handed over at once. */
  readonly partCharacters: number
}

type Source = Pick<InputSource, 'pair' | 'certificate'>

/** Metadata of one entity or of groups in groups, signed over the canonical form of libxml2 or not; then mostly changed. */
export function metadataInput(source: Source, random: Random): Input {
  const xml = signedAggregate(source, random)
  const metadata = metadataCase(source, random)
  const choice = random.below(10)
  if (choice < 2) return { kind: 'metadata', xml, metadata }
  if (choice < 4) return { kind: 'metadata rewritten', xml: rewrite(xml, random), metadata }
  if (choice < 9) return { kind: 'metadata mutated', xml: mutate(xml, random), metadata }
  const at = xml.lastIndexOf('</')
  // A long token is looked at again with each part.
  const long = { ...metadata, partCharacters: metadata.partCharacters + 1000 }
  return { kind: 'metadata long', xml: xml.slice(0, at) + longDocument(random) + xml.slice(at), metadata: long }
}

function metadataCase({ certificate }: Source, random: Random): MetadataCase {
  const entityId = random.pick([undefined, entityIdOf(0), entityIdOf(1), entityIdOf(9)])
  const signingCertificate = random.chance(0.4) ? certificate : undefined
  return {
    options: { now, entityId, signingCertificate },
    partCharacters: 1 + random.below(random.pick([3, 100, 5000])),
  }
}

const entityIdOf = (index: number) => `https://idp-${index}.example/metadata`

function signedAggregate({ pair, certificate }: Source, random: Random): string {
  const writer = new AggregateWriter(random, certificate)
  const { start, inside, end } = random.chance(0.85) ? writer.group(0, ' ID="_root"') : writer.entity(' ID="_root"')
  const atEnd = random.chance(0.15)
  const [before, behind] = [writer.between(), writer.between()]
  const document = (signature: string) =>
    before + start + (atEnd ? inside + signature : signature + inside) + end + behind
  return document(random.chance(0.8) ? new Signer(random, pair).sign('_root', '/*', document) : '')
}

interface Written {
  readonly start: string
  readonly inside: string
  readonly end: string
}

const metadataNamespace = 'urn:oasis:names:tc:SAML:2.0:metadata'

class AggregateWriter {
  readonly #random: Random
  readonly #certificate: string
  #entities = 0

  constructor(random: Random, certificate: string) {
    this.#random = random
    this.#certificate = certificate
  }

  group(depth: number, attributes = ''): Written {
    const random = this.#random
    const prefix = random.pick(['md:', 'md:', '', 'm:'])
    const name = `${prefix}EntitiesDescriptor`
    const inside = random.times(random.below(depth === 0 ? 6 : 4), () => this.between() + this.#child(depth)).join('')
    const declaration = `xmlns${prefix === '' ? '' : `:${prefix.slice(0, -1)}`}="${metadataNamespace}"`
    const more = random.chance(0.3) ? ` xmlns:${random.pick(prefixNames)}="urn:${random.pick(['a', 'b'])}"` : ''
    return {
      start: `<${name} ${declaration}${more}${attributes}${this.#attributes()}>`,
      inside: inside + this.between(),
      end: `</${name}${random.pick(['', ' ', '\n'])}>`,
    }
  }

  entity(attributes = ''): Written {
    const origin = `https://idp-${this.#entities++}.example`
    const provider = { entityId: `${origin}/metadata`, baseUrl: origin, certificate: this.#certificate }
    const [, start = '', inside = '', end = ''] =
      /^(<[^>]*)>(.*)(<\/[^>]*>)$/s.exec(writeIdentityProviderMetadata(provider).trim()) ?? []
    return { start: `${start}${attributes}${this.#attributes()}>`, inside, end }
  }

  /** What may stand between elements, and means nothing. */
  between(): string {
    return this.#random.chance(0.4) ? this.#random.pick(['\n', '\r\n  ', '\r', ' ', '<!-- c -->', '<!--<a>-->']) : ''
  }

  #child(depth: number): string {
    const random = this.#random
    const choice = random.below(10)
    if (random.chance(0.05)) return random.pick(oddChildren)
    const { start, inside, end } = choice < 4 && depth < 4 ? this.group(depth + 1) : this.entity()
    return start + inside + end
  }

  #attributes(): string {
    return this.#random.chance(0.1) ? this.#random.pick(oddAttributes) : ''
  }
}

const oddAttributes = [
  ' validUntil="2030-01-01T00:00:00Z"',
  ' validUntil="soon"',
  ' validUntil="2020-01-01T00:00:00Z"',
  ' cacheDuration="PT1H"',
  ' Name="a&#x9;b &lt; c"',
  ' xml:lang="en"',
]
const oddChildren = [
  '<e a="/>" b=\'>\'/>',
  '<EntitiesDescriptor/>',
  '<EntitiesDescriptor xmlns="urn:other"><EntityDescriptor/></EntitiesDescriptor>',
  '<x:EntitiesDescriptor xmlns:x="urn:x">text</x:EntitiesDescriptor>',
  '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>',
  '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://sp.example"/>',
  'text &amp; <![CDATA[</EntitiesDescriptor>]]>',
]
