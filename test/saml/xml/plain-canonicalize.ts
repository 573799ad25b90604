import type { CanonicalizeOptions } from '../../../src/saml/xml/canonicalize.ts'
import { namespaceInScope, type XmlAttribute, type XmlElement } from '../../../src/saml/xml/element.ts'

/**
 * Exclusive XML Canonicalization 1.0 the plain way: from the tree alone, every character written anew. What `canonicalize.ts`
 * copies from what was received must be the same.
 */
export function plainCanonicalize(apex: XmlElement, options: CanonicalizeOptions = {}): string {
  return new PlainCanonicalizer(apex, options).run()
}

class PlainCanonicalizer {
  readonly #apex: XmlElement
  readonly #without: XmlElement | undefined
  readonly #inclusivePrefixes: readonly string[]
  #output = ''
  /** Declarations written by the elements that are open in the output, the innermost last. */
  readonly #writtenPrefixes: string[] = []
  readonly #writtenUris: string[] = []

  constructor(apex: XmlElement, options: CanonicalizeOptions) {
    this.#apex = apex
    this.#without = options.without
    this.#inclusivePrefixes = options.inclusivePrefixes ?? []
  }

  run(): string {
    this.#writeElement(this.#apex)
    return this.#output
  }

  #writeElement(element: XmlElement): void {
    const written = this.#writtenPrefixes.length
    this.#output += `<${element.name}`
    this.#writeDeclarations(element)
    this.#writeAttributes(element.attributes)
    this.#output += '>'
    for (const node of element.children) {
      if (typeof node === 'string') this.#output += escapeText(node)
      else if (node !== this.#without) this.#writeElement(node)
    }
    this.#output += `</${element.name}>`
    if (this.#writtenPrefixes.length === written) return
    this.#writtenPrefixes.length = written
    this.#writtenUris.length = written
  }

  #writeDeclarations(element: XmlElement): void {
    const first = this.#writtenPrefixes.length
    this.#declareIfNew(element.prefix, element.namespace, first)
    for (const { prefix, namespace } of element.attributes) {
      if (prefix !== '') this.#declareIfNew(prefix, namespace, first)
    }
    if (this.#inclusivePrefixes.length > 0) this.#declareInclusive(element, first)
    if (this.#writtenPrefixes.length === first) return
    if (this.#writtenPrefixes.length > first + 1) this.#sortDeclarations(first)
    for (let index = first; index < this.#writtenPrefixes.length; index++) {
      const prefix = this.#writtenPrefixes[index]
      this.#output += `${prefix === '' ? ' xmlns' : ` xmlns:${prefix}`}="${this.#writtenUris[index]}"`
    }
  }

  /** Section 3, step 2 and 3: a prefix that is used is declared unless the nearest output ancestor says the same. */
  #declareIfNew(prefix: string, uri: string, first: number): void {
    if (prefix === 'xml') return
    let index = this.#writtenPrefixes.length - 1
    while (index >= 0 && this.#writtenPrefixes[index] !== prefix) index--
    // Found at `first` or later: this very element has it already.
    if (index >= first) return
    if (index < 0 ? prefix === '' && uri === '' : this.#writtenUris[index] === uri) return
    this.#writtenPrefixes.push(prefix)
    this.#writtenUris.push(uri)
  }

  /** Prefixes of the list are declared where they come into scope: at the apex, or where they are declared. */
  #declareInclusive(element: XmlElement, first: number): void {
    if (element === this.#apex) {
      for (const prefix of this.#inclusivePrefixes) {
        const uri = namespaceInScope(element, prefix)
        if (uri !== undefined) this.#declareIfNew(prefix, uri, first)
      }
    } else {
      for (const { prefix, uri } of element.declarations) {
        if (this.#inclusivePrefixes.includes(prefix)) this.#declareIfNew(prefix, uri, first)
      }
    }
  }

  /** By prefix, the default namespace first. */
  #sortDeclarations(first: number): void {
    const uris = new Map<string, string>()
    for (let index = first; index < this.#writtenPrefixes.length; index++) {
      uris.set(this.#writtenPrefixes[index] as string, this.#writtenUris[index] as string)
    }
    this.#writtenPrefixes.length = first
    this.#writtenUris.length = first
    for (const prefix of [...uris.keys()].sort()) {
      this.#writtenPrefixes.push(prefix)
      this.#writtenUris.push(uris.get(prefix) as string)
    }
  }

  #writeAttributes(attributes: readonly XmlAttribute[]): void {
    const ordered = isOrdered(attributes) ? attributes : [...attributes].sort(byExpandedName)
    for (const { name, value } of ordered) this.#output += ` ${name}="${escapeAttribute(value)}"`
  }
}

function isOrdered(attributes: readonly XmlAttribute[]): boolean {
  return attributes.every(
    (attribute, index) => index === 0 || byExpandedName(attributes[index - 1] ?? attribute, attribute) < 0,
  )
}

/** By namespace, then by local name; attributes without a namespace come first. */
function byExpandedName(one: XmlAttribute, other: XmlAttribute): number {
  if (one.namespace !== other.namespace) return one.namespace < other.namespace ? -1 : 1
  return one.localName < other.localName ? -1 : 1
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
}

const escaped = (character: string): string => escapes[character] as string

function escapeText(text: string): string {
  return /[&<>\r]/.test(text) ? text.replace(/[&<>\r]/g, escaped) : text
}

function escapeAttribute(value: string): string {
  return /[&<"\t\n\r]/.test(value) ? value.replace(/[&<"\t\n\r]/g, escaped) : value
}
