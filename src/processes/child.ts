import { isLatchkeyError, LatchkeyError } from '../errors.ts'
import type { MetricsOfProcess } from '../http/metrics.ts'
import { type RunningServer, serve } from '../server/serve.ts'
import type { FromChild, ToChild } from './messages.ts'

/**
 * A program of its own: one of the processes that answer requests. It does what the first process says, and stops for a
 * signal, too: one sent to it alone, or to all of a terminal at once.
 */

const questions = new Map<number, (metrics: readonly MetricsOfProcess[]) => void>()
let asked = 0
let server: Promise<RunningServer> | undefined
let isStopping = false

function tell(message: FromChild): void {
  if (process.connected) process.send?.(message)
}

/** The first process knows the others; it answers within its patience. */
function gatherMetrics(): Promise<readonly MetricsOfProcess[]> {
  asked += 1
  const question = asked
  return new Promise((resolve) => {
    questions.set(question, resolve)
    tell({ kind: 'gather', question })
  })
}

async function start({ settings, number }: Extract<ToChild, { kind: 'start' }>): Promise<void> {
  server = serve(settings, { number, gatherMetrics })
  try {
    const { port } = await server
    tell({ kind: 'ready', port })
  } catch (error) {
    const known = isLatchkeyError(error) ? error : new LatchkeyError('internal', {}, { cause: error })
    if (known.code === 'internal') console.error(error)
    // The message must have left before the process ends.
    process.send?.({ kind: 'refused', code: known.code, detail: known.detail }, () => process.exit(1))
  }
}

async function stop(): Promise<void> {
  if (isStopping) return
  isStopping = true
  const running = await server?.catch(() => undefined)
  await running?.stop()
  process.exit(0)
}

process.on('message', async (message: ToChild) => {
  if (message.kind === 'start') await start(message)
  else if (message.kind === 'stop') await stop()
  else if (message.kind === 'measure') await measure(message.question)
  else {
    questions.get(message.question)?.(message.metrics)
    questions.delete(message.question)
  }
})

async function measure(question: number): Promise<void> {
  const metrics = (await (await server)?.metrics.registry.getMetricsAsJSON()) ?? []
  tell({ kind: 'measured', question, metrics })
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop())
tell({ kind: 'here' })
