import { median } from '../measure.ts'
import { newDecryptionKey, newIdentityProvider } from '../response.ts'
import type { Allocation } from './allocation.ts'
import { nodeSaml, ours, type Validate } from './contenders.ts'
import { makeInput } from './inputs.ts'

/** Started by `allocation.ts`; writes its answer as JSON. */
const input = makeInput('response signed, 20 groups', await newIdentityProvider(), newDecryptionKey())
const answer: Allocation = {
  ours: await kilobytesOf(ours(input), 100),
  nodeSaml: await kilobytesOf(nodeSaml(input), 5),
}
console.log(JSON.stringify(answer))

async function kilobytesOf(validate: Validate, times: number): Promise<number> {
  for (let count = 0; count < 20 * times; count++) await validate()
  const batches: number[] = []
  for (let batch = 0; batch < 9; batch++) {
    gc?.()
    const before = allocated()
    for (let count = 0; count < times; count++) await validate()
    batches.push((allocated() - before) / times / 1024)
  }
  return median(batches)
}

function allocated(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
