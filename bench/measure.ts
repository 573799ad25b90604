/** Measures CPU time a unit of work, contenders taking turns so that a noisy machine disturbs all of them alike. */
export interface Contender {
  readonly name: string
  /** One unit of work. */
  readonly run: () => void | Promise<void>
}

export interface Measurement {
  readonly name: string
  /** CPU time of the whole process for one unit, garbage collection included: the median of all rounds. */
  readonly cpuMicroseconds: number
  /** Median distance of the rounds from their median, in per cent of it. */
  readonly spreadPercent: number
  readonly unitsPerSecond: number
}

export interface MeasureOptions {
  readonly rounds: number
  /** How long one contender works in one round. */
  readonly millisecondsPerTurn: number
}

export async function measure(
  contenders: readonly Contender[],
  { rounds, millisecondsPerTurn }: MeasureOptions,
): Promise<readonly Measurement[]> {
  const turns = new Map<string, Turn[]>(contenders.map(({ name }) => [name, []]))
  for (const contender of contenders) await takeTurn(contender, millisecondsPerTurn)
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      turns.get(contender.name)?.push(await takeTurn(contender, millisecondsPerTurn))
    }
  }
  return contenders.map(({ name }) => summarize(name, turns.get(name) ?? []))
}

interface Turn {
  readonly cpuMicroseconds: number
  readonly wallMicroseconds: number
}

async function takeTurn({ run }: Contender, milliseconds: number): Promise<Turn> {
  const cpuBefore = process.cpuUsage()
  const begun = performance.now()
  let units = 0
  do {
    await run()
    units++
  } while (performance.now() - begun < milliseconds)
  const wall = performance.now() - begun
  const { user, system } = process.cpuUsage(cpuBefore)
  return { cpuMicroseconds: (user + system) / units, wallMicroseconds: (wall * 1000) / units }
}

function summarize(name: string, turns: readonly Turn[]): Measurement {
  const cpu = turns.map((turn) => turn.cpuMicroseconds)
  const cpuMicroseconds = median(cpu)
  const spread = median(cpu.map((value) => Math.abs(value - cpuMicroseconds)))
  return {
    name,
    cpuMicroseconds,
    spreadPercent: (100 * spread) / cpuMicroseconds,
    unitsPerSecond: 1e6 / median(turns.map((turn) => turn.wallMicroseconds)),
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN
  return (lower + upper) / 2
}

/** One line a contender; the ratio is how many times less CPU it takes than the last one. */
export function printMeasurements(measurements: readonly Measurement[]): void {
  const slowest = measurements.at(-1)?.cpuMicroseconds ?? Number.NaN
  for (const { name, cpuMicroseconds, spreadPercent, unitsPerSecond } of measurements) {
    const cpu = `${cpuMicroseconds.toFixed(0).padStart(8)} µs CPU ± ${spreadPercent.toFixed(1).padStart(4)} %`
    const ratio = `${(slowest / cpuMicroseconds).toFixed(1).padStart(6)} ×`
    console.log(`  ${name.padEnd(26)}${cpu}${unitsPerSecond.toFixed(0).padStart(8)} /s${ratio}`)
  }
}
