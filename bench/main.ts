import { runHostile } from './hostile.ts'
import { runVerify } from './verify.ts'

/** `npm run bench`: every figure the README quotes. An argument chooses one; without, all run. */
const benches: ReadonlyMap<string, () => Promise<void>> = new Map([
  ['verify', runVerify],
  ['hostile', runHostile],
])

const [wanted] = process.argv.slice(2)
if (wanted !== undefined && !benches.has(wanted)) {
  console.error(`no such bench: ${wanted}; there are ${[...benches.keys()].join(', ')}`)
  process.exit(2)
}
for (const [name, run] of benches) if (wanted === undefined || wanted === name) await run()
