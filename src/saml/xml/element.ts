/** What the scanner makes of a text: a tree that nothing changes afterwards. Comments and entities never appear in it. */
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
  return element.children.filter((node) => typeof node !== 'string')
}

/** The elements of one name directly inside. */
export function childrenNamed(element: XmlElement, namespace: string, localName: string): readonly XmlElement[] {
  return element.children.filter((node) => isElement(node, namespace, localName))
}

export function childNamed(element: XmlElement, namespace: string, localName: string): XmlElement | undefined {
  return element.children.find((node) => isElement(node, namespace, localName)) as XmlElement | undefined
}

/** The text of an element that holds nothing but text; undefined when an element stands inside. */
export function textOf(element: XmlElement): string | undefined {
  const { children } = element
  if (children.length === 0) return ''
  return children.length === 1 && typeof children[0] === 'string' ? children[0] : undefined
}

/** Whether text other than white space stands directly inside. */
export function hasText(element: XmlElement): boolean {
  return element.children.some((node) => typeof node === 'string' && !/^[ \t\r\n]*$/.test(node))
}

/** The value of an attribute that belongs to no namespace, as all attributes of SAML and XML Signature do. */
export function attributeOf(element: XmlElement, name: string): string | undefined {
  for (const attribute of element.attributes) if (attribute.name === name) return attribute.value
  return undefined
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
