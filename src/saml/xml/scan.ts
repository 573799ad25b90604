import { isUtf8 } from 'node:buffer'
import { wellKnownNamespaces } from '../names.ts'
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
  isRewritten,
  isWide,
  NodeTable,
  nodeColumns,
} from './node-table.ts'
import { replaceReferences } from './references.ts'
import { ScanError, type ScanProblem } from './scan-error.ts'
import type { ScanRules } from './scan-rules.ts'

/**
 * The one reader of XML in Latchkey: text in, tree out, or a `ScanError`. It knows no SAML.
 *
 * It accepts a small language and repairs nothing: UTF-8, XML 1.0 with namespaces, ASCII names, absolute ASCII namespace
 * URIs, the five predefined entities and character references. CDATA is text. A document type declaration is always
 * refused, comments and processing instructions unless the rules ignore them.
 *
 * This is the hot path of a sign-in, so it is denser than the rest: one pass over the bytes (all that means something in
 * XML is ASCII) with one index, a table that says what each byte may be, and a row of numbers for each thing that was read
 * instead of an object (`node-table.ts`). On its way it notes what is written as the canonical form would write it, which
 * `canonicalize.ts` then need not write again. Start reading at `scan`, then `Scanner.run`.
 */
export function scan(xml: string | Buffer, rules: ScanRules): ScannedXml {
  return new ScannedXml(new Scanner(bytesOf(xml), rules).run())
}

export class ScannedXml {
  readonly #table: NodeTable

  constructor(table: NodeTable) {
    this.#table = table
  }

  get root(): XmlElement {
    return this.#table.element(0)
  }

  /** What was read, line ends normalized: positions and lines count in it. */
  get text(): string {
    return this.#table.bytes.toString('utf8')
  }
}

const forbidden = 'a character XML does not allow'

function bytesOf(xml: string | Buffer): Buffer {
  if (typeof xml !== 'string') {
    if (isUtf8(xml)) return xml
    throw new ScanError('malformed', 'bytes that are not UTF-8', '', 0)
  }
  const unpaired = xml.search(/\p{Surrogate}/u)
  if (unpaired >= 0) throw new ScanError('malformed', forbidden, xml, unpaired)
  return Buffer.from(xml, 'utf8')
}

/** XML 1.0 section 2.11: line ends become one line feed before anything else is read. */
function normalizeLineEnds(bytes: Buffer): Buffer {
  if (!bytes.includes(carriageReturn)) return bytes
  return Buffer.from(bytes.toString('latin1').replace(/\r\n?/g, '\n'), 'latin1')
}

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace'
const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/'

