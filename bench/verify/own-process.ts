import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Contender } from '../measure.ts'

export interface ContenderProcess extends Contender {
  readonly stop: () => void
}

/**
 * A contender in a process of its own, so that nobody collects another's garbage. It inherits the core this process keeps to.
 * The program is told milliseconds of CPU to work for, a line each, and answers with the microseconds of CPU that a validation took.
 */
export function startProcess(name: string, program: string, programArguments: readonly string[]): ContenderProcess {
  const child = spawn(program, programArguments, { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    name,
    async takeTurn(milliseconds) {
      child.stdin.write(`${milliseconds}\n`)
      const { value, done } = await answers.next()
      if (done === true) throw new Error(`${name} has ended`)
      return { cpuMicroseconds: Number(value) }
    },
    stop: () => child.stdin.end(),
  }
}
