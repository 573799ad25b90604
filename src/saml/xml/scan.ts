import type { NamespaceDeclaration, XmlAttribute, XmlElement, XmlNode } from './element.ts'
import { replaceReferences } from './references.ts'
import { ScanError, type ScanProblem } from './scan-error.ts'
import type { ScanRules } from './scan-rules.ts'

/**
 * The one reader of XML in Latchkey: text in, tree out, or a `ScanError`. It knows no SAML.
 *
 * It accepts a small language and repairs nothing: UTF-8 (decoded before), XML 1.0 with namespaces, ASCII names,
 * absolute ASCII namespace URIs, the five predefined entities and character references. CDATA is text. A document type
 * declaration is always refused, comments and processing instructions unless the rules ignore them.
 *
 * This is the hot path of a sign-in, so it is denser than the rest: one pass over the text with one index, names read
 * through a table, no regular expression where an `indexOf` does, tables of the namespaces in scope that are cut back
 * when an element ends. Start reading at `scan`, then `Scanner.run`.
 */
export function scan(xml: string, rules: ScanRules): ScannedXml {
  return new Scanner(xml, rules).run()
}

export interface ScannedXml {
  readonly root: XmlElement
  /** What was read, line ends normalized: positions and lines count in it. */
  readonly text: string
}

/** An element while it is being read; as soon as its start tag ends, only children are added. */
class ScannedElement implements XmlElement {
  readonly name: string
  readonly prefix: string
  readonly localName: string
  readonly parent: ScannedElement | undefined
  readonly position: number
  namespace = ''
  attributes: ScannedAttribute[] = noAttributes
  declarations: NamespaceDeclaration[] = noDeclarations
  children: XmlNode[] = noChildren

  constructor(name: string, prefix: string, localName: string, parent: ScannedElement | undefined, position: number) {
    this.name = name
    this.prefix = prefix
    this.localName = localName
    this.parent = parent
    this.position = position
  }

  append(node: XmlNode): void {
    if (this.children.length === 0) this.children = [node]
    else this.children.push(node)
  }

  /** Text that meets text (around CDATA, or an ignored comment) becomes one. */
  appendText(text: string): void {
    const last = this.children.length - 1
    const before = this.children[last]
    if (typeof before === 'string') this.children[last] = before + text
    else if (text !== '') this.append(text)
  }
}

/** An attribute; its namespace is known when the whole start tag has been read. */
class ScannedAttribute implements XmlAttribute {
  readonly name: string
  readonly prefix: string
  readonly localName: string
  readonly value: string
  namespace = ''

  constructor(name: string, prefix: string, localName: string, value: string) {
    this.name = name
    this.prefix = prefix
    this.localName = localName
    this.value = value
  }
}

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace'
const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/'

// Shared by all elements that have none; frozen so that nobody can write into them.
const noChildren = Object.freeze([]) as unknown as XmlNode[]
const noAttributes = Object.freeze([]) as unknown as ScannedAttribute[]
const noDeclarations = Object.freeze([]) as unknown as NamespaceDeclaration[]

