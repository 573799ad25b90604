import { median } from '../measure.ts'
import type { Contender } from './contenders.ts'
import type { GroupedMicroseconds } from './profile.ts'
import type { Answers } from './server-process.ts'
import type { Turn } from './take-turn.ts'

type Pick = (turn: Turn) => number
const serverCpu: Pick = (turn) => turn.serverCpuMicroseconds
const databaseCpu: Pick = (turn) => turn.databaseCpuMicroseconds
const totalCpu: Pick = (turn) => turn.serverCpuMicroseconds + turn.databaseCpuMicroseconds

/** CPU of each contender, and how many times less than node-saml's on the same database. */
export function printTurns(turns: ReadonlyMap<Contender, readonly Turn[]>): void {
  for (const [contender, ofOne] of turns) {
    const isServed = contender.database === 'PostgreSQL'
    const database = isServed ? `database ${cpuText(ofOne, databaseCpu)}` : 'the database is part of it'
    console.log(`  ${contender.name.padEnd(24)}server ${cpuText(ofOne, serverCpu)}, ${database}`)
    console.log(`${' '.repeat(26)}${latencyText(ofOne)}; ${middle(ofOne, roundTrips).toFixed(2)} round trips`)
    if (contender.verifier === 'latchkey') printTimes(ofOne, rivalOf(contender, turns), isServed)
  }
}

const roundTrips: Pick = (turn) => turn.roundTrips

function rivalOf({ database }: Contender, turns: ReadonlyMap<Contender, readonly Turn[]>): readonly Turn[] {
  return [...turns].find(([other]) => other.database === database && other.verifier === 'node-saml')?.[1] ?? []
}

function printTimes(ours: readonly Turn[], rival: readonly Turn[], isServed: boolean): void {
  const times = (pick: Pick) => `${(middle(rival, pick) / middle(ours, pick)).toFixed(1)} ×`
  const together = isServed ? `, with the database's ${times(totalCpu)}` : ''
  console.log(`${' '.repeat(26)}less CPU than with node-saml: the server's ${times(serverCpu)}${together}`)
}

function middle(turns: readonly Turn[], pick: Pick): number {
  return median(turns.map(pick))
}

/** The median of the rounds and their median distance from it. */
function cpuText(turns: readonly Turn[], pick: Pick): string {
  const center = middle(turns, pick)
  const spread = median(turns.map((turn) => Math.abs(pick(turn) - center)))
  return `${center.toFixed(0).padStart(6)} µs CPU ± ${((100 * spread) / center).toFixed(1)} %`
}

function latencyText(turns: readonly Turn[]): string {
  const sorted = turns.flatMap((turn) => turn.latencyMilliseconds).sort((one, other) => one - other)
  const at = (part: number) => (sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN).toFixed(1)
  return `answers in ${at(0.5)} ms (median), ${at(0.95)} (95 %), ${at(0.99)} (99 %)`
}

export interface Sampled {
  readonly name: string
  readonly parts: GroupedMicroseconds
  readonly signIns: number
  readonly traces: Answers['traces']
}

const columnWidth = 24

/** One line a part, one column a contender. */
export function printSampled(sampled: readonly Sampled[]): void {
  const names = new Set(sampled.flatMap(({ parts }) => Object.keys(parts)))
  const share = ({ parts, signIns }: Sampled, name: string) => (parts[name] ?? 0) / signIns
  const largest = (name: string) => Math.max(...sampled.slice(0, 1).map((one) => share(one, name)))
  console.log('  where the time of the main thread goes, in µs a sign-in, sampled in one more turn')
  printRow(
    '',
    sampled.map(({ name }) => name),
  )
  for (const name of [...names].sort((one, other) => largest(other) - largest(one))) {
    printRow(
      name,
      sampled.map((one) => share(one, name).toFixed(0)),
    )
  }
  printRow(
    'together',
    sampled.map((one) => [...names].reduce((sum, name) => sum + share(one, name), 0).toFixed(0)),
  )
  console.log('  how long its steps took, in ms, as the traces of the sign-ins say (medians; waiting included)')
  for (const { name, traces } of sampled) console.log(`    ${name.padEnd(columnWidth)}${stepText(traces)}`)
}

function printRow(name: string, cells: readonly string[]): void {
  console.log(`    ${name.padEnd(40)}${cells.map((cell) => cell.padStart(columnWidth)).join('')}`)
}

function stepText(traces: Answers['traces']): string {
  const steps = new Map<string, number[]>()
  for (const { step, milliseconds } of traces.flat()) steps.set(step, [...(steps.get(step) ?? []), milliseconds])
  return [...steps].map(([step, all]) => `${step} ${median(all).toFixed(2)}`).join(', ')
}
