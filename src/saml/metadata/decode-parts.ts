import { LatchkeyError } from '../../errors.ts'
import { saveAsOffered } from './metadata-document.ts'

const partBytes = 64 * 1024

/**
 * The text of a document that arrives in parts. Bytes that are not UTF-8 are refused: what would stand in their place could be
 * part of an entity ID. Throws `metadata_malformed`.
 */
export async function* decodeParts(parts: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })
  let lines = 1
  let isFirst = true
  for await (const bytes of parts) {
    for (let at = 0; at < bytes.length; at += partBytes) {
      const part = bytes.subarray(at, at + partBytes)
      const text = decodePart(decoder, part, { isFirst, lines })
      isFirst = false
      lines += linesIn(text)
      yield text
    }
  }
  yield decodePart(decoder, undefined, { isFirst, lines })
}

interface Position {
  readonly isFirst: boolean
  readonly lines: number
}

/** The part that is undefined is the end. */
function decodePart(decoder: TextDecoder, part: Uint8Array | undefined, { isFirst, lines }: Position): string {
  try {
    return part === undefined ? decoder.decode() : decoder.decode(part, { stream: true })
  } catch (error) {
    const before = new TextDecoder().decode(part).split('\ufffd', 1)[0] ?? ''
    const detail = {
      check: 'encoding',
      wanted: 'UTF-8',
      arrived: isFirst && isUtf16(part) ? 'UTF-16' : 'bytes that are not UTF-8',
      at: `line ${lines + linesIn(before)}`,
      advice: `${saveAsOffered} Some programs change the encoding of what they save.`,
    }
    throw new LatchkeyError('metadata_malformed', detail, { cause: error })
  }
}

/** By its byte order mark. */
function isUtf16(part: Uint8Array | undefined): boolean {
  const [one, other] = part ?? []
  return (one === 0xff && other === 0xfe) || (one === 0xfe && other === 0xff)
}

function linesIn(text: string): number {
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++
  return lines
}
