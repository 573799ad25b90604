import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { endWithUs } from '../support/temporary-folder.ts'

export interface ServerProgram {
  readonly command: string
  readonly parameters: readonly string[]
  readonly cwd: string
  readonly environment: Readonly<Record<string, string>>
  /** Answers with 200 once it runs. */
  readonly url: string
}

/** Starts a server with processes of its own, and waits until it answers. Gives what ends all of them. */
export async function runServer(program: ServerProgram): Promise<() => Promise<void>> {
  const server = spawn(program.command, program.parameters, {
    cwd: program.cwd,
    env: { ...process.env, ...program.environment },
    stdio: 'ignore',
    detached: true,
  })
  const exited = once(server, 'exit')
  exited.catch(() => undefined)
  const { pid } = server
  if (pid === undefined) throw new Error(`${program.command} could not be started`)
  const hasEnded = endWithUs(-pid)
  const stop = async () => {
    signalGroup(pid, 'SIGTERM')
    const late = setTimeout(() => signalGroup(pid, 'SIGKILL'), 5000)
    await exited
    clearTimeout(late)
    signalGroup(pid, 'SIGKILL')
    hasEnded()
  }
  try {
    await untilAnswers(program, () => server.exitCode !== null || server.signalCode !== null)
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}

/** The server and its workers; whoever of them is left. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

async function untilAnswers({ url, command }: ServerProgram, hasEnded: () => boolean): Promise<void> {
  for (let waited = 0; waited < 20_000 && !hasEnded(); waited += 100) {
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return
    await wait(100)
  }
  throw new Error(`${command} did not answer at ${url}`)
}
