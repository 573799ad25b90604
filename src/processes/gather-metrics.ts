import type { MetricsOfProcess } from '../http/metrics.ts'

/** Asks every process what it has counted. One that is dying or busy is not waited for longer than this. */
const patienceMs = 1000

export interface MetricsGatherer {
  /** `ask` sends the question to one process; it must not throw. */
  gather(processes: readonly ((question: number) => void)[]): Promise<readonly MetricsOfProcess[]>
  answered(question: number, metrics: MetricsOfProcess): void
}

export function createMetricsGatherer(waitMs = patienceMs): MetricsGatherer {
  const waiting = new Map<number, (metrics: MetricsOfProcess) => void>()
  let questions = 0

  async function askOne(ask: (question: number) => void): Promise<MetricsOfProcess | undefined> {
    questions += 1
    const question = questions
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise<MetricsOfProcess | undefined>((resolve) => {
        waiting.set(question, resolve)
        timer = setTimeout(() => resolve(undefined), waitMs)
        ask(question)
      })
    } finally {
      clearTimeout(timer)
      waiting.delete(question)
    }
  }

  return {
    async gather(processes) {
      const answers = await Promise.all(processes.map(askOne))
      return answers.filter((metrics) => metrics !== undefined)
    },
    answered: (question, metrics) => waiting.get(question)?.(metrics),
  }
}
