import { parentPort, workerData } from 'node:worker_threads'
import type { MappingModule } from '../mapping/mapping-module.ts'
import { freezeInput } from './freeze-input.ts'
import type { FromThread, ThreadData } from './messages.ts'
import { plainResult } from './plain-result.ts'

/** The program of a module's thread: loads the file, then answers one question after the other. */

const port = parentPort
if (port === null) throw new TypeError('this is the program of a thread')
const { file } = workerData as ThreadData

/** Taken before any code of the module runs. */
const tell = port.postMessage.bind(port) as (message: FromThread) => void
const parse = JSON.parse

/** What a module prints goes nowhere: it may be personal, and a stream that is read keeps the process alive. */
for (const stream of [process.stdout, process.stderr]) stream.write = () => true

async function load(): Promise<MappingModule | undefined> {
  try {
    const { default: loaded } = (await import(file)) as { readonly default?: unknown }
    if (typeof loaded === 'function') return loaded as MappingModule
    tell({ kind: 'unloadable', reason: 'a file whose default export is no function' })
  } catch (error) {
    tell({ kind: 'unloadable', reason: loadFault(error) })
  }
  return undefined
}

/** No person has been spoken of yet, so what the error says may be told. */
function loadFault(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'something thrown'
}

/** Which error and where; not what it says, which may be personal. */
function errorFault(error: unknown): string {
  try {
    if (!(error instanceof Error)) return 'something that is no error'
    const name = /^[A-Za-z]{1,64}$/.test(error.name) ? error.name : 'Error'
    const [, line] = String(error.stack).split(file)
    const place = /^:(\d{1,9}:\d{1,9})/.exec(line ?? '')?.[1]
    return place === undefined ? name : `${name} at line and column ${place}`
  } catch {
    return 'an error that cannot be read'
  }
}

function answer(run: MappingModule, input: string): FromThread {
  let given: unknown
  try {
    given = run(freezeInput(parse(input)))
  } catch (error) {
    return { kind: 'threw', error: errorFault(error) }
  }
  return plainResult(given)
}

const run = await load()
if (run !== undefined) {
  port.on('message', (input: string) => tell(answer(run, input)))
  tell({ kind: 'ready' })
}
