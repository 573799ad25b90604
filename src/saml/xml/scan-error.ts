export type ScanProblem = 'malformed' | 'limit' | 'doctype' | 'comment' | 'processing-instruction'

/** Thrown by the scanner alone. A message turns it into a `saml_…` code, metadata into `metadata_malformed`. */
export class ScanError extends Error {
  override readonly name = 'ScanError'
  readonly problem: ScanProblem
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 code units. */
  readonly column: number

  constructor(problem: ScanProblem, message: string, text: string, position: number) {
    // Names come from the input and may be long.
    super(message.slice(0, 200))
    this.problem = problem
    this.line = lineOf(text, position)
    this.column = position - text.lastIndexOf('\n', position - 1)
  }
}

/** The line, from 1, in which a position stands. */
export function lineOf(text: string, position: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < position; at = text.indexOf('\n', at + 1)) line++
  return line
}
