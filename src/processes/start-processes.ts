import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import { LatchkeyError } from '../errors.ts'
import { createLog } from '../log.ts'
import { createMetricsGatherer } from './gather-metrics.ts'
import type { FromChild } from './messages.ts'
import { createProcessSlot, type ProcessSlot } from './process-slot.ts'

/**
 * Several processes with one port. This first process opens the port and answers nothing itself; each of the others is a
 * whole server, a node like one on another machine, and takes connections from the port whenever it has time, so that an
 * upgraded connection stays where it is and the connections of a process that dies wait for no one. This one keeps them
 * alive and stops them. Decision 0185.
 */
export interface RunningProcesses {
  readonly log: Logger
  readonly port: number
  /** All of them at once: no new work, open requests finish for the settings' `drainSeconds`. */
  stop(): Promise<void>
}

/** Gives way when all are ready. Throws what the first of them was refused with; then none is left. */
export async function startProcesses(settings: Settings): Promise<RunningProcesses> {
  checkStorage(settings)
  const log = createLog(settings, 0)
  // Before anything else of the cluster: it counts from the first call on.
  cluster.schedulingPolicy = cluster.SCHED_NONE
  cluster.setupPrimary({
    exec: fileURLToPath(new URL('./child.js', import.meta.url)),
    args: [],
    serialization: 'advanced',
  })
  const slots = openSlots(settings, log)
  const stop = async () => {
    await Promise.all(slots.map((slot) => slot.stop()))
  }
  try {
    const [port = settings.listen.port] = await Promise.all(slots.map(({ started }) => started))
    return { log, port, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function openSlots(settings: Settings, log: Logger): readonly ProcessSlot[] {
  const gatherer = createMetricsGatherer()
  const slots: ProcessSlot[] = []

  async function onMessage(message: FromChild, from: () => ProcessSlot | undefined): Promise<void> {
    if (message.kind === 'measured') gatherer.answered(message.question, message.metrics)
    if (message.kind !== 'gather') return
    const ask = slots.map((slot) => (question: number) => slot.tell({ kind: 'measure', question }))
    from()?.tell({ kind: 'gathered', question: message.question, metrics: await gatherer.gather(ask) })
  }

  for (let number = 1; number <= settings.processes; number++) {
    const options = { number, settings, log, onMessage: (message: FromChild) => void onMessage(message, from) }
    const from = () => slots[number - 1]
    slots.push(createProcessSlot(options))
  }
  return slots
}

/** The embedded database belongs to one process: its lock would refuse the second. */
function checkStorage({ storage, processes }: Settings): void {
  if (storage.kind === 'postgres') return
  throw new LatchkeyError('configuration_invalid', {
    check: 'processes',
    wanted: '1 with the embedded database, which one process has to itself',
    arrived: String(processes),
    at: storage.dataDirectory,
    advice:
      'Move to a PostgreSQL server with `latchkey migrate --to URL` and set LATCHKEY_DATABASE_URL, or leave --processes away.',
  })
}
