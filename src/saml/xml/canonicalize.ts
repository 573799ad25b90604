import type { XmlElement } from './element.ts'
import { escapeAttribute, escapeText } from './escapes.ts'
import {
  attributeColumn,
  attributeColumns,
  column,
  declaredPrefixStart,
  hasCanonicalEnd,
  isCanonical,
  isDeclaration,
  localAttributeStart,
  type NodeTable,
  nodeColumns,
  rowOf,
} from './node-table.ts'
import { messageRules } from './scan-rules.ts'

export interface CanonicalizeOptions {
  /** The enveloped signature, left out with everything inside it. */
  readonly without?: XmlElement
  /** InclusiveNamespaces PrefixList, `#default` already turned into the empty prefix. */
  readonly inclusivePrefixes?: readonly string[]
  /** Default: as long as a message may be, since the canonical form is read again under the same rules. */
  readonly maxCharacters?: number
}

/** Thrown when the canonical form grows beyond its bound: each element repeats the namespaces its siblings declared. */
export class CanonicalFormTooLong extends Error {
  override readonly name = 'CanonicalFormTooLong'
}

/**
 * The canonical form of an element, as bytes of UTF-8: Exclusive XML Canonicalization 1.0, of a tree that has no comments.
 * Throws `CanonicalFormTooLong`.
 *
 * Most messages are written in canonical form already. So there is one way for all of them, which decides for each tag and
 * each text whether its canonical form is what was received; what is gets copied, long stretches at once, and what is not
 * gets written. Which declarations an element needs is always worked out; a start tag counts as received in canonical form
 * only when it has exactly these, in this order.
 *
 * It may rely on what the scanner promises: names and namespace URIs are ASCII (so that comparing bytes compares code
 * points) and need no escaping, every prefix is declared, depth is bounded (so that recursion is safe).
 */
export function canonicalBytes(apex: XmlElement, options: CanonicalizeOptions = {}): Buffer {
  return new Canonicalizer(apex, options).run()
}

/** The same, as text. */
export function canonicalize(apex: XmlElement, options: CanonicalizeOptions = {}): string {
  return canonicalBytes(apex, options).toString('utf8')
}

class Canonicalizer {
  readonly #table: NodeTable
  readonly #bytes: Buffer
  readonly #apex: number
  readonly #without: number
  readonly #inclusivePrefixes: readonly string[]
  readonly #maxBytes: number
  #output: Buffer
  #length = 0
  /** What was received and shall be copied next: an unbroken stretch. */
  #stretchStart = 0
  #stretchEnd = 0
  /** Declarations written by the elements that are open in the output, the innermost last: prefix, its length, namespace. */
  readonly #written: number[] = []
  /** How many numbers of it count. */
  #writtenLength = 0

  constructor(apex: XmlElement, options: CanonicalizeOptions) {
    const { table, row } = rowOf(apex)
    this.#table = table
    this.#bytes = table.bytes
    this.#apex = row
    const without = options.without && rowOf(options.without)
    this.#without = without?.table === table ? without.row : -1
    this.#inclusivePrefixes = options.inclusivePrefixes ?? []
    this.#maxBytes = options.maxCharacters ?? messageRules.maxCharacters
    const at = row * nodeColumns
    const received = (table.nodes[at + column.end] as number) - (table.nodes[at] as number)
    this.#output = Buffer.allocUnsafe(Math.min(received, this.#maxBytes) + 256)
  }

  run(): Buffer {
    this.#writeElement(this.#apex)
    this.#copyStretch()
    return this.#output.subarray(0, this.#length)
  }

