import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import { LatchkeyError } from '../errors.ts'

/** One key of `latchkey.yaml`: its value and where it stands. */
export interface FileEntry {
  readonly value: unknown
  readonly line: number
}

/** Reads the text of `latchkey.yaml`, a flat mapping. Throws `configuration_invalid` with the line. */
export function readSettingsFile(file: { readonly path: string; readonly text: string }): Map<string, FileEntry> {
  const lines = new LineCounter()
  const document = parseDocument(file.text, { lineCounter: lines, prettyErrors: false })
  const [fault] = document.errors
  if (fault) {
    throw new LatchkeyError('configuration_invalid', {
      check: 'YAML',
      wanted: 'YAML without faults',
      arrived: fault.message,
      at: `${file.path}, line ${lines.linePos(fault.pos[0]).line}`,
    })
  }
  const content: unknown = document.toJS({ maxAliasCount: 10 }) ?? {}
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new LatchkeyError('configuration_invalid', {
      check: 'YAML',
      wanted: 'one setting a line, such as `listenPort: 8080`',
      arrived: Array.isArray(content) ? 'a list' : 'a single value',
      at: file.path,
    })
  }
  return new Map(Object.entries(content).map(([key, value]) => [key, { value, line: lineOf(document, lines, key) }]))
}

function lineOf(document: ReturnType<typeof parseDocument>, lines: LineCounter, key: string): number {
  if (!isMap(document.contents)) return 1
  for (const { key: name } of document.contents.items) {
    if (isScalar(name) && String(name.value) === key && name.range) return lines.linePos(name.range[0]).line
  }
  return 1
}