const xmlDeclaration =
  /^<\?xml[ \t\n]+version[ \t\n]*=[ \t\n]*(?:"1\.0"|'1\.0')(?:[ \t\n]+encoding[ \t\n]*=[ \t\n]*(?:"[Uu][Tt][Ff]-?8"|'[Uu][Tt][Ff]-?8'))?(?:[ \t\n]+standalone[ \t\n]*=[ \t\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\n]*\?>/
// RFC 3986, without what would need escaping in a canonical form: "&" and "'".
const uriCharacter = '(?:[A-Za-z0-9._~!$()*+,;=-]|%[0-9A-Fa-f]{2})'
const authority = `(?:(?:${uriCharacter}|:)*@)?(?:\\[[0-9A-Fa-f:.]+\\]|${uriCharacter}*)(?::[0-9]{1,5})?`
const absoluteUri = new RegExp(
  `^[A-Za-z][A-Za-z0-9+.-]*:(?://${authority}(?=[/?#]|$)|(?!//))(?:${uriCharacter}|[:@/])*(?:[?](?:${uriCharacter}|[:@/?])*)?(?:#(?:${uriCharacter}|[:@/?])*)?$`,
)
/** Every element repeats in its canonical form what it uses of these. */
const maxUriCharacters = 1024
/** Need no looking at, and comparing them with our own names of them compares no characters. */
const wellKnown: ReadonlyMap<string, string> = new Map(wellKnownNamespaces.map((uri) => [uri, uri]))
/** The end of a longer text is looked for by the engine, which is faster once it has begun. */
const shortText = 64
/** Longer than any XML declaration. */
const maxDeclarationCharacters = 1024
/** How many of the namespaces declared before are looked at to see whether one is declared again. */
const recentUris = 8
/** Numbers of the first two namespaces. */
const [noUri, xmlUri] = [0, 1]

const [tab, lineFeed, carriageReturn, space, exclamation] = [0x09, 0x0a, 0x0d, 0x20, 0x21]
const [doubleQuote, singleQuote, slash, colon] = [0x22, 0x27, 0x2f, 0x3a]
const [lessThan, equals, greaterThan, questionMark] = [0x3c, 0x3d, 0x3e, 0x3f]

// What a byte may be, for texts and values. One that is none of these means itself wherever it stands.
const [less, ampersand, greater, wide] = [1, 2, 4, 8]
const [control, lineBreak, quote, highest] = [16, 32, 64, 128]
const kinds = Uint8Array.from({ length: 256 }, (_unused, byte) => {
  if (byte >= 0x80) return byte === 0xef ? wide | highest : wide
  if (byte === tab || byte === lineFeed) return lineBreak
  if (byte < space) return control
  return { '<': less, '&': ampersand, '>': greater, '"': quote }[String.fromCharCode(byte)] ?? 0
})

const nameStart = 1
const nameInside = 2
/** For each byte, whether a name may begin with it or contain it; the colon is read apart. */
const nameKinds = Uint8Array.from({ length: 256 }, (_unused, byte) => {
  const character = String.fromCharCode(byte)
  if (/[A-Za-z_]/.test(character)) return nameStart | nameInside
  return /[0-9.-]/.test(character) ? nameInside : 0
})

class Scanner {
  readonly #bytes: Buffer
  /** Made when a long text comes. */
  #view: DataView | undefined
  readonly #end: number
  readonly #rules: ScanRules
  readonly #table: NodeTable
  #at = 0
  /** Row of the innermost open element; -1 outside. */
  #current = -1
  #depth = 0
  #elements = 0
  /** The name read last: its length before the colon, 0 without one, and its end. */
  #prefixLength = 0
  #nameEnd = 0
  /** Namespaces in scope, the innermost last: where the prefix stands, its length, the number of the namespace. */
  readonly #scope: number[] = []
  #scopeLength = 0
  /** Where the URI with this number stands; -1 for one that was written with references. */
  readonly #uriStarts: number[] = [-1, -1]
  readonly #uriEnds: number[] = [-1, -1]

  constructor(bytes: Buffer, rules: ScanRules) {
    this.#rules = rules
    this.#bytes = normalizeLineEnds(bytes)
    this.#end = this.#bytes.length
    this.#table = new NodeTable(this.#bytes)
    this.#table.uris.push('', xmlNamespace)
    if (this.#end > rules.maxCharacters) throw this.#error('limit', 'the text is too long', 0)
  }

  run(): NodeTable {
    this.#readDeclaration()
    const bytes = this.#bytes
    while (this.#at < this.#end) {
      if (bytes[this.#at] !== lessThan) this.#readText()
      else {
        const next = bytes[this.#at + 1]
        if (next === slash) this.#readEndTag()
        else if (next === exclamation) this.#readMarkup()
        else if (next === questionMark) this.#readInstruction()
        else this.#readElement()
      }
    }
    if (this.#elements === 0) throw this.#error('malformed', 'there is no element')
    if (this.#current !== -1) throw this.#error('malformed', `<${this.#nameOf(this.#current)}> is not closed`)
    return this.#table
  }

  #error(problem: ScanProblem, message: string, at = this.#at): ScanError {
    const text = this.#bytes.toString('utf8')
    return new ScanError(problem, message, text, this.#table.characterAt(at))
  }

  #readDeclaration(): void {
    if (!/^<\?xml[ \t\n]/.test(this.#bytes.toString('latin1', 0, 6))) return
    const declaration = xmlDeclaration.exec(this.#bytes.toString('latin1', 0, maxDeclarationCharacters))
    if (declaration === null) throw this.#error('malformed', 'the XML declaration is not of version 1.0 and UTF-8')
    this.#at = declaration[0].length
  }

  // --- text

  #readText(): void {
    const bytes = this.#bytes
    const start = this.#at
    const near = Math.min(start + shortText, this.#end)
    let at = start
    let seen = 0
    while (at < near) {
      const kind = kinds[bytes[at] as number] as number
      if (kind === less) break
      seen |= kind
      at++
    }
    if (at === start + shortText) {
      const next = bytes.indexOf(lessThan, at)
      const end = next < 0 ? this.#end : next
      seen |= this.#kindsIn(at, end)
      at = end
    }
    if (this.#current === -1) this.#checkOutside(start, at, seen)
    else {
      if (seen !== 0) this.#checkCharacters(start, at, seen)
      if ((seen & greater) !== 0) this.#checkSectionEnd(start, at)
      this.#addText(start, at, this.#flagsOfText(start, at, seen))
    }
    this.#at = at
  }

  #checkOutside(start: number, end: number, seen: number): void {
    if (seen !== 0) this.#checkCharacters(start, end, seen)
    for (let at = start; at < end; at++) {
      if (!isSpace(this.#bytes[at])) throw this.#error('malformed', 'text outside the root element')
    }
  }

  /** XML 1.0 production 2; bytes that are UTF-8 hold no surrogates. */
  #checkCharacters(start: number, end: number, seen: number): void {
    if ((seen & (control | highest)) === 0) return
    const bytes = this.#bytes
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number
      // U+FFFE and U+FFFF.
      const isNone = byte === 0xef && bytes[at + 1] === 0xbf && (bytes[at + 2] as number) >= 0xbe
      if (isNone || kinds[byte] === control) throw this.#error('malformed', forbidden, at)
    }
  }

  #checkSectionEnd(start: number, end: number): void {
    // Looked for within the text only: many texts, each looked through to the end of the message, would be a square.
    if (this.#bytes.subarray(start, end).includes(']]>')) throw this.#error('malformed', 'the characters "]]>" in text')
  }

  #flagsOfText(start: number, end: number, seen: number): number {
    const flags = (seen & wide) === 0 ? 0 : isWide
    if ((seen & ampersand) === 0) return (seen & greater) === 0 ? flags | isCanonical : flags
    const written = this.#table.meaning(start, end, flags)
    const meant = this.#replaceReferences(written)
    this.#table.rewritten.set(start, meant)
    return escapeText(meant) === written ? flags | isRewritten | isCanonical : flags | isRewritten
  }

  #replaceReferences(value: string): string {
    return replaceReferences(value, (problem) => {
      throw this.#error('malformed', problem)
    })
  }

  #addText(start: number, end: number, flags: number): void {
    if (start === end) return
    const table = this.#table
    const at = this.#newNode() * nodeColumns
    const { nodes } = table
    nodes[at] = start
    nodes[at + column.namespace] = -1
    nodes[at + column.next] = table.nodeCount
    nodes[at + column.end] = end
    nodes[at + column.flags] = flags
  }

  #newNode(): number {
    const table = this.#table
    if ((table.nodeCount + 1) * nodeColumns > table.nodes.length) table.nodes = doubled(table.nodes)
    return table.nodeCount++
  }

  // --- tags

  #nameOf(row: number): string {
    return this.#table.element(row).name
  }

  #readElement(): void {
    if (this.#current === -1 && this.#elements > 0) throw this.#error('malformed', 'a second root element')
    if (++this.#depth > this.#rules.maxDepth) throw this.#error('limit', 'elements are nested too deeply')
    if (++this.#elements > this.#rules.maxElements) throw this.#error('limit', 'there are too many elements')
    const table = this.#table
    const start = this.#at
    const row = this.#newNode()
    this.#at = this.#readName(start + 1)
    const prefixLength = this.#prefixLength
    const { nodes, attributeCount: firstAttribute } = table
    const at = row * nodeColumns
    nodes[at] = start
    nodes[at + column.nameEnd] = this.#nameEnd
    nodes[at + column.prefix] = prefixLength
    nodes[at + column.parent] = this.#current
    nodes[at + column.attributes] = firstAttribute
    // Until the element ends: how many namespaces are in scope outside it.
    nodes[at + column.contentEnd] = this.#scopeLength
    const flags = this.#readAttributes(firstAttribute)
    nodes[at + column.attributeCount] = table.attributeCount - firstAttribute
    nodes[at + column.namespace] = this.#namespaceOf(start + 1, prefixLength)
    if (table.attributeCount > firstAttribute) this.#resolveAttributes(firstAttribute)
    nodes[at + column.content] = this.#at
    nodes[at + column.flags] = flags & ~selfClosing
    if ((flags & selfClosing) === 0) this.#current = row
    else this.#closeElement(at, this.#at)
  }

  #readEndTag(): void {
    const row = this.#current
    if (row === -1) throw this.#error('malformed', 'an end tag without a start tag')
    const { nodes } = this.#table
    const bytes = this.#bytes
    const node = row * nodeColumns
    const start = this.#at
    let at = start + 2
    for (let from = (nodes[node] as number) + 1, to = nodes[node + column.nameEnd] as number; from < to; from++, at++) {
      if (bytes[from] !== bytes[at]) throw this.#endTagError(row)
    }
    if (bytes[at] === greaterThan) nodes[node + column.flags] = (nodes[node + column.flags] as number) | hasCanonicalEnd
    else at = this.#skipSpace(at)
    if (bytes[at] !== greaterThan) throw this.#endTagError(row, at)
    this.#at = at + 1
    this.#closeElement(node, start)
    this.#current = nodes[node + column.parent] as number
  }

  #endTagError(row: number, at = this.#at): ScanError {
    return this.#error('malformed', `an end tag that does not close <${this.#nameOf(row)}>`, at)
  }

  #closeElement(at: number, contentEnd: number): void {
    const table = this.#table
    const { nodes } = table
    this.#depth--
    this.#scopeLength = nodes[at + column.contentEnd] as number
    nodes[at + column.contentEnd] = contentEnd
    nodes[at + column.end] = this.#at
    nodes[at + column.next] = table.nodeCount
  }

  /** Reads a name with at most one colon; returns its end. */
  #readName(start: number): number {
    const middle = this.#endOfName(start)
    if (this.#bytes[middle] !== colon) {
      this.#prefixLength = 0
      this.#nameEnd = middle
      return middle
    }
    this.#prefixLength = middle - start
    this.#nameEnd = this.#endOfName(middle + 1)
    return this.#nameEnd
  }

  #endOfName(start: number): number {
    const bytes = this.#bytes
    const end = this.#end
    let at = start
    if (at >= end || ((nameKinds[bytes[at] as number] as number) & nameStart) === 0) {
      throw this.#error('malformed', 'a name that does not begin with an ASCII letter or "_"', at)
    }
    do at++
    while (at < end && nameKinds[bytes[at] as number] !== 0)
    return at
  }

  #skipSpace(start: number): number {
    let at = start
    while (at < this.#end && isSpace(this.#bytes[at])) at++
    return at
  }

  /** Reads up to and including `>` or `/>`; returns the flags of the tag. */
  #readAttributes(first: number): number {
    const bytes = this.#bytes
    let canonical = isCanonical
    for (;;) {
      const before = this.#at
      let at = before
      if (bytes[at] === space && nameKinds[bytes[at + 1] as number] === (nameStart | nameInside)) at++
      else if (bytes[at] !== greaterThan) {
        at = this.#skipSpace(at)
        // One space in front of each attribute, and none behind the last.
        canonical = 0
      }
      this.#at = at
      if (at >= this.#end) throw this.#error('malformed', 'a malformed start tag')
      if (bytes[at] === greaterThan) {
        this.#at = at + 1
        return at === before ? canonical : 0
      }
      if (bytes[at] === slash && bytes[at + 1] === greaterThan) {
        this.#at = at + 2
        return selfClosing
      }
      if (at === before) throw this.#error('malformed', 'a malformed start tag')
      canonical &= this.#readAttribute(first, at)
    }
  }

  /** Returns whether it is written as the canonical form would. */
  #readAttribute(first: number, start: number): number {
    const bytes = this.#bytes
    const nameEnd = this.#readName(start)
    const prefixLength = this.#prefixLength
    const declares = isXmlns(bytes, start, prefixLength === 0 ? nameEnd : start + prefixLength)
    let at = bytes[nameEnd] === equals ? nameEnd : this.#skipSpace(nameEnd)
    if (bytes[at] !== equals) throw this.#error('malformed', 'an attribute without "="', at)
    at++
    if (bytes[at] !== doubleQuote) at = this.#skipSpace(at)
    const mark = bytes[at]
    if (mark !== doubleQuote && mark !== singleQuote) throw this.#error('malformed', 'an attribute without quotes', at)
    const value = at + 1
    const flags = this.#readValue(value, mark) | (declares ? isDeclaration : 0)
    const valueEnd = this.#at - 1
    if (!declares) this.#checkNewAttribute(first, start, nameEnd)
    const namespace = declares ? this.#declare(first, start, nameEnd, prefixLength, value, valueEnd, flags) : noUri
    this.#addAttribute(start, prefixLength, nameEnd, value, valueEnd, namespace, flags)
    return at === nameEnd + 1 && mark === doubleQuote ? flags & isCanonical : 0
  }

  #addAttribute(
    start: number,
    prefixLength: number,
    nameEnd: number,
    value: number,
    valueEnd: number,
    namespace: number,
    flags: number,
  ): void {
    const table = this.#table
    const at = table.attributeCount++ * attributeColumns
    if (at + attributeColumns > table.attributes.length) table.attributes = doubled(table.attributes)
    const { attributes } = table
    attributes[at] = start
    attributes[at + attributeColumn.prefix] = prefixLength
    attributes[at + attributeColumn.nameEnd] = nameEnd
    attributes[at + attributeColumn.value] = value
    attributes[at + attributeColumn.valueEnd] = valueEnd
    attributes[at + attributeColumn.namespace] = namespace
    attributes[at + attributeColumn.flags] = flags
  }

  #checkNewAttribute(first: number, start: number, nameEnd: number): void {
    const { attributes, attributeCount } = this.#table
    let others = 0
    for (let row = first; row < attributeCount; row++) {
      const at = row * attributeColumns
      if (((attributes[at + attributeColumn.flags] as number) & isDeclaration) !== 0) continue
      others++
      const other = attributes[at] as number
      if ((attributes[at + attributeColumn.nameEnd] as number) - other !== nameEnd - start) continue
      if (sameBytes(this.#bytes, other, start, nameEnd - start)) {
        throw this.#error('malformed', `the attribute ${this.#table.ascii(start, nameEnd)} stands twice`)
      }
    }
    if (others >= this.#rules.maxAttributesPerElement) throw this.#error('limit', 'an element has too many attributes')
  }

  /** Reads up to and including the ending quote; returns the flags of the value. */
  #readValue(start: number, mark: number): number {
    const bytes = this.#bytes
    const end = this.#end
    let at = start
    let seen = 0
    while (at < end) {
      const byte = bytes[at] as number
      if (byte === mark) break
      seen |= kinds[byte] as number
      at++
    }
    if (at >= end) throw this.#error('malformed', 'an attribute without an ending quote')
    if ((seen & less) !== 0) throw this.#error('malformed', 'the character "<" in an attribute')
    this.#at = at + 1
    if ((seen & ~greater) === 0) return isCanonical
    this.#checkCharacters(start, at, seen)
    return this.#flagsOfValue(start, at, seen)
  }

  #flagsOfValue(start: number, end: number, seen: number): number {
    const flags = (seen & wide) === 0 ? 0 : isWide
    if ((seen & (ampersand | lineBreak)) === 0) return (seen & quote) === 0 ? flags | isCanonical : flags
    const written = this.#table.meaning(start, end, flags)
    // XML 1.0 section 3.3.3: literal white space becomes a space, a reference to it does not.
    const meant = this.#replaceReferences(written.replace(/[\n\t]/g, ' '))
    this.#table.rewritten.set(start, meant)
    return escapeAttribute(meant) === written ? flags | isRewritten | isCanonical : flags | isRewritten
  }

  // --- namespaces

  /** Namespaces in XML 1.0, with limits of ours: a URI is absolute, written in plain ASCII, and not long. Returns its number. */
  #declare(
    first: number,
    start: number,
    nameEnd: number,
    prefixLength: number,
    value: number,
    valueEnd: number,
    flags: number,
  ): number {
    const prefix = prefixLength === 0 ? nameEnd : start + prefixLength + 1
    const number = this.#uriNumber(value, valueEnd, flags, prefix === nameEnd)
    const table = this.#table
    const isXml = table.equals(prefix, nameEnd, 'xml')
    if (table.equals(prefix, nameEnd, 'xmlns') || isXml !== (table.uris[number] === xmlNamespace)) {
      throw this.#error('malformed', 'a reserved namespace is declared')
    }
    this.#checkNewDeclaration(first, prefix, nameEnd)
    if (this.#scopeLength >= this.#rules.maxDeclarationsInScope * scopeColumns) {
      throw this.#error('limit', 'too many namespaces are in scope')
    }
    this.#pushScope(prefix, nameEnd - prefix, number)
    return number
  }

  #pushScope(prefix: number, length: number, uri: number): void {
    const scope = this.#scope
    scope[this.#scopeLength++] = prefix
    scope[this.#scopeLength++] = length
    scope[this.#scopeLength++] = uri
  }

  #checkNewDeclaration(first: number, prefix: number, prefixEnd: number): void {
    const table = this.#table
    const { attributes } = table
    let others = 0
    for (let row = first; row < table.attributeCount; row++) {
      const at = row * attributeColumns
      if (((attributes[at + attributeColumn.flags] as number) & isDeclaration) === 0) continue
      others++
      const other = declaredPrefixStart(table, at)
      if ((attributes[at + attributeColumn.nameEnd] as number) - other !== prefixEnd - prefix) continue
      if (sameBytes(this.#bytes, other, prefix, prefixEnd - prefix)) {
        throw this.#error('malformed', 'a namespace prefix is declared twice')
      }
    }
    if (others >= this.#rules.maxDeclarationsPerElement) {
      throw this.#error('limit', 'an element declares too many namespaces')
    }
  }

  /** One that was declared shortly before has been looked at, and has a number. */
  #uriNumber(start: number, end: number, flags: number, isDefault: boolean): number {
    const length = end - start
    if (length === 0 && isDefault) return noUri
    const { uris } = this.#table
    if ((flags & isRewritten) === 0) {
      for (let number = uris.length - 1; number > xmlUri && number >= uris.length - recentUris; number--) {
        const other = this.#uriStarts[number] as number
        if ((this.#uriEnds[number] as number) - other !== length || other < 0) continue
        if (sameBytes(this.#bytes, other, start, length)) return number
      }
    }
    const uri = this.#table.meaning(start, end, flags)
    const known = wellKnown.get(uri)
    if (known !== undefined) return this.#addUri(known, start, end, flags)
    if (uri.length > maxUriCharacters) throw this.#error('limit', 'the URI of a namespace is too long')
    if (!absoluteUri.test(uri)) throw this.#error('malformed', 'a namespace that is not an absolute URI')
    if (uri === xmlnsNamespace) throw this.#error('malformed', 'a reserved namespace is declared')
    return this.#addUri(uri, start, end, flags)
  }

  #addUri(uri: string, start: number, end: number, flags: number): number {
    const isAsWritten = (flags & isRewritten) === 0
    this.#uriStarts.push(isAsWritten ? start : -1)
    this.#uriEnds.push(isAsWritten ? end : -1)
    return this.#table.uris.push(uri) - 1
  }

  #resolveAttributes(first: number): void {
    const { attributes, attributeCount } = this.#table
    let prefixed = 0
    for (let row = first; row < attributeCount; row++) {
      const at = row * attributeColumns
      const prefixLength = attributes[at + attributeColumn.prefix] as number
      if (prefixLength === 0 || ((attributes[at + attributeColumn.flags] as number) & isDeclaration) !== 0) continue
      attributes[at + attributeColumn.namespace] = this.#namespaceOf(attributes[at] as number, prefixLength)
      prefixed++
    }
    if (prefixed > 1) this.#checkExpandedNames(first)
  }

  /** Two prefixes bound to one namespace must not hide a repeated attribute. */
  #checkExpandedNames(first: number): void {
    const { attributes, attributeCount, uris } = this.#table
    const field = (row: number, which: number) => attributes[row * attributeColumns + which] as number
    const uriOf = (row: number) => {
      const skipped = field(row, attributeColumn.prefix) === 0 || field(row, attributeColumn.flags) & isDeclaration
      return skipped ? '' : (uris[field(row, attributeColumn.namespace)] as string)
    }
    const localStart = (row: number) => field(row, attributeColumn.start) + field(row, attributeColumn.prefix) + 1
    for (let one = first; one < attributeCount; one++) {
      const uri = uriOf(one)
      if (uri === '') continue
      const length = field(one, attributeColumn.nameEnd) - localStart(one)
      for (let other = one + 1; other < attributeCount; other++) {
        if (uriOf(other) !== uri || field(other, attributeColumn.nameEnd) - localStart(other) !== length) continue
        if (!sameBytes(this.#bytes, localStart(one), localStart(other), length)) continue
        const name = this.#table.ascii(localStart(one), localStart(one) + length)
        throw this.#error('malformed', `the attribute ${name} stands twice`)
      }
    }
  }

  #namespaceOf(prefix: number, length: number): number {
    const scope = this.#scope
    for (let index = this.#scopeLength - scopeColumns; index >= 0; index -= scopeColumns) {
      if (scope[index + 1] !== length) continue
      if (sameBytes(this.#bytes, scope[index] as number, prefix, length)) return scope[index + 2] as number
    }
    if (length === 0) return noUri
    if (this.#table.equals(prefix, prefix + length, 'xml')) return xmlUri
    const name = this.#table.ascii(prefix, prefix + length)
    throw this.#error('malformed', `the namespace prefix ${name} is not declared`)
  }

  // --- what else begins with "<"

  /** `<!`: a comment, CDATA, or a document type declaration. */
  #readMarkup(): void {
    if (this.#startsWith('<!--')) this.#readComment()
    else if (this.#startsWith('<![CDATA[')) this.#readCharacterData()
    else throw this.#error('doctype', 'a document type declaration')
  }

  #startsWith(text: string): boolean {
    return this.#table.equals(this.#at, Math.min(this.#at + text.length, this.#end), text)
  }

  #readCharacterData(): void {
    if (this.#current === -1) throw this.#error('malformed', 'text outside the root element')
    const start = this.#at + '<![CDATA['.length
    const end = this.#bytes.indexOf(']]>', start)
    if (end < 0) throw this.#error('malformed', 'a CDATA section that does not end')
    const seen = this.#kindsIn(start, end)
    this.#checkCharacters(start, end, seen)
    const needsEscape = (seen & (less | ampersand | greater)) !== 0
    this.#addText(start, end, ((seen & wide) === 0 ? 0 : isWide) | (needsEscape ? 0 : isCanonical))
    this.#at = end + 3
  }

  /** Which kinds of byte stand there, four at a time where they are plain: most of a long text is base64. */
  #kindsIn(start: number, end: number): number {
    const bytes = this.#bytes
    this.#view ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const view = this.#view
    let at = start
    let seen = 0
    for (; at < end - 3; at += 4) {
      if (isPlain(view.getInt32(at))) continue
      seen |= (kinds[bytes[at] as number] as number) | (kinds[bytes[at + 1] as number] as number)
      seen |= (kinds[bytes[at + 2] as number] as number) | (kinds[bytes[at + 3] as number] as number)
    }
    for (; at < end; at++) seen |= kinds[bytes[at] as number] as number
    return seen
  }

  #readComment(): void {
    if (this.#rules.commentsAndInstructions === 'refuse') throw this.#error('comment', 'a comment')
    const end = this.#bytes.indexOf('--', this.#at + 4)
    if (end < 0 || this.#bytes[end + 2] !== greaterThan) throw this.#error('malformed', 'a malformed comment')
    this.#checkCharacters(this.#at, end, this.#kindsIn(this.#at, end))
    this.#at = end + 3
  }

  #readInstruction(): void {
    const isDeclaration = this.#startsWith('<?xml') && isSpace(this.#bytes[this.#at + 5])
    const what = isDeclaration
      ? 'an XML declaration that does not stand at the very beginning'
      : 'a processing instruction'
    if (this.#rules.commentsAndInstructions === 'refuse') throw this.#error('processing-instruction', what)
    if (isDeclaration) throw this.#error('malformed', what)
    const end = this.#bytes.indexOf('?>', this.#at + 2)
    if (end < 0) throw this.#error('malformed', 'a malformed processing instruction')
    this.#checkCharacters(this.#at, end, this.#kindsIn(this.#at, end))
    const name = /^[A-Za-z_][A-Za-z0-9._-]*(?=[ \t\n?])/.exec(
      this.#bytes.toString('latin1', this.#at + 2, end + 1),
    )?.[0]
    if (name === undefined || name.toLowerCase() === 'xml') {
      throw this.#error('malformed', 'a malformed processing instruction')
    }
    this.#at = end + 2
  }
}

/** A flag of a start tag, beside those of the table. */
const selfClosing = 64
const scopeColumns = 3

function isSpace(byte: number | undefined): boolean {
  return byte === space || byte === lineFeed || byte === tab
}

/**
 * Whether these four bytes are ASCII above "'" and none is "<" or ">", as those of base64 are: the highest bit of a byte comes
 * out set where it was, where the byte is lower, and where it is one of the two, which differ in one bit. A byte above such a
 * one may be taken for one too.
 */
function isPlain(word: number): boolean {
  const angleIsZero = (word & 0xfdfdfdfd) ^ 0x3c3c3c3c
  return ((word | (word - 0x28282828) | ((angleIsZero - 0x01010101) & ~angleIsZero)) & 0x80808080) === 0
}

function isXmlns(bytes: Buffer, start: number, end: number): boolean {
  // "xmlns"
  return (
    end - start === 5 &&
    bytes[start] === 0x78 &&
    bytes[start + 1] === 0x6d &&
    bytes[start + 2] === 0x6c &&
    bytes[start + 3] === 0x6e &&
    bytes[start + 4] === 0x73
  )
}

function sameBytes(bytes: Buffer, one: number, other: number, length: number): boolean {
  for (let index = 0; index < length; index++) if (bytes[one + index] !== bytes[other + index]) return false
  return true
}

function doubled(rows: Int32Array): Int32Array {
  const larger = new Int32Array(rows.length * 2)
  larger.set(rows)
  return larger
}
