import { parseArgs } from 'node:util'
import { runAggregate } from './aggregate.ts'
import { runDecryptionTiming } from './decryption-timing.ts'
import { runHostile } from './hostile.ts'
import { runProcesses } from './processes.ts'
import { runReplay } from './replay.ts'
import { runSignIn } from './sign-in.ts'
import { runStorm } from './storm.ts'
import { runVerify } from './verify.ts'

/** `npm run bench`: every figure the README quotes. An argument chooses one; without, all run but those that take long. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    count: { type: 'string', default: '10000' },
    accounts: { type: 'string', default: '1000000' },
    only: { type: 'string' },
  },
})
const seconds = Number(values.seconds)
const count = Number(values.count)
const benches: ReadonlyMap<string, () => Promise<void>> = new Map([
  ['verify', runVerify],
  ['hostile', runHostile],
  ['decryption-timing', runDecryptionTiming],
  ['aggregate', runAggregate],
  ['processes', runProcesses],
  ['replay', runReplay],
  ['sign-in', () => runSignIn({ seconds })],
  ['storm', () => runStorm({ count, accounts: Number(values.accounts), only: values.only })],
])

/** Takes a quarter of an hour, and installs what it compares with. */
const onlyWhenNamed: ReadonlySet<string> = new Set(['storm'])

const [wanted] = positionals
if (wanted !== undefined && !benches.has(wanted)) {
  console.error(`no such bench: ${wanted}; there are ${[...benches.keys()].join(', ')}`)
  process.exit(2)
}
if (!(seconds > 0)) {
  console.error('--seconds wants how long the sign-ins may take')
  process.exit(2)
}
if (!(Number.isInteger(count) && count > 0)) {
  console.error('--count wants how many persons sign in at once')
  process.exit(2)
}
for (const [name, run] of benches) {
  if (wanted === name || (wanted === undefined && !onlyWhenNamed.has(name))) await run()
}
