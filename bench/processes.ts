import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { median } from './measure.ts'
import type { Verified } from './processes/verify-for-a-while.ts'

/**
 * Verification alone, in one process and in two that feed themselves: nothing is shared but the machine. Turns follow each
 * other, so that what else runs disturbs both alike.
 */
const rounds = 7
const turnMilliseconds = 2000
const wanted = 1.7

export async function runProcesses(): Promise<void> {
  console.log('processes: verification of one response (RSA-2048, 20 groups), in processes that feed themselves')
  const workers = await Promise.all([startWorker(), startWorker()])
  try {
    const ratios: number[] = []
    const perCoreRatios: number[] = []
    for (let round = -1; round < rounds; round++) {
      const alone = await Promise.all(workers.slice(0, 1).map((work) => work.verify(turnMilliseconds)))
      const both = await Promise.all(workers.map((work) => work.verify(turnMilliseconds)))
      if (round < 0) continue // code is compiled first
      ratios.push(perSecond(both) / perSecond(alone))
      perCoreRatios.push((2 * perCoreSecond(both)) / perCoreSecond(alone))
      console.log(`  one ${describe(alone)}; two ${describe(both)}; ratio ${ratios.at(-1)?.toFixed(2)}`)
    }
    const reached = median(ratios)
    const perCore = median(perCoreRatios).toFixed(2)
    console.log(`  given the same time on a core: ${perCore} times; what is missing, the machine did besides`)
    console.log(
      `  two processes do ${reached.toFixed(2)} times the work of one (wanted ${wanted}): ${verdict(reached)}`,
    )
  } finally {
    for (const { end } of workers) end()
  }
}

function verdict(reached: number): string {
  return reached >= wanted ? 'reached' : 'not reached'
}

async function startWorker() {
  const child = fork(fileURLToPath(new URL('./processes/verify-for-a-while.js', import.meta.url)))
  await once(child, 'message')
  return {
    async verify(milliseconds: number): Promise<Verified> {
      const answered = once(child, 'message')
      child.send(milliseconds)
      const [verified] = await answered
      return verified as Verified
    },
    end: () => child.disconnect(),
  }
}

function perSecond(all: readonly Verified[]): number {
  return all.reduce((sum, { count, milliseconds }) => sum + (count * 1000) / milliseconds, 0)
}

function perCoreSecond(all: readonly Verified[]): number {
  const milliseconds = all.reduce((sum, { cpuMilliseconds }) => sum + cpuMilliseconds, 0)
  return all.reduce((sum, { count }) => sum + count * 1000, 0) / milliseconds
}

/** With the part of a core that each process got, which says how busy the machine was with other things. */
function describe(all: readonly Verified[]): string {
  const shares = all.map(({ cpuMilliseconds, milliseconds }) => (cpuMilliseconds / milliseconds).toFixed(2))
  return `${perSecond(all).toFixed(0)} /s (cores: ${shares.join(' + ')})`
}
