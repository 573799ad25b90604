import type { NamespaceDeclaration, XmlAttribute, XmlElement, XmlNode } from './element.ts'

/**
 * What the scanner makes of a text: its bytes, and a table of numbers that says where in them each element, text and attribute
 * stands. A message has hundreds of these and a reader looks at few, so that objects are made of those few only:
 * `ScannedElement` reads the table when it is asked.
 *
 * A node is a row of `nodes`, in document order, an attribute or namespace declaration a row of `attributes`. The names
 * below are the columns. Positions are offsets in `bytes`; what is inside an element are the rows up to its `next`.
 */
export const nodeColumns = 12
export const column = {
  /** Of an element its `<`, of a text its first byte. */
  start: 0,
  nameEnd: 1,
  /** Length of the prefix, without the colon. */
  prefix: 2,
  /** A number of `uris`; -1 for a text. */
  namespace: 3,
  /** -1 for the root. */
  parent: 4,
  /** The row after all that is inside. */
  next: 5,
  attributes: 6,
  attributeCount: 7,
  /** Behind the start tag. */
  content: 8,
  /** Before the end tag. */
  contentEnd: 9,
  /** Behind the whole element, or the text. */
  end: 10,
  flags: 11,
} as const

export const attributeColumns = 7
export const attributeColumn = {
  start: 0,
  prefix: 1,
  nameEnd: 2,
  value: 3,
  valueEnd: 4,
  /** The namespace of the attribute; of a declaration, the one it declares. */
  namespace: 5,
  flags: 6,
} as const

/** Of a text, a value, or a start tag: written exactly as its canonical form writes it, namespace declarations aside. */
export const isCanonical = 1
/** The end tag is there, and written as the canonical form writes it. */
export const hasCanonicalEnd = 2
/** Holds bytes that are not ASCII. */
export const isWide = 4
/** What it means is not what is written: it stands in `rewritten`, by its position. */
export const isRewritten = 8
export const isDeclaration = 16

/** Longer ones are not turned into one string at once: the engine keeps it apart from short-lived things, which costs more. */
const maxWholeCharacters = 120 * 1024

export class NodeTable {
  readonly bytes: Buffer
  nodes: Int32Array
  attributes: Int32Array
  nodeCount = 0
  attributeCount = 0
  /** Namespaces by number: 0 is none. */
  readonly uris: string[] = []
  /** Texts and values with references or line breaks, by where they start. */
  readonly rewritten = new Map<number, string>()
  #whole: string | undefined
  readonly #elements: (ScannedElement | undefined)[] = []

  constructor(bytes: Buffer) {
    this.bytes = bytes
    // Room for a node and an attribute in every 64 bytes: more is made when it is needed.
    const rows = 16 + (bytes.length >> 6)
    const memory = new ArrayBuffer(4 * rows * (nodeColumns + attributeColumns))
    this.nodes = new Int32Array(memory, 0, rows * nodeColumns)
    this.attributes = new Int32Array(memory, 4 * rows * nodeColumns, rows * attributeColumns)
  }

  /** Bytes that are ASCII, as a string. */
  ascii(from: number, to: number): string {
    if (this.bytes.length > maxWholeCharacters) return this.bytes.toString('latin1', from, to)
    this.#whole ??= this.bytes.toString('latin1')
    return this.#whole.slice(from, to)
  }

  /** What a text or a value means. */
  meaning(from: number, to: number, flags: number): string {
    if ((flags & (isRewritten | isWide)) === 0) return this.ascii(from, to)
    if ((flags & isRewritten) !== 0) return this.rewritten.get(from) ?? ''
    return this.bytes.toString('utf8', from, to)
  }

  element(row: number): ScannedElement {
    const known = this.#elements[row]
    if (known !== undefined) return known
    const made = new ScannedElement(this, row)
    this.#elements[row] = made
    return made
  }

  /** Whether these ASCII characters stand there, and nothing more up to `to`. */
  equals(from: number, to: number, text: string): boolean {
    if (to - from !== text.length) return false
    for (let index = 0; index < text.length; index++) {
      if (this.bytes[from + index] !== text.charCodeAt(index)) return false
    }
    return true
  }

  /** Offset in UTF-16 code units of an offset in bytes. */
  characterAt(position: number): number {
    return this.bytes.toString('utf8', 0, position).length
  }
}