// Characters XML 1.0 forbids (production 2), and surrogates that are not a pair.
const forbiddenCharacter =
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/
const xmlDeclaration =
  /^<\?xml[ \t\n]+version[ \t\n]*=[ \t\n]*(?:"1\.0"|'1\.0')(?:[ \t\n]+encoding[ \t\n]*=[ \t\n]*(?:"[Uu][Tt][Ff]-8"|'[Uu][Tt][Ff]-8'))?(?:[ \t\n]+standalone[ \t\n]*=[ \t\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\n]*\?>/
// RFC 3986, without what would need escaping in a canonical form: "&" and "'".
const uriCharacter = '(?:[A-Za-z0-9._~!$()*+,;=-]|%[0-9A-Fa-f]{2})'
const authority = `(?:(?:${uriCharacter}|:)*@)?(?:\\[[0-9A-Fa-f:.]+\\]|${uriCharacter}*)(?::[0-9]{1,5})?`
const absoluteUri = new RegExp(
  `^[A-Za-z][A-Za-z0-9+.-]*:(?://${authority}(?=[/?#]|$)|(?!//))(?:${uriCharacter}|[:@/])*(?:[?](?:${uriCharacter}|[:@/?])*)?(?:#(?:${uriCharacter}|[:@/?])*)?$`,
)
/** Every element repeats in its canonical form what it uses of these. */
const maxUriCharacters = 1024

const [tab, lineFeed, space, exclamation, doubleQuote, singleQuote] = [0x09, 0x0a, 0x20, 0x21, 0x22, 0x27]
const [slash, colon, lessThan, equals, greaterThan, questionMark] = [0x2f, 0x3a, 0x3c, 0x3d, 0x3e, 0x3f]

const nameStart = 1
const nameInside = 2
/** For each ASCII character, whether a name may begin with it or contain it; the colon is read apart. */
const nameTable = Uint8Array.from({ length: 128 }, (_unused, code) => {
  const character = String.fromCharCode(code)
  if (/[A-Za-z_]/.test(character)) return nameStart | nameInside
  return /[0-9.-]/.test(character) ? nameInside : 0
})

class Scanner {
  readonly #text: string
  readonly #rules: ScanRules
  // Whether these stand anywhere in the text: mostly not, which saves looking into every value.
  readonly #hasReference: boolean
  readonly #hasBreak: boolean
  readonly #hasSectionEnd: boolean
  #at = 0
  #root: ScannedElement | undefined
  #current: ScannedElement | undefined
  #depth = 0
  #elements = 0
  /** Parts of the name read last. */
  #prefix = ''
  #localName = ''
  /** Namespaces in scope, the innermost last: prefix and URI at the same index. */
  readonly #prefixes = ['xml', '']
  readonly #uris = [xmlNamespace, '']

  constructor(xml: string, rules: ScanRules) {
    this.#rules = rules
    // XML 1.0 section 2.11: line ends become one line feed before anything else is read.
    this.#text = xml.includes('\r') ? xml.replace(/\r\n?/g, '\n') : xml
    this.#hasReference = xml.includes('&')
    this.#hasBreak = this.#text.includes('\n') || this.#text.includes('\t')
    this.#hasSectionEnd = xml.includes(']]>')
  }

  run(): ScannedXml {
    this.#checkCharacters()
    this.#readDeclaration()
    const text = this.#text
    while (this.#at < text.length) {
      if (text.charCodeAt(this.#at) !== lessThan) this.#readText()
      else if (text.charCodeAt(this.#at + 1) === slash) this.#readEndTag()
      else if (text.charCodeAt(this.#at + 1) === exclamation) this.#readMarkup()
      else if (text.charCodeAt(this.#at + 1) === questionMark) this.#readInstruction()
      else this.#readElement()
    }
    if (this.#root === undefined) throw this.#error('malformed', 'there is no element')
    if (this.#current !== undefined) throw this.#error('malformed', `<${this.#current.name}> is not closed`)
    return { root: this.#root, text }
  }

  #error(problem: ScanProblem, message: string, at = this.#at): ScanError {
    return new ScanError(problem, message, this.#text, at)
  }

  #checkCharacters(): void {
    if (this.#text.length > this.#rules.maxCharacters) throw this.#error('limit', 'the text is too long', 0)
    const forbidden = this.#text.search(forbiddenCharacter)
    if (forbidden >= 0) throw this.#error('malformed', 'a character XML does not allow', forbidden)
  }

  #readDeclaration(): void {
    if (!/^<\?xml[ \t\n]/.test(this.#text.slice(0, 6))) return
    const declaration = xmlDeclaration.exec(this.#text)
    if (declaration === null) throw this.#error('malformed', 'the XML declaration is not of version 1.0 and UTF-8')
    this.#at = declaration[0].length
  }

  #readText(): void {
    const text = this.#text
    const next = text.indexOf('<', this.#at)
    const end = next < 0 ? text.length : next
    let value = text.slice(this.#at, end)
    if (this.#current === undefined) {
      if (/[^ \t\n]/.test(value)) throw this.#error('malformed', 'text outside the root element')
    } else {
      if (this.#hasSectionEnd && value.includes(']]>')) throw this.#error('malformed', 'the characters "]]>" in text')
      if (this.#hasReference && value.includes('&')) value = this.#replaceReferences(value)
      this.#current.appendText(value)
    }
    this.#at = end
  }

  #replaceReferences(value: string): string {
    return replaceReferences(value, (problem) => {
      throw this.#error('malformed', problem)
    })
  }

  #readEndTag(): void {
    const element = this.#current
    if (element === undefined) throw this.#error('malformed', 'an end tag without a start tag')
    if (!this.#text.startsWith(element.name, this.#at + 2)) throw this.#endTagError(element)
    this.#at += 2 + element.name.length
    this.#skipSpace()
    if (this.#text.charCodeAt(this.#at) !== greaterThan) throw this.#endTagError(element)
    this.#at++
    this.#closeElement(element)
    this.#current = element.parent
  }

  #endTagError(element: ScannedElement): ScanError {
    return this.#error('malformed', `an end tag that does not close <${element.name}>`)
  }

  #closeElement(element: ScannedElement): void {
    this.#depth--
    if (element.declarations.length === 0) return
    const outer = this.#prefixes.length - element.declarations.length
    this.#prefixes.length = outer
    this.#uris.length = outer
  }

  /** `<!`: a comment, CDATA, or a document type declaration. */
  #readMarkup(): void {
    if (this.#text.startsWith('<!--', this.#at)) this.#readComment()
    else if (this.#text.startsWith('<![CDATA[', this.#at)) this.#readCharacterData()
    else throw this.#error('doctype', 'a document type declaration')
  }

  #readCharacterData(): void {
    const text = this.#text
    if (this.#current === undefined) throw this.#error('malformed', 'text outside the root element')
    const end = text.indexOf(']]>', this.#at + 9)
    if (end < 0) throw this.#error('malformed', 'a CDATA section that does not end')
    this.#current.appendText(text.slice(this.#at + 9, end))
    this.#at = end + 3
  }

  #readComment(): void {
    if (this.#rules.commentsAndInstructions === 'refuse') throw this.#error('comment', 'a comment')
    const end = this.#text.indexOf('--', this.#at + 4)
    if (end < 0 || this.#text.charCodeAt(end + 2) !== greaterThan) throw this.#error('malformed', 'a malformed comment')
    this.#at = end + 3
  }

  #readInstruction(): void {
    if (this.#rules.commentsAndInstructions === 'refuse') {
      throw this.#error('processing-instruction', 'a processing instruction')
    }
    const end = this.#text.indexOf('?>', this.#at + 2)
    const target = /[A-Za-z_][A-Za-z0-9._-]*(?=[ \t\n?])/y
    target.lastIndex = this.#at + 2
    const name = target.exec(this.#text)?.[0]
    if (end < 0 || name === undefined || name.toLowerCase() === 'xml') {
      throw this.#error('malformed', 'a malformed processing instruction')
    }
    this.#at = end + 2
  }

  #readElement(): void {
    if (this.#current === undefined && this.#root !== undefined) throw this.#error('malformed', 'a second root element')
    if (++this.#depth > this.#rules.maxDepth) throw this.#error('limit', 'elements are nested too deeply')
    if (++this.#elements > this.#rules.maxElements) throw this.#error('limit', 'there are too many elements')
    const position = this.#at++
    const name = this.#readName()
    const element = new ScannedElement(name, this.#prefix, this.#localName, this.#current, position)
    const selfClosing = this.#readAttributes(element)
    this.#resolveNamespaces(element)
    if (this.#current === undefined) this.#root = element
    else this.#current.append(element)
    if (selfClosing) this.#closeElement(element)
    else this.#current = element
  }

  /** Reads a name with at most one colon, returns it whole and leaves its parts in #prefix and #localName. */
  #readName(): string {
    const start = this.#at
    const middle = this.#endOfName(start)
    if (this.#text.charCodeAt(middle) !== colon) {
      this.#at = middle
      this.#prefix = ''
      this.#localName = this.#text.slice(start, middle)
      return this.#localName
    }
    const end = this.#endOfName(middle + 1)
    this.#at = end
    this.#prefix = this.#text.slice(start, middle)
    this.#localName = this.#text.slice(middle + 1, end)
    return this.#text.slice(start, end)
  }

  #endOfName(start: number): number {
    const text = this.#text
    let at = start
    let code = text.charCodeAt(at)
    if (!(code < 128) || ((nameTable[code] as number) & nameStart) === 0) {
      throw this.#error('malformed', 'a name that does not begin with an ASCII letter or "_"', at)
    }
    do code = text.charCodeAt(++at)
    while (code < 128 && nameTable[code] !== 0)
    return at
  }

  #skipSpace(): void {
    const text = this.#text
    let at = this.#at
    for (let code = text.charCodeAt(at); code === space || code === lineFeed || code === tab; ) {
      code = text.charCodeAt(++at)
    }
    this.#at = at
  }

  /** Reads up to and including `>` or `/>`; returns whether the element ended with it. */
  #readAttributes(element: ScannedElement): boolean {
    const text = this.#text
    for (;;) {
      const before = this.#at
      this.#skipSpace()
      const code = text.charCodeAt(this.#at)
      if (code === greaterThan) {
        this.#at++
        return false
      }
      if (code === slash && text.charCodeAt(this.#at + 1) === greaterThan) {
        this.#at += 2
        return true
      }
      if (this.#at === before) throw this.#error('malformed', 'a malformed start tag')
      this.#readAttribute(element)
    }
  }

  #readAttribute(element: ScannedElement): void {
    const name = this.#readName()
    const prefix = this.#prefix
    const localName = this.#localName
    const value = this.#readAttributeValue()
    if (prefix === 'xmlns') this.#declare(element, localName, value)
    else if (name === 'xmlns') this.#declare(element, '', value)
    else {
      const { attributes } = element
      if (attributes.length >= this.#rules.maxAttributesPerElement) {
        throw this.#error('limit', 'an element has too many attributes')
      }
      this.#checkNewAttribute(attributes, name)
      const attribute = new ScannedAttribute(name, prefix, localName, value)
      if (attributes.length === 0) element.attributes = [attribute]
      else attributes.push(attribute)
    }
  }

  #checkNewAttribute(attributes: readonly ScannedAttribute[], name: string): void {
    for (const other of attributes) {
      if (other.name === name) throw this.#error('malformed', `the attribute ${name} stands twice`)
    }
  }

  #readAttributeValue(): string {
    const text = this.#text
    this.#skipSpace()
    if (text.charCodeAt(this.#at) !== equals) throw this.#error('malformed', 'an attribute without "="')
    this.#at++
    this.#skipSpace()
    const quote = text.charCodeAt(this.#at)
    if (quote !== doubleQuote && quote !== singleQuote) throw this.#error('malformed', 'an attribute without quotes')
    const end = text.indexOf(quote === doubleQuote ? '"' : "'", this.#at + 1)
    if (end < 0) throw this.#error('malformed', 'an attribute without an ending quote')
    let value = text.slice(this.#at + 1, end)
    if (value.includes('<')) throw this.#error('malformed', 'the character "<" in an attribute')
    // XML 1.0 section 3.3.3: literal white space becomes a space, a reference to it does not.
    if (this.#hasBreak && /[\n\t]/.test(value)) value = value.replace(/[\n\t]/g, ' ')
    if (this.#hasReference && value.includes('&')) value = this.#replaceReferences(value)
    this.#at = end + 1
    return value
  }

  /** Namespaces in XML 1.0, with limits of ours: a URI is absolute, written in plain ASCII, and not long. */
  #declare(element: ScannedElement, prefix: string, uri: string): void {
    const undeclares = prefix === '' && uri === ''
    if (uri.length > maxUriCharacters) throw this.#error('limit', 'the URI of a namespace is too long')
    // One that is in scope has been looked at before.
    if (!undeclares && (uri === '' || !this.#uris.includes(uri)) && !absoluteUri.test(uri)) {
      throw this.#error('malformed', 'a namespace that is not an absolute URI')
    }
    if (prefix === 'xmlns' || uri === xmlnsNamespace || (prefix === 'xml') !== (uri === xmlNamespace)) {
      throw this.#error('malformed', 'a reserved namespace is declared')
    }
    for (const other of element.declarations) {
      if (other.prefix === prefix) throw this.#error('malformed', 'a namespace prefix is declared twice')
    }
    if (element.declarations.length >= this.#rules.maxDeclarationsPerElement) {
      throw this.#error('limit', 'an element declares too many namespaces')
    }
    if (this.#prefixes.length - 2 >= this.#rules.maxDeclarationsInScope) {
      throw this.#error('limit', 'too many namespaces are in scope')
    }
    if (element.declarations.length === 0) element.declarations = [{ prefix, uri }]
    else element.declarations.push({ prefix, uri })
    this.#prefixes.push(prefix)
    this.#uris.push(uri)
  }

  #resolveNamespaces(element: ScannedElement): void {
    element.namespace = this.#namespaceOf(element.prefix)
    let prefixed = 0
    for (const attribute of element.attributes) {
      if (attribute.prefix === '') continue
      attribute.namespace = this.#namespaceOf(attribute.prefix)
      prefixed++
    }
    if (prefixed > 1) this.#checkExpandedNames(element.attributes)
  }

  /** Two prefixes bound to one namespace must not hide a repeated attribute. */
  #checkExpandedNames(attributes: readonly ScannedAttribute[]): void {
    for (const [index, one] of attributes.entries()) {
      if (one.namespace === '') continue
      for (const other of attributes.slice(index + 1)) {
        if (one.localName === other.localName && one.namespace === other.namespace) {
          throw this.#error('malformed', `the attribute ${one.localName} stands twice`)
        }
      }
    }
  }

  #namespaceOf(prefix: string): string {
    const prefixes = this.#prefixes
    for (let index = prefixes.length - 1; index >= 0; index--) {
      if (prefixes[index] === prefix) return this.#uris[index] as string
    }
    throw this.#error('malformed', `the namespace prefix ${prefix} is not declared`)
  }
}