  #writeElement(row: number): void {
    if (this.#length + this.#stretchEnd - this.#stretchStart > this.#maxBytes) throw new CanonicalFormTooLong()
    const { nodes } = this.#table
    const at = row * nodeColumns
    const flags = nodes[at + column.flags] as number
    const outer = this.#writtenLength
    this.#collectDeclarations(row, at, outer)
    if ((flags & isCanonical) !== 0 && this.#isReceivedInOrder(at, outer)) {
      this.#copy(nodes[at] as number, nodes[at + column.content] as number)
    } else this.#writeStartTag(at, outer)
    this.#writeChildren(row, nodes[at + column.next] as number)
    if ((flags & hasCanonicalEnd) !== 0) {
      this.#copy(nodes[at + column.contentEnd] as number, nodes[at + column.end] as number)
    } else {
      this.#write('</')
      this.#copy((nodes[at] as number) + 1, nodes[at + column.nameEnd] as number)
      this.#write('>')
    }
    this.#writtenLength = outer
  }

  #writeChildren(parent: number, end: number): void {
    const { nodes } = this.#table
    for (let row = parent + 1; row < end; ) {
      const at = row * nodeColumns
      if (nodes[at + column.namespace] !== -1) {
        if (row !== this.#without) this.#writeElement(row)
      } else this.#writeText(nodes[at] as number, nodes[at + column.end] as number, nodes[at + column.flags] as number)
      row = nodes[at + column.next] as number
    }
  }

