/** What came of one check with one product. */
export type Outcome =
  | { readonly kind: 'pass' }
  | { readonly kind: 'fail'; readonly reason: string }
  | { readonly kind: 'cannot'; readonly reason: string }

export interface Row {
  readonly product: string
  /** By the name of the check. One that is missing counts as failed. */
  readonly outcomes: Readonly<Record<string, Outcome>>
}

/** The table as text, and below it why what did not pass did not. */
export function writeTable(rows: readonly Row[], checks: readonly string[]): string {
  const lines = [['', ...checks], ...rows.map((row) => [row.product, ...checks.map((check) => cell(row, check))])]
  const widths = ['', ...checks].map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const table = lines.map((line) =>
    line
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return [...table, '', ...rows.flatMap((row) => reasons(row, checks)), ''].join('\n')
}

/** Whether every check passed that the product can pass. */
export function isGood(rows: readonly Row[], checks: readonly string[]): boolean {
  return rows.every((row) => checks.every((check) => ['pass', 'the product cannot'].includes(cell(row, check))))
}

function cell({ outcomes }: Row, check: string): string {
  const outcome = outcomes[check]
  if (outcome === undefined) return 'not run'
  return outcome.kind === 'cannot' ? 'the product cannot' : outcome.kind
}

function reasons({ product, outcomes }: Row, checks: readonly string[]): string[] {
  return checks.flatMap((check) => {
    const outcome = outcomes[check]
    return outcome === undefined || outcome.kind === 'pass' ? [] : [`${product}, ${check}: ${outcome.reason}`]
  })
}
