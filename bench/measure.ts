/** Measures CPU time a unit of work, contenders taking turns so that a noisy machine disturbs all of them alike. */
export interface Contender {
  readonly name: string
  /** Works for about so long, in its own CPU time: on a busy machine, time on the clock would be too little work. */
  readonly takeTurn: (milliseconds: number) => Promise<Turn>
}

/** CPU time of the contender's whole process for one unit of work, garbage collection included. */
export interface Turn {
  readonly cpuMicroseconds: number
}

export interface Measurement {
  readonly name: string
  /** The median of all rounds. */
  readonly cpuMicroseconds: number
  /** Median distance of the rounds from their median, in per cent of it. */
  readonly spreadPercent: number
}

export interface MeasureOptions {
  readonly rounds: number
  /** How long one contender works in one round. */
  readonly millisecondsPerTurn: number
  /** Until code is compiled: several thousand validations of ours. Default 1200. */
  readonly warmUpMilliseconds?: number
}

/** Looking at the clock takes time too. */
const unitsBetweenLooks = 8

/** One that works in this process. */
export function inProcess(name: string, run: () => unknown): Contender {
  return {
    name,
    async takeTurn(milliseconds) {
      const before = process.cpuUsage()
      for (let units = 1; ; units++) {
        const result = run()
        if (result instanceof Promise) await result
        if (units % unitsBetweenLooks !== 0) continue
        const { user, system } = process.cpuUsage(before)
        if (user + system >= milliseconds * 1000) return { cpuMicroseconds: (user + system) / units }
      }
    },
  }
}

export async function measure(
  contenders: readonly Contender[],
  { rounds, millisecondsPerTurn, warmUpMilliseconds = 1200 }: MeasureOptions,
): Promise<readonly Measurement[]> {
  const turns = new Map<string, Turn[]>(contenders.map(({ name }) => [name, []]))
  for (const contender of contenders) await contender.takeTurn(warmUpMilliseconds)
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      turns.get(contender.name)?.push(await contender.takeTurn(millisecondsPerTurn))
    }
  }
  return contenders.map(({ name }) => summarize(name, turns.get(name) ?? []))
}

function summarize(name: string, turns: readonly Turn[]): Measurement {
  const cpu = turns.map((turn) => turn.cpuMicroseconds)
  const cpuMicroseconds = median(cpu)
  const spread = median(cpu.map((value) => Math.abs(value - cpuMicroseconds)))
  return { name, cpuMicroseconds, spreadPercent: (100 * spread) / cpuMicroseconds }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN
  return (lower + upper) / 2
}
