/** An element that is open where a piece begins or ends. */
export interface OpenElement {
  readonly name: string
  /** Its start tag as written. */
  readonly tag: string
  readonly place: Place
}

/** Both from 1, in the file that was handed over. */
export interface Place {
  readonly line: number
  /** In UTF-16 code units. */
  readonly column: number
}

export interface PieceContent {
  readonly text: string
  readonly place: Place
  /** Open where the content begins, the outermost first. */
  readonly before: readonly OpenElement[]
  /** Open where it ends, to be closed so that the piece is a document; empty for the last piece, which must close all itself. */
  readonly after: readonly OpenElement[]
}

/**
 * A part of a document in its context, and a document itself: the start tags of the elements around it, what was read, and
 * the end tags of what is still open. So the one reader of XML reads it, with the namespaces and the depth it has in the
 * whole.
 */
export class DocumentPiece {
  readonly xml: string
  readonly before: readonly OpenElement[]
  readonly after: readonly OpenElement[]
  /** Where each part of `xml` stands in the file. */
  readonly #parts: readonly { readonly from: number; readonly place: Place }[]

  constructor({ text, place, before, after }: PieceContent) {
    this.before = before
    this.after = after
    const parts: { from: number; place: Place }[] = []
    let starts = ''
    for (const element of before) {
      parts.push({ from: starts.length, place: element.place })
      starts += element.tag
    }
    this.#parts = [...parts, { from: starts.length, place }]
    this.xml = starts + text + endsOf(after)
  }

  /** Where a position in `xml` stands in the file. */
  placeAt(position: number): Place {
    const part = this.#parts.findLast(({ from }) => from <= position)
    if (part === undefined) return { line: 1, column: 1 }
    return advance(part.place, this.xml.slice(part.from, position))
  }

  /** Where a line and column of `xml` stand in the file. */
  placeOf({ line, column }: Place): Place {
    let start = 0
    for (let at = 1; at < line; at++) start = this.xml.indexOf('\n', start) + 1
    return this.placeAt(start + column - 1)
  }
}

/** The place after a text that begins at a place. */
export function advance({ line, column }: Place, text: string): Place {
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++
  if (lines === 0) return { line, column: column + text.length }
  return { line: line + lines, column: text.length - text.lastIndexOf('\n') }
}

/** The start tags that open these elements and the end tags that close them. */
export function startsOf(elements: readonly OpenElement[]): string {
  return elements.map(({ tag }) => tag).join('')
}

export function endsOf(elements: readonly OpenElement[]): string {
  return elements
    .map(({ name }) => `</${name}>`)
    .reverse()
    .join('')
}
