/** What issue 3 wants, and whether this run has it. */
export interface Target {
  readonly what: string
  readonly wanted: number
  readonly aim?: number
  /** Undefined: not measured in this run. */
  readonly measured: number | undefined
  readonly unit: string
  /** Whether less is better. Default: more is. */
  readonly atMost?: boolean
}

export function printTargets(targets: readonly Target[]): void {
  console.log('targets')
  for (const target of targets) console.log(`  ${verdict(target).padEnd(24)}${describe(target)}`)
}

function verdict({ measured, wanted, aim, atMost = false }: Target): string {
  if (measured === undefined) return 'not measured'
  const meets = (limit: number) => (atMost ? measured <= limit : measured >= limit)
  if (!meets(wanted)) return 'NOT REACHED'
  if (aim === undefined) return 'reached'
  return meets(aim) ? 'reached, with the aim' : 'reached, not the aim'
}

function describe({ what, measured, wanted, aim, unit, atMost = false }: Target): string {
  const limit = `${atMost ? 'at most' : 'at least'} ${wanted}${unit}${aim === undefined ? '' : `, aim ${aim}${unit}`}`
  return `${what}: ${measured === undefined ? '–' : `${measured.toFixed(2)}${unit}`} (${limit})`
}
