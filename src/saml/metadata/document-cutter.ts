import { LatchkeyError } from '../../errors.ts'
import { documentRules } from '../xml/scan-rules.ts'
import { advance, DocumentPiece, type OpenElement, type Place } from './document-piece.ts'
import { saveAsOffered } from './metadata-document.ts'

export interface CutterLimits {
  /** How much text is gathered before it is looked at. */
  readonly partCharacters: number
  /** A piece ends at the first place where it may once it is this long. */
  readonly pieceCharacters: number
  /** One that is longer is refused: this bounds the memory. */
  readonly maxPieceCharacters: number
  /** Of the whole document. */
  readonly maxCharacters: number
  readonly maxElements: number
}

export const cutterLimits: CutterLimits = {
  partCharacters: 64 * 1024,
  pieceCharacters: 64 * 1024,
  maxPieceCharacters: 2 * 1024 * 1024,
  maxCharacters: documentRules.maxCharacters,
  maxElements: documentRules.maxElements,
}

/** Start tags around a piece that may be read again with each piece without making pieces longer. */
const freeTagCharacters = 16 * 1024

/**
 * Cuts a document into pieces while it arrives: between the children of groups (elements called EntitiesDescriptor), so that
 * an entity is never cut, and not before the first of them.
 *
 * It judges nothing: it only finds where tokens end, as the strict scanner does in what that one accepts. Every character
 * comes into exactly one piece, and a piece is a document for the scanner in which the same elements are open as in the
 * whole. So the pieces are all accepted where the whole is, and where the whole is refused, the piece is in which the fault
 * stands (decision 0170).
 */
export class DocumentCutter {
  readonly #limits: CutterLimits
  /** From the beginning of the piece on. */
  #pending = ''
  /** Where the next token begins in it. */
  #at = 0
  /** A carriage return that waits for what follows. */
  #held = ''
  #began = false
  #characters = 0
  #elements = 0
  /** Where the piece begins, and the groups that are open there. */
  #place: Place = { line: 1, column: 1 }
  /** A position in `#pending` whose place is known. */
  #mark = { at: 0, place: this.#place }
  #before: readonly OpenElement[] = []
  /** Groups that are open at `#at`. */
  #open: readonly OpenElement[] = []
  /** Elements that are open inside the innermost group. */
  #inside = 0
  #hasChild = false

  constructor(limits: CutterLimits) {
    this.#limits = limits
  }

  /** Takes what comes next and gives the pieces that are complete. Throws `metadata_malformed`, `metadata_too_large`. */
  *push(text: string): Generator<DocumentPiece> {
    this.#append(text)
    for (let end = this.#endOfToken(); end !== undefined; end = this.#endOfToken()) {
      this.#readToken(end)
      if (this.#mayCut()) yield this.#cut()
    }
    if (this.#beginsDoctype()) yield this.#rest()
    if (this.#pending.length > this.#limits.maxPieceCharacters) this.#refuseTooLarge('one part of the text is too long')
  }

  /** What is left: all of it must be closed now. Throws `metadata_malformed`, `metadata_too_large`. */
  *end(): Generator<DocumentPiece> {
    const held = this.#held === '' ? '' : '\n'
    this.#held = ''
    yield* this.push(held)
    if (!this.#began) refuseOther('')
    yield this.#rest()
  }

  #append(text: string): void {
    const arrived = this.#held + text
    this.#held = arrived.endsWith('\r') ? '\r' : ''
    const whole = this.#held === '' ? arrived : arrived.slice(0, -1)
    // XML 1.0 section 2.11: line ends become one line feed before anything else is read.
    const normalized = whole.includes('\r') ? whole.replace(/\r\n?/g, '\n') : whole
    this.#pending += this.#began ? normalized : this.#begin(normalized)
    this.#characters += normalized.length
    if (this.#characters > this.#limits.maxCharacters) this.#refuseTooLarge('the text is too long')
  }

  /** A byte order mark and blank lines in front are no fault: people paste metadata. */
  #begin(text: string): string {
    const marked = this.#characters === 0 && text.startsWith('\uFEFF')
    const blank = /^[ \t\n]*/.exec(marked ? text.slice(1) : text)?.[0] ?? ''
    this.#place = { line: advance(this.#place, blank).line, column: 1 }
    this.#mark = { at: 0, place: this.#place }
    const rest = text.slice((marked ? 1 : 0) + blank.length)
    if (rest !== '' && !rest.startsWith('<')) refuseOther(rest)
    this.#began = rest !== ''
    return rest
  }

  /** Where the token at `#at` ends; undefined until all of it is there. */
  #endOfToken(): number | undefined {
    const text = this.#pending
    const at = this.#at
    if (at >= text.length) return undefined
    if (text.charCodeAt(at) !== lessThan) return whenFound(text.indexOf('<', at), 0)
    // What begins with two dashes must end there: the scanner refuses a comment with "--" inside.
    if (text.startsWith('<!--', at)) return this.#whenThere(whenFound(text.indexOf('--', at + 4), 3))
    if (text.startsWith('<![CDATA[', at)) return whenFound(text.indexOf(']]>', at + 9), 3)
    if (text.startsWith('<?', at)) return whenFound(text.indexOf('?>', at + 2), 2)
    return text.startsWith('<!', at) || at + 1 === text.length ? undefined : endOfTag(text, at)
  }

  #whenThere(end: number | undefined): number | undefined {
    return end !== undefined && end <= this.#pending.length ? end : undefined
  }

  /** `<!` that begins neither a comment nor CDATA: the scanner refuses it, and nothing tells where it would end. */
  #beginsDoctype(): boolean {
    const start = this.#pending.slice(this.#at, this.#at + 9)
    return start.startsWith('<!') && !'<![CDATA['.startsWith(start) && !start.startsWith('<!--') && start !== '<!-'
  }

