import { LatchkeyError } from '../errors.ts'

/** Characters; a line end counts as one. */
export const longestNote = 500

/** What is left of a text that a person waiting for approval wrote, when it is fit to be kept. Throws `approval_note_invalid`. */
export function cleanNote(written: string): string {
  const text = visibleText(written)
  const length = [...text].length
  if (length > 0 && length <= longestNote) return text
  throw new LatchkeyError('approval_note_invalid', {
    check: 'text',
    wanted: `1 to ${longestNote} characters`,
    arrived: `${length} characters`,
  })
}

/**
 * A text that a stranger wrote, fit to be shown on any screen: no control characters but line ends, and nothing that is not
 * seen or turns the direction of what follows (Unicode categories Cc, Cf, Cs, Co, Cn, but for the two joiners that some scripts
 * are written with), and no towers of accents.
 */
export function visibleText(written: string): string {
  return written
    .replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, '\n')
    .replace(/\t/g, ' ')
    .replace(/[^\P{C}\n\u200c\u200d]/gu, '')
    .normalize('NFC')
    .replace(/\p{M}{5,}/gu, (marks) => marks.slice(0, 4))
    .replace(/[^\S\n]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}
