import { LineCounter, parseDocument, visit } from 'yaml'
import { LatchkeyError } from '../errors.ts'

/** What a file holds as YAML or JSON, as plain data without circles; an empty one is `undefined`. Throws `input_invalid` with the first fault. */
export function readYaml(text: string, path: string): unknown {
  const lineCounter = new LineCounter()
  try {
    const document = parseDocument(text, { lineCounter })
    const [fault] = document.errors
    if (fault) throw fault
    visit(document, {
      Scalar(where, { value, range }) {
        if (where !== 'key' || value !== '__proto__') return
        // Whoever reads objects passes over it, and what stands under it would be lost.
        throw new Error(`a name that nothing may have, ${value}, at line ${lineCounter.linePos(range?.[0] ?? 0).line}`)
      },
    })
    const content: unknown = document.toJS({ maxAliasCount: 1000 }) ?? undefined
    JSON.stringify(content)
    return content
  } catch (error) {
    const arrived = error instanceof Error ? (error.message.split('\n')[0] ?? '').replace(/:$/, '') : ''
    throw new LatchkeyError('input_invalid', { check: 'YAML', wanted: 'YAML without faults', arrived, at: path })
  }
}
