/** Columns side by side under their names; nothing but the words when there are no rows. */
export function textTable(
  columns: readonly string[],
  rows: readonly (readonly (string | undefined)[])[],
  whenEmpty: string,
): string {
  if (rows.length === 0) return whenEmpty
  const lines = [columns.map((name) => name.toUpperCase()), ...rows.map((row) => row.map(printable))]
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => (line[index] ?? '').length)))
  return lines
    .map((line) =>
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Names and values one below the other. */
export function textList(entries: readonly (readonly [name: string, value: string | undefined])[]): string {
  const shown = entries.filter(([, value]) => value !== undefined)
  const width = Math.max(0, ...shown.map(([name]) => name.length))
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}`).join('\n')
}

/** What came from outside cannot write to the terminal, nor turn what stands beside it. */
export function printable(text: string | undefined): string {
  return (text ?? '').replace(/\p{Cc}+/gu, ' ').replace(/\p{Bidi_Control}+/gu, '')
}
