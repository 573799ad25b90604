import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../src/package-root.ts'

const program = fileURLToPath(new URL('dist/src/cli/main.js', packageRoot))

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly error: string
}

export interface CommandLineOptions {
  readonly cwd: string
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
}

/** The command as a process of its own, with no variables but those given. */
export function startCommandLine(words: readonly string[], { cwd, environment = {}, input }: CommandLineOptions) {
  const child = spawn(process.execPath, ['--enable-source-maps', program, ...words], {
    cwd,
    env: { PATH: process.env.PATH ?? '', ...environment },
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input ?? '')
  const texts = { out: '', error: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.error += text
  })
  const ended: Promise<Ended> = once(child, 'close').then(([code]) => ({ code, ...texts }))
  return { child, texts, ended }
}

export async function commandLine(words: readonly string[], options: CommandLineOptions): Promise<Ended> {
  return startCommandLine(words, options).ended
}