  #readToken(end: number): void {
    const text = this.#pending
    const [at, second] = [this.#at, text.charCodeAt(this.#at + 1)]
    const isTag = text.charCodeAt(at) === lessThan && second !== exclamation && second !== questionMark
    this.#at = end
    if (isTag && second === slash) this.#readEndTag()
    else if (isTag) this.#readStartTag(at, end)
  }

  #readEndTag(): void {
    if (this.#inside > 0) this.#inside--
    else this.#open = this.#open.slice(0, -1)
  }

  #readStartTag(at: number, end: number): void {
    if (++this.#elements > this.#limits.maxElements) this.#refuseTooLarge('there are too many elements')
    if (this.#open.length > 0) this.#hasChild = true
    if (this.#pending.charCodeAt(end - 2) === slash) return
    if (this.#inside > 0) {
      this.#inside++
      return
    }
    const tag = this.#pending.slice(at, end)
    const name = /^<([^\s/>]*)/.exec(tag)?.[1] ?? ''
    // Deeper ones are refused by the scanner.
    if (!/^(?:[^:]*:)?EntitiesDescriptor$/.test(name) || this.#open.length > documentRules.maxDepth) this.#inside++
    else this.#open = [...this.#open, { name, tag, place: this.#moveMark(at) }]
  }

  /** The place of a position behind the mark, which moves there: so lines are counted once. */
  #moveMark(at: number): Place {
    const place = advance(this.#mark.place, this.#pending.slice(this.#mark.at, at))
    this.#mark = { at, place }
    return place
  }

  /** Between the children of a group, when the piece is long enough. */
  #mayCut(): boolean {
    if (this.#at < this.#limits.pieceCharacters || this.#inside > 0 || this.#open.length === 0) return false
    const tags = this.#open.reduce((sum, { tag }) => sum + tag.length, 0)
    return this.#hasChild && this.#at >= this.#limits.pieceCharacters + Math.max(0, tags - freeTagCharacters)
  }

  #cut(): DocumentPiece {
    const text = this.#pending.slice(0, this.#at)
    const piece = new DocumentPiece({ text, place: this.#place, before: this.#before, after: this.#open })
    this.#place = this.#moveMark(this.#at)
    this.#mark = { at: 0, place: this.#place }
    this.#pending = this.#pending.slice(this.#at)
    this.#at = 0
    this.#before = this.#open
    return piece
  }

  #rest(): DocumentPiece {
    return new DocumentPiece({ text: this.#pending, place: this.#place, before: this.#before, after: [] })
  }

  #refuseTooLarge(arrived: string): never {
    const { line } = this.#moveMark(this.#at)
    throw new LatchkeyError('metadata_too_large', { check: 'XML', arrived, at: `line ${line}` })
  }
}

function whenFound(index: number, length: number): number | undefined {
  return index < 0 ? undefined : index + length
}

/** Behind the `>` that ends a tag: one in quotes does not. */
function endOfTag(text: string, start: number): number | undefined {
  const special = /["'>]/g
  special.lastIndex = start
  for (let found = special.exec(text); found !== null; found = special.exec(text)) {
    if (found[0] === '>') return special.lastIndex
    const close = text.indexOf(found[0], special.lastIndex)
    if (close < 0) return undefined
    special.lastIndex = close + 1
  }
  return undefined
}

function refuseOther(text: string): never {
  throw new LatchkeyError('metadata_malformed', {
    check: 'XML',
    wanted: 'an XML document',
    arrived: text === '' ? 'an empty file' : 'a text that does not begin with "<"',
    at: 'line 1',
    advice: saveAsOffered,
  })
}

const [lessThan, slash, exclamation, questionMark] = [0x3c, 0x2f, 0x21, 0x3f]