  #writeText(start: number, end: number, flags: number): void {
    if ((flags & isCanonical) !== 0) this.#copy(start, end)
    else this.#write(escapeText(this.#table.meaning(start, end, flags)))
  }

  // --- which namespaces an element declares

  /** Section 3, step 2 and 3: pushed in order of their prefixes, the default namespace first. */
  #collectDeclarations(row: number, at: number, outer: number): void {
    const { nodes, attributes } = this.#table
    const prefixLength = nodes[at + column.prefix] as number
    this.#declareIfNew((nodes[at] as number) + 1, prefixLength, nodes[at + column.namespace] as number, outer)
    const first = nodes[at + column.attributes] as number
    const end = first + (nodes[at + column.attributeCount] as number)
    for (let one = first * attributeColumns; one < end * attributeColumns; one += attributeColumns) {
      const length = attributes[one + attributeColumn.prefix] as number
      if (length === 0 || ((attributes[one + attributeColumn.flags] as number) & isDeclaration) !== 0) continue
      this.#declareIfNew(
        attributes[one] as number,
        length,
        attributes[one + attributeColumn.namespace] as number,
        outer,
      )
    }
    if (this.#inclusivePrefixes.length > 0) this.#collectInclusive(row, outer)
    if (this.#writtenLength > outer + writtenColumns) this.#sortDeclarations(outer)
  }

  /** A prefix that is used is declared unless the nearest output ancestor says the same. */
  #declareIfNew(prefix: number, length: number, uri: number, outer: number): void {
    const written = this.#written
    let index = this.#writtenLength - writtenColumns
    while (index >= 0 && !this.#isPrefix(index, prefix, length)) index -= writtenColumns
    // Found at `outer` or later: this very element has it already.
    if (index >= outer) return
    if (index < 0 ? length === 0 && uri === 0 : this.#isSameUri(written[index + 2] as number, uri)) return
    if (length === 3 && this.#table.equals(prefix, prefix + length, 'xml')) return
    written[this.#writtenLength++] = prefix
    written[this.#writtenLength++] = length
    written[this.#writtenLength++] = uri
  }

  #isPrefix(index: number, prefix: number, length: number): boolean {
    const written = this.#written
    if (written[index + 1] !== length) return false
    const bytes = this.#bytes
    const other = written[index] as number
    for (let at = 0; at < length; at++) if (bytes[other + at] !== bytes[prefix + at]) return false
    return true
  }

  #isSameUri(one: number, other: number): boolean {
    return one === other || this.#table.uris[one] === this.#table.uris[other]
  }

  /** Prefixes of the list are declared where they come into scope: at the apex, or where they are declared. */
  #collectInclusive(row: number, outer: number): void {
    const { nodes } = this.#table
    if (row !== this.#apex) {
      this.#declareOwn(row, this.#inclusivePrefixes, outer)
      return
    }
    // The innermost declaration of a prefix is the one in scope, and hides those further out.
    const missing = new Set(this.#inclusivePrefixes)
    for (let at = row; at >= 0 && missing.size > 0; at = nodes[at * nodeColumns + column.parent] as number) {
      for (const prefix of this.#declareOwn(at, [...missing], outer)) missing.delete(prefix)
    }
  }

  /** Those declarations of this very element whose prefix is among these; returns the prefixes. */
  #declareOwn(row: number, prefixes: readonly string[], outer: number): readonly string[] {
    const { nodes, attributes } = this.#table
    const found: string[] = []
    const first = nodes[row * nodeColumns + column.attributes] as number
    const end = first + (nodes[row * nodeColumns + column.attributeCount] as number)
    for (let at = first * attributeColumns; at < end * attributeColumns; at += attributeColumns) {
      if (((attributes[at + attributeColumn.flags] as number) & isDeclaration) === 0) continue
      const start = declaredPrefixStart(this.#table, at)
      const prefixEnd = attributes[at + attributeColumn.nameEnd] as number
      const prefix = prefixes.find((one) => this.#table.equals(start, prefixEnd, one))
      if (prefix === undefined) continue
      found.push(prefix)
      this.#declareIfNew(start, prefixEnd - start, attributes[at + attributeColumn.namespace] as number, outer)
    }
    return found
  }

  /** Insertion: there are few. */
  #sortDeclarations(outer: number): void {
    const written = this.#written
    for (let next = outer + writtenColumns; next < this.#writtenLength; next += writtenColumns) {
      const [prefix, length, uri] = written.slice(next, next + writtenColumns) as [number, number, number]
      let at = next
      for (; at > outer; at -= writtenColumns) {
        const before = at - writtenColumns
        if (this.#compare(written[before] as number, written[before + 1] as number, prefix, length) < 0) break
        for (let field = 0; field < writtenColumns; field++) written[at + field] = written[before + field] as number
      }
      written[at] = prefix
      written[at + 1] = length
      written[at + 2] = uri
    }
  }

  /** Compares two pieces of ASCII as strings are compared. */
  #compare(one: number, oneLength: number, other: number, otherLength: number): number {
    const bytes = this.#bytes
    const common = Math.min(oneLength, otherLength)
    for (let index = 0; index < common; index++) {
      const difference = (bytes[one + index] as number) - (bytes[other + index] as number)
      if (difference !== 0) return difference
    }
    return oneLength - otherLength
  }

  // --- start tags

  /** Whether the received tag has exactly the collected declarations, in front and in order, and its attributes in order. */
  #isReceivedInOrder(node: number, outer: number): boolean {
    const { nodes, attributes } = this.#table
    const first = nodes[node + column.attributes] as number
    const end = (first + (nodes[node + column.attributeCount] as number)) * attributeColumns
    let at = first * attributeColumns
    for (let index = outer; index < this.#writtenLength; index += writtenColumns, at += attributeColumns) {
      if (at >= end || !this.#isDeclarationOf(at, index)) return false
    }
    for (let before = -1; at < end; before = at, at += attributeColumns) {
      if (((attributes[at + attributeColumn.flags] as number) & isDeclaration) !== 0) return false
      if (before >= 0 && this.#compareAttributes(before, at) > 0) return false
    }
    return true
  }

  #isDeclarationOf(at: number, index: number): boolean {
    const { attributes } = this.#table
    if (((attributes[at + attributeColumn.flags] as number) & isDeclaration) === 0) return false
    const start = declaredPrefixStart(this.#table, at)
    if (!this.#isPrefix(index, start, (attributes[at + attributeColumn.nameEnd] as number) - start)) return false
    return this.#isSameUri(attributes[at + attributeColumn.namespace] as number, this.#written[index + 2] as number)
  }

  /** By namespace, then by local name; attributes without a namespace come first. */
  #compareAttributes(one: number, other: number): number {
    const { attributes, uris } = this.#table
    const uri = attributes[one + attributeColumn.namespace] as number
    const otherUri = attributes[other + attributeColumn.namespace] as number
    if (!this.#isSameUri(uri, otherUri)) return (uris[uri] as string) < (uris[otherUri] as string) ? -1 : 1
    const start = localAttributeStart(this.#table, one)
    const otherStart = localAttributeStart(this.#table, other)
    const length = (attributes[one + attributeColumn.nameEnd] as number) - start
    return this.#compare(
      start,
      length,
      otherStart,
      (attributes[other + attributeColumn.nameEnd] as number) - otherStart,
    )
  }

  #writeStartTag(node: number, outer: number): void {
    const { nodes } = this.#table
    const written = this.#written
    this.#copy(nodes[node] as number, nodes[node + column.nameEnd] as number)
    for (let index = outer; index < this.#writtenLength; index += writtenColumns) {
      const [prefix, length, uri] = written.slice(index, index + writtenColumns) as [number, number, number]
      const name = length === 0 ? ' xmlns' : ` xmlns:${this.#table.ascii(prefix, prefix + length)}`
      this.#write(`${name}="${this.#table.uris[uri]}"`)
    }
    for (const at of this.#attributesInOrder(node)) this.#writeAttribute(at)
    this.#write('>')
  }

  #attributesInOrder(node: number): readonly number[] {
    const { nodes, attributes } = this.#table
    const first = nodes[node + column.attributes] as number
    const found: number[] = []
    for (let row = first; row < first + (nodes[node + column.attributeCount] as number); row++) {
      const at = row * attributeColumns
      if (((attributes[at + attributeColumn.flags] as number) & isDeclaration) === 0) found.push(at)
    }
    return found.length > 1 ? found.sort((one, other) => this.#compareAttributes(one, other)) : found
  }

  #writeAttribute(at: number): void {
    const { attributes } = this.#table
    const [value, end] = [
      attributes[at + attributeColumn.value] as number,
      attributes[at + attributeColumn.valueEnd] as number,
    ]
    const flags = attributes[at + attributeColumn.flags] as number
    this.#write(' ')
    this.#copy(attributes[at] as number, attributes[at + attributeColumn.nameEnd] as number)
    this.#write('="')
    if ((flags & isCanonical) !== 0) this.#copy(value, end)
    else this.#write(escapeAttribute(this.#table.meaning(value, end, flags)))
    this.#write('"')
  }

  // --- output

  /** Received bytes that are their own canonical form. */
  #copy(start: number, end: number): void {
    if (start === this.#stretchEnd) {
      this.#stretchEnd = end
      return
    }
    this.#copyStretch()
    this.#stretchStart = start
    this.#stretchEnd = end
  }

  #copyStretch(): void {
    const length = this.#stretchEnd - this.#stretchStart
    if (length === 0) return
    this.#reserve(length)
    const [output, bytes, to] = [this.#output, this.#bytes, this.#length - this.#stretchStart]
    if (length > 48) bytes.copy(output, this.#length, this.#stretchStart, this.#stretchEnd)
    else for (let at = this.#stretchStart; at < this.#stretchEnd; at++) output[to + at] = bytes[at] as number
    this.#length += length
    this.#stretchStart = this.#stretchEnd
  }

  #write(text: string): void {
    this.#copyStretch()
    // UTF-8 takes at most three bytes for a UTF-16 code unit.
    this.#reserve(text.length * 3)
    this.#length += this.#output.write(text, this.#length)
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#output.length) return
    const larger = Buffer.allocUnsafe(2 * (this.#length + bytes))
    this.#output.copy(larger, 0, 0, this.#length)
    this.#output = larger
  }
}

const writtenColumns = 3
