import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import { LatchkeyError } from '../errors.ts'
import type { FromChild, ToChild } from './messages.ts'
import { deathsInARow, restartDelay } from './restart-delay.ts'

/** The place of one process: when the process in it dies, another is started in its stead, later each time. */
export interface ProcessSlot {
  /** Gives the port when the first process in this place is ready. Throws what that one was refused with. */
  readonly started: Promise<number>
  tell(message: ToChild): void
  /** Ends the process once it has drained, and starts no other. */
  stop(): Promise<void>
}

export interface ProcessSlotOptions {
  readonly number: number
  readonly settings: Settings
  readonly log: Logger
  /** Hears what the process says besides how it starts. */
  readonly onMessage: (message: FromChild) => void
}

/** Longer than a process needs to close its storage after it has drained. */
const stopPatienceMs = 10_000

export function createProcessSlot({ number, settings, log, onMessage }: ProcessSlotOptions): ProcessSlot {
  let worker: Worker | undefined
  let readyAt: number | undefined
  let deaths = 0
  let isStopping = false
  let restart: NodeJS.Timeout | undefined
  const { promise: started, resolve: onStarted, reject: onRefused } = withResolvers<number>()

  function tell(message: ToChild): void {
    // A process that is just dying loses what it is told.
    if (worker?.isConnected()) worker.send(message, () => undefined)
  }

  function startOne(): void {
    worker = cluster.fork()
    readyAt = undefined
    worker.on('message', hear)
    worker.on('error', (error) => log.warn({ err: error }, 'a process could not be told something'))
    worker.once('exit', (code: number | null, signal: string | null) => onExit({ code, signal }))
  }

  function hear(message: FromChild): void {
    if (message.kind === 'here') tell(isStopping ? { kind: 'stop' } : { kind: 'start', settings, number })
    else if (message.kind === 'ready') {
      readyAt = performance.now()
      log.info({ child: number, pid: worker?.process.pid }, 'a process is ready')
      onStarted(message.port)
    } else if (message.kind === 'refused') {
      log.error({ child: number, code: message.code, ...message.detail }, 'a process could not start')
      onRefused(new LatchkeyError(message.code, message.detail))
    } else onMessage(message)
  }

  function onExit(how: { readonly code: number | null; readonly signal: string | null }): void {
    if (isStopping) return
    onRefused(new LatchkeyError('internal', { check: 'process', arrived: `it ended: ${how.signal ?? how.code}` }))
    deaths = deathsInARow(deaths, readyAt === undefined ? 0 : performance.now() - readyAt)
    const delayMs = restartDelay(deaths)
    log.error({ child: number, ...how, delayMs }, 'a process has ended and is started again')
    restart = setTimeout(startOne, delayMs)
  }

  async function stop(): Promise<void> {
    isStopping = true
    clearTimeout(restart)
    if (worker === undefined || worker.isDead()) return
    const { process: child } = worker
    const exited = once(child, 'exit')
    tell({ kind: 'stop' })
    const deadline = setTimeout(() => child.kill('SIGKILL'), settings.drainSeconds * 1000 + stopPatienceMs)
    await exited
    clearTimeout(deadline)
  }

  startOne()
  return { started, tell, stop }
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: unknown) => void = () => undefined
  const promise = new Promise<T>((onResolved, onRejected) => {
    resolve = onResolved
    reject = onRejected
  })
  promise.catch(() => undefined) // whoever waits for it hears of it
  return { promise, resolve, reject }
}