export class ScannedElement implements XmlElement {
  readonly table: NodeTable
  readonly row: number
  readonly localName: string
  readonly namespace: string
  #children: readonly XmlNode[] | undefined

  constructor(table: NodeTable, row: number) {
    this.table = table
    this.row = row
    this.localName = table.ascii(localNameStart(table, row), this.#at(column.nameEnd))
    this.namespace = table.uris[this.#at(column.namespace)] as string
  }

  #at(which: number): number {
    return this.table.nodes[this.row * nodeColumns + which] as number
  }

  get name(): string {
    return this.table.ascii(this.#at(column.start) + 1, this.#at(column.nameEnd))
  }

  get prefix(): string {
    const start = this.#at(column.start) + 1
    return this.table.ascii(start, start + this.#at(column.prefix))
  }

  get parent(): XmlElement | undefined {
    const parent = this.#at(column.parent)
    return parent < 0 ? undefined : this.table.element(parent)
  }

  get position(): number {
    return this.table.characterAt(this.#at(column.start))
  }

  get children(): readonly XmlNode[] {
    this.#children ??= readChildren(this.table, this.row, this.#at(column.next))
    return this.#children
  }

  get attributes(): readonly XmlAttribute[] {
    return this.#rows(0).map((row) => readAttribute(this.table, row))
  }

  get declarations(): readonly NamespaceDeclaration[] {
    return this.#rows(isDeclaration).map((row) => readDeclaration(this.table, row))
  }

  attribute(name: string): string | undefined {
    const { table } = this
    const first = this.#at(column.attributes)
    const end = first + this.#at(column.attributeCount)
    for (let row = first; row < end; row++) {
      const at = row * attributeColumns
      const { attributes } = table
      const start = attributes[at + attributeColumn.start] as number
      const nameEnd = attributes[at + attributeColumn.nameEnd] as number
      if (!table.equals(start, nameEnd, name)) continue
      if (((attributes[at + attributeColumn.flags] as number) & isDeclaration) === 0) return valueAt(table, at)
    }
    return undefined
  }

  attributeIn(namespace: string, localName: string): string | undefined {
    const { table } = this
    const { attributes } = table
    const first = this.#at(column.attributes)
    const end = first + this.#at(column.attributeCount)
    for (let row = first; row < end; row++) {
      const at = row * attributeColumns
      if (((attributes[at + attributeColumn.flags] as number) & isDeclaration) !== 0) continue
      const start = localAttributeStart(table, at)
      if (!table.equals(start, attributes[at + attributeColumn.nameEnd] as number, localName)) continue
      if (table.uris[attributes[at + attributeColumn.namespace] as number] === namespace) return valueAt(table, at)
    }
    return undefined
  }

  #rows(kind: number): readonly number[] {
    const rows: number[] = []
    const first = this.#at(column.attributes)
    const end = first + this.#at(column.attributeCount)
    for (let row = first; row < end; row++) {
      const flags = this.table.attributes[row * attributeColumns + attributeColumn.flags] as number
      if ((flags & isDeclaration) === kind) rows.push(row)
    }
    return rows
  }
}

function localNameStart({ nodes }: NodeTable, row: number): number {
  const at = row * nodeColumns
  const prefix = nodes[at + column.prefix] as number
  return (nodes[at + column.start] as number) + 1 + (prefix === 0 ? 0 : prefix + 1)
}

export function localAttributeStart({ attributes }: NodeTable, at: number): number {
  const prefix = attributes[at + attributeColumn.prefix] as number
  return (attributes[at] as number) + (prefix === 0 ? 0 : prefix + 1)
}

/** Texts that touch (around CDATA, or an ignored comment) become one. */
function readChildren(table: NodeTable, parent: number, next: number): readonly XmlNode[] {
  const { nodes } = table
  const children: XmlNode[] = []
  let text: string | undefined
  for (let row = parent + 1; row < next; row = nodes[row * nodeColumns + column.next] as number) {
    const at = row * nodeColumns
    if (nodes[at + column.namespace] === -1) {
      const part = table.meaning(
        nodes[at] as number,
        nodes[at + column.end] as number,
        nodes[at + column.flags] as number,
      )
      text = text === undefined ? part : text + part
    } else {
      if (text !== undefined) children.push(text)
      text = undefined
      children.push(table.element(row))
    }
  }
  if (text !== undefined) children.push(text)
  return children
}

function valueAt(table: NodeTable, at: number): string {
  const { attributes } = table
  const from = attributes[at + attributeColumn.value] as number
  return table.meaning(
    from,
    attributes[at + attributeColumn.valueEnd] as number,
    attributes[at + attributeColumn.flags] as number,
  )
}

function readAttribute(table: NodeTable, row: number): XmlAttribute {
  const at = row * attributeColumns
  const { attributes } = table
  const start = attributes[at + attributeColumn.start] as number
  const nameEnd = attributes[at + attributeColumn.nameEnd] as number
  const prefix = attributes[at + attributeColumn.prefix] as number
  return {
    name: table.ascii(start, nameEnd),
    prefix: table.ascii(start, start + prefix),
    localName: table.ascii(localAttributeStart(table, at), nameEnd),
    namespace: table.uris[attributes[at + attributeColumn.namespace] as number] as string,
    value: valueAt(table, at),
  }
}

function readDeclaration(table: NodeTable, row: number): NamespaceDeclaration {
  const at = row * attributeColumns
  const { attributes } = table
  const nameEnd = attributes[at + attributeColumn.nameEnd] as number
  const uri = table.uris[attributes[at + attributeColumn.namespace] as number] as string
  return { prefix: table.ascii(declaredPrefixStart(table, at), nameEnd), uri }
}

/** `xmlns:p` declares what follows its colon, `xmlns` the empty prefix, which stands at its end. */
export function declaredPrefixStart({ attributes }: NodeTable, at: number): number {
  const isDefault = attributes[at + attributeColumn.prefix] === 0
  return isDefault
    ? (attributes[at + attributeColumn.nameEnd] as number)
    : (attributes[at + attributeColumn.start] as number) + 'xmlns:'.length
}

/** The row of an element, and its table. All elements come from the scanner. */
export function rowOf(element: XmlElement): ScannedElement {
  if (element instanceof ScannedElement) return element
  throw new TypeError('an element that the scanner did not read')
}

export interface Survey {
  /** Called with each element of one of these local names, none longer than 30 characters. */
  readonly elements: readonly string[]
  readonly onElement: (element: XmlElement) => void
  /** Called with the value of each attribute of one of these local names. */
  readonly attributes: readonly string[]
  readonly onAttribute: (value: string, element: XmlElement) => void
}

/** Looks at an element and everything inside it, in document order; an element's attributes come before it. */
export function survey(root: XmlElement, { elements, onElement, attributes: names, onAttribute }: Survey): void {
  const { table, row: first } = rowOf(root)
  const { nodes, attributes } = table
  const [elementNames, attributeNames] = [new Names(table, elements), new Names(table, names)]
  const end = nodes[first * nodeColumns + column.next] as number
  for (let row = first; row < end; row++) {
    const at = row * nodeColumns
    if (nodes[at + column.namespace] === -1) continue
    const firstAttribute = nodes[at + column.attributes] as number
    const endOfAttributes = firstAttribute + (nodes[at + column.attributeCount] as number)
    for (let one = firstAttribute; one < endOfAttributes; one++) {
      const of = one * attributeColumns
      if (((attributes[of + attributeColumn.flags] as number) & isDeclaration) !== 0) continue
      if (attributeNames.has(localAttributeStart(table, of), attributes[of + attributeColumn.nameEnd] as number)) {
        onAttribute(valueAt(table, of), table.element(row))
      }
    }
    if (elementNames.has(localNameStart(table, row), nodes[at + column.nameEnd] as number)) {
      onElement(table.element(row))
    }
  }
}

/** Names of few lengths, so that most others are told by theirs alone. */
class Names {
  readonly #table: NodeTable
  readonly #names: readonly string[]
  readonly #lengths: number

  constructor(table: NodeTable, names: readonly string[]) {
    this.#table = table
    this.#names = names
    this.#lengths = names.reduce((bits, { length }) => bits | (1 << length), 0)
  }

  has(from: number, to: number): boolean {
    if (to - from > maxNameBit || ((this.#lengths >> (to - from)) & 1) === 0) return false
    for (const name of this.#names) if (this.#table.equals(from, to, name)) return true
    return false
  }
}

const maxNameBit = 30
