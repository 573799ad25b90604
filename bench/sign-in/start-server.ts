import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { StorageSettings } from '../../src/config/settings.ts'
import type { Answers, Question, ServerStart } from './server-process.ts'

export interface BenchServer {
  readonly port: number
  ask<Q extends Question>(question: Q): Promise<Answers[Q]>
  stop(): Promise<void>
}

export interface BenchServerOptions {
  readonly storage: StorageSettings
  readonly metadata: string
  /** Whose decoding and verifying stand in the list of steps. */
  readonly verifier: 'latchkey' | 'node-saml'
}

/** Starts a server in a process of its own. What it logs goes nowhere; what it complains of is shown. */
export async function startServer({ verifier, ...start }: BenchServerOptions): Promise<BenchServer> {
  const file = (name: string) => new URL(name, import.meta.url)
  const execArgv = verifier === 'latchkey' ? [] : ['--import', file('./put-node-saml-in.js').href]
  const child = fork(fileURLToPath(file('./server-process.js')), {
    execArgv,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const failed = once(child, 'exit').then(() => {
    throw new Error(`the server of ${verifier} ended`)
  })
  failed.catch(() => undefined)

  async function send(message: ServerStart | Question): Promise<unknown> {
    const answered = once(child, 'message')
    child.send(message)
    const [answer] = await Promise.race([answered, failed])
    return answer
  }

  const { port } = (await send(start)) as { readonly port: number }
  return {
    port,
    ask: async <Q extends Question>(question: Q) => (await send(question)) as Answers[Q],
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      await send('stop')
      child.disconnect()
      await exited
    },
  }
}
