import { randomInt } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { FuzzReport, FuzzWork } from './worker.ts'

/**
 * `npm run fuzz -- --seconds N [--seed S] [--only INDEX]`: differential fuzzing of what reads and verifies messages.
 *
 * Inputs are made from the grammar of XML and by changing messages (`inputs.ts`); a seed decides all of them. Wherever our
 * scanner accepts, libxml2 does, the canonical forms are equal byte by byte and are read as the same tree again
 * (`check-canonical-form.ts`). Wherever our verifier accepts a signature, xmlsec1 does and sees the same subject
 * (`xmlsec.ts`). Metadata gives one answer, whether it is read in one or piece by piece (`check-metadata.ts`), and of a logout
 * message nothing is accepted but what was signed (`check-logout.ts`). Nothing crashes, hangs or takes memory without bound: the work is done in a worker of bounded memory,
 * watched from here. What is found is kept in `test-results/fuzz/`; exit code 1 then.
 */
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '20' }, seed: { type: 'string' }, only: { type: 'string' } },
})
const seconds = Number(values.seconds)
const only = values.only === undefined ? undefined : Number(values.only)
if (!(seconds > 0) || (only !== undefined && !Number.isInteger(only))) {
  console.error('usage: npm run fuzz -- --seconds N [--seed S] [--only INDEX]')
  process.exit(2)
}

const hangSeconds = 20
const seed = values.seed ?? String(randomInt(1_000_000_000))
// A single input has a folder of its own: the run that found it may still be at work.
const folder = join('test-results', 'fuzz', (only === undefined ? seed : `${seed}-${only}`).replaceAll(/[^\w-]+/g, '_'))
const progress = new BigInt64Array(new SharedArrayBuffer(16))
const work: FuzzWork = { seed, seconds, only, folder, progress }
console.log(`seed ${seed}, ${only === undefined ? `${seconds} seconds` : `input ${only}`}`)

const worker = new Worker(new URL('./worker.js', import.meta.url), {
  workerData: work,
  resourceLimits: { maxOldGenerationSizeMb: 512 },
})
let watched = { since: 0n, cpuSeconds: 0 }
const watch = setInterval(() => {
  const [index = 0n, since = 0n] = [Atomics.load(progress, 0), Atomics.load(progress, 1)]
  const { user, system } = process.cpuUsage()
  const cpuSeconds = (user + system) / 1e6
  if (since !== watched.since) watched = { since, cpuSeconds }
  // Of CPU time: on a busy machine, much time passes without any work.
  if (index < 0n || cpuSeconds - watched.cpuSeconds < hangSeconds) return
  fail(`input ${index} takes more than ${hangSeconds} seconds`)
}, 1000)

worker.on('message', (report: FuzzReport) => {
  clearInterval(watch)
  print(report)
  process.exitCode = report.findings.length === 0 ? 0 : 1
})
worker.on('error', (error) =>
  fail(`input ${Atomics.load(progress, 0)} ended the worker: ${error.stack ?? error.message}`),
)

/** The input is made again from its number, so that its number is enough. */
function fail(problem: string): void {
  mkdirSync(folder, { recursive: true })
  const repeat = `npm run fuzz -- --seed ${seed} --only ${Atomics.load(progress, 0)}`
  writeFileSync(join(folder, 'ended.txt'), `${problem}\n${repeat}\n`)
  console.error(`${problem}\n${repeat}`)
  process.exit(1)
}

function print(report: FuzzReport): void {
  const { inputs, scanned, compared, verified, encrypted, confirmed, metadata, logout } = report
  const { refusals, slowest, findings, peakMemoryMb } = report
  const total = Object.values(inputs).reduce((sum, count) => sum + count, 0)
  console.log(`${total} inputs: ${counts(inputs)}`)
  console.log(
    `${scanned} read by our scanner, ${compared} canonical forms equal to libxml2's and read as the same tree again`,
  )
  console.log(
    `${verified} messages verified, ${confirmed} signatures of them confirmed by xmlsec1 with the same subject`,
  )
  console.log(
    `${encrypted.tried} messages tried with their assertion encrypted, ${encrypted.accepted} accepted, as in the clear`,
  )
  console.log(
    `${metadata.compared} metadata answers the same in one and in pieces, ${metadata.read} of them no refusal`,
  )
  console.log(`${logout.tried} logout messages tried, ${logout.accepted} accepted, as they were signed`)
  console.log(`refused: ${counts(refusals)}`)
  for (const { what, nsPerByte, bytes, index } of slowest) {
    console.log(`slowest ${what}: ${nsPerByte.toFixed(0)} ns a byte (input ${index}, ${bytes} bytes)`)
  }
  console.log(`most memory: ${peakMemoryMb.toFixed(0)} MB`)
  if (findings.length === 0) console.log('nothing found')
  else console.error(`FOUND, kept in ${folder}:\n  ${findings.join('\n  ')}`)
}

function counts(numbers: Readonly<Record<string, number>>): string {
  const ordered = Object.entries(numbers).sort(([, one], [, other]) => other - one)
  return ordered.map(([name, count]) => `${count} ${name}`).join(', ')
}
