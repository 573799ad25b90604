import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { type ErrorCode, LatchkeyError } from '../errors.ts'
import type { ModuleFile } from './mapping-modules.ts'
import type { FromThread, ThreadData } from './messages.ts'

export interface ModuleLimits {
  /** Longest time for one answer. */
  readonly milliseconds: number
  /** Most memory for what JavaScript keeps. */
  readonly megabytes: number
}

/** One module in its thread. One question at a time: others wait their turn, which is short because each is timed. */
export interface ModuleThread {
  /** Gives what the thread says, which may be anything. Throws `mapping_module_failed`, `mapping_module_timeout`. */
  ask(input: string): Promise<FromThread>
  /** Throws `configuration_invalid`. */
  load(): Promise<void>
  close(): Promise<void>
}

/** Reading a file is given longer than an answer: it happens once. */
const loadMilliseconds = 10_000

/** A thread that took too long, ended or ran out of memory is replaced at the next question. */
export function startModuleThread(file: ModuleFile, limits: ModuleLimits): ModuleThread {
  let running: Worker | undefined
  let turn: Promise<unknown> = Promise.resolve()

  /** The code is the only difference between a start and a sign-in that finds the file broken. */
  async function open(unloadable: (reason: string) => LatchkeyError): Promise<Worker> {
    const worker = createWorker(file, limits)
    worker.once('exit', () => {
      if (running === worker) running = undefined
    })
    const said = await nextMessage(worker, loadMilliseconds).catch((error: unknown) => error)
    if (isMessage(said) && said.kind === 'ready') {
      worker.unref()
      return worker
    }
    await worker.terminate()
    throw unloadable(isMessage(said) && said.kind === 'unloadable' ? said.reason : reasonOf(said, limits))
  }

  async function askNow(input: string): Promise<FromThread> {
    running ??= await open((reason) => unloadable('mapping_module_failed', file, reason))
    const worker = running
    // An idle thread keeps no process alive; one that was asked does.
    worker.ref()
    try {
      const said = nextMessage(worker, limits.milliseconds)
      worker.postMessage(input)
      return await said
    } catch (error) {
      if (running === worker) running = undefined
      await worker.terminate()
      throw failed(file, error, limits)
    } finally {
      worker.unref()
    }
  }

  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const mine = turn.then(run)
    turn = mine.catch(() => undefined)
    return mine
  }

  return {
    ask: (input) => inTurn(() => askNow(input)),
    load: () =>
      inTurn(async () => {
        running ??= await open((reason) => unloadable('configuration_invalid', file, reason))
      }),
    close: () =>
      inTurn(async () => {
        await running?.terminate()
        running = undefined
      }),
  }
}

/** Without the variables of the process, among which are secrets. Its output is not read: `thread.ts` drops it. */
function createWorker({ name, path }: ModuleFile, { megabytes }: ModuleLimits): Worker {
  const workerData: ThreadData = { file: pathToFileURL(resolve(path)).href }
  const worker = new Worker(new URL('./thread.js', import.meta.url), {
    workerData,
    name: `mapping-module-${name}`,
    argv: [],
    execArgv: [],
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: megabytes, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
  })
  // What it throws between two questions ends it, and is nobody's answer.
  worker.on('error', () => undefined)
  return worker
}

const timedOut = Symbol('timed out')

/** Rejects with `timedOut`, with what the thread did not catch, or with its exit code. */
function nextMessage(worker: Worker, milliseconds: number): Promise<FromThread> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(() => reject(timedOut)), milliseconds)
    const onMessage = (said: FromThread) => end(() => resolve(said))
    const onError = (error: unknown) => end(() => reject(error))
    const onExit = (code: number) => end(() => reject(code))
    function end(settle: () => void): void {
      clearTimeout(timer)
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      settle()
    }
    worker.once('message', onMessage).once('error', onError).once('exit', onExit)
  })
}

function isMessage(value: unknown): value is FromThread {
  return typeof value === 'object' && value !== null && 'kind' in value
}

function failed(file: ModuleFile, reason: unknown, limits: ModuleLimits): LatchkeyError {
  const about = { check: `mapping module ${file.name}`, at: file.path }
  if (reason === timedOut) {
    const wanted = `an answer within ${limits.milliseconds} ms (mappingModuleMilliseconds)`
    return new LatchkeyError('mapping_module_timeout', { ...about, wanted, arrived: 'none' })
  }
  return new LatchkeyError('mapping_module_failed', {
    ...about,
    wanted: 'an answer',
    arrived: reasonOf(reason, limits),
  })
}

function reasonOf(reason: unknown, { megabytes }: ModuleLimits): string {
  if (reason === timedOut) return 'nothing in time'
  if (typeof reason === 'number') return `the end of its thread (process.exit, code ${reason})`
  const code = reason instanceof Error && 'code' in reason ? reason.code : undefined
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return `more than ${megabytes} MB of memory (mappingModuleMegabytes)`
  return reason instanceof Error
    ? `${reason.name}, thrown outside of its answer`
    : 'something thrown outside of its answer'
}

function unloadable(code: ErrorCode, { name, path }: ModuleFile, reason: string): LatchkeyError {
  return new LatchkeyError(code, {
    check: `mappingModules: ${name}`,
    wanted: 'a JavaScript file that can be read and whose default export is a function',
    arrived: reason,
    at: path,
  })
}
