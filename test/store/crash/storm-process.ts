import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { StorageSettings } from '../../../src/config/settings.ts'
import { until } from '../../support/until.ts'
import type { Acknowledged } from './sign-in-storm.ts'

/** `sign-in-storm.ts` in a process that can be killed. */
export class StormProcess {
  readonly acknowledged: Acknowledged[] = []
  readonly #child
  readonly #read: Promise<unknown>
  #said = ''

  constructor(settings: StorageSettings, connectionId: string) {
    const program = new URL('./sign-in-storm.js', import.meta.url).pathname
    this.#child = spawn(process.execPath, [program, JSON.stringify(settings), connectionId])
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#said = `${this.#said}${chunk}`.slice(-2000)
    })
    const lines = createInterface(this.#child.stdout)
    lines.on('line', (line) => this.acknowledged.push(JSON.parse(line)))
    this.#read = once(lines, 'close')
  }

  async untilAcknowledged(count: number): Promise<void> {
    await until(() => {
      if (this.#child.exitCode !== null) throw new Error(`the storm ended by itself: ${this.#said}`)
      return this.acknowledged.length >= count
    })
  }

  /** Ends it in the middle of what it does; every line it wrote has been read when this returns. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#read
  }
}
