/**
 * What the scanner makes of a text: a tree that nothing changes afterwards. Comments and entities never appear in it.
 * Only the scanner makes elements (`node-table.ts`).
 */
export interface XmlElement {
  /** As written: `saml:Assertion`. */
  readonly name: string
  /** Empty when the name has none. */
  readonly prefix: string
  readonly localName: string
  /** Empty when the element is in no namespace. */
  readonly namespace: string
  /** In document order, namespace declarations left out. */
  readonly attributes: readonly XmlAttribute[]
  /** Namespace declarations written on this very element. */
  readonly declarations: readonly NamespaceDeclaration[]
  /** Adjacent text is one string; empty text does not appear. */
  readonly children: readonly XmlNode[]
  readonly parent: XmlElement | undefined
  /** Offset of its `<` in the text that was read, line ends already normalized. */
  readonly position: number
  /** The value of an attribute by its name as written; undefined when there is none. */
  attribute(name: string): string | undefined
  /** The value of an attribute by its namespace and local name. */
  attributeIn(namespace: string, localName: string): string | undefined
}

export type XmlNode = XmlElement | string

export interface XmlAttribute {
  readonly name: string
  readonly prefix: string
  readonly localName: string
  readonly namespace: string
  readonly value: string
}

export interface NamespaceDeclaration {
  /** Empty for `xmlns="…"`. */
  readonly prefix: string
  readonly uri: string
}

export function isElement(node: XmlElement, namespace: string, localName: string): boolean
export function isElement(node: XmlNode | undefined, namespace: string, localName: string): node is XmlElement
export function isElement(node: XmlNode | undefined, namespace: string, localName: string): node is XmlElement {
  return typeof node === 'object' && node.localName === localName && node.namespace === namespace
}

/** The elements directly inside, text left out. */
export function childElements(element: XmlElement): readonly XmlElement[] {
  const elements: XmlElement[] = []
  for (const node of element.children) if (typeof node !== 'string') elements.push(node)
  return elements
}

/** The elements of one name directly inside. */
export function childrenNamed(element: XmlElement, namespace: string, localName: string): readonly XmlElement[] {
  const elements: XmlElement[] = []
  for (const node of element.children) if (isElement(node, namespace, localName)) elements.push(node)
  return elements
}

export function childNamed(element: XmlElement, namespace: string, localName: string): XmlElement | undefined {
  for (const node of element.children) if (isElement(node, namespace, localName)) return node
  return undefined
}

/** The text of an element that holds nothing but text; undefined when an element stands inside. */
export function textOf(element: XmlElement): string | undefined {
  const { children } = element
  if (children.length === 0) return ''
  return children.length === 1 && typeof children[0] === 'string' ? children[0] : undefined
}

/** Whether text other than white space stands directly inside. */
export function hasText(element: XmlElement): boolean {
  for (const node of element.children) if (typeof node === 'string' && !isSpace(node)) return true
  return false
}

/** What XML calls white space. */
function isSpace(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code !== 0x20 && code !== 0xa && code !== 0x9 && code !== 0xd) return false
  }
  return true
}

/** The value of an attribute that belongs to no namespace, as all attributes of SAML and XML Signature do. */
export function attributeOf(element: XmlElement, name: string): string | undefined {
  return element.attribute(name)
}

/** The URI a prefix is bound to at this element; undefined when it is not bound. */
export function namespaceInScope(element: XmlElement, prefix: string): string | undefined {
  for (let at: XmlElement | undefined = element; at !== undefined; at = at.parent) {
    for (const declaration of at.declarations) if (declaration.prefix === prefix) return declaration.uri
  }
  return undefined
}

/** The element and everything inside it, in document order. */
export function* allElements(element: XmlElement): Generator<XmlElement> {
  yield element
  for (const node of element.children) if (typeof node !== 'string') yield* allElements(node)
}
