import { spawn, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Contender } from '../measure.ts'

const source = new URL('../../../bench/verify/xmlsec-loop.c', import.meta.url)

/** The program, compiled into the folder; or why there is none. */
export function compileXmlsecLoop(folder: string): { readonly program: string } | { readonly missing: string } {
  const flags = spawnSync('pkg-config', ['--cflags', '--libs', 'xmlsec1'], { encoding: 'utf8' })
  if (flags.status !== 0) return { missing: 'libxmlsec1-dev is not installed (pkg-config does not know xmlsec1)' }
  const program = join(folder, 'xmlsec-loop')
  const words = flags.stdout.trim().split(/\s+/)
  const compiled = spawnSync('gcc', ['-O2', '-o', program, source.pathname, ...words], { encoding: 'utf8' })
  return compiled.status === 0 ? { program } : { missing: `gcc failed: ${compiled.error?.message ?? compiled.stderr}` }
}

export interface XmlsecLoop extends Contender {
  readonly stop: () => void
}

/** Runs it on one response. It inherits the core this process keeps to. */
export function startXmlsecLoop(
  program: string,
  folder: string,
  samlResponse: string,
  certificate: string,
): XmlsecLoop {
  const [response, pem] = [join(folder, 'response.xml'), join(folder, 'public-key.pem')]
  writeFileSync(response, Buffer.from(samlResponse, 'base64'))
  writeFileSync(
    pem,
    new X509Certificate(Buffer.from(certificate, 'base64')).publicKey.export({ type: 'spki', format: 'pem' }),
  )
  const child = spawn(program, [response, pem], { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    name: 'xmlsec in a C loop',
    async takeTurn(milliseconds) {
      child.stdin.write(`${milliseconds}\n`)
      const { value, done } = await answers.next()
      if (done === true) throw new Error('xmlsec-loop has ended')
      return { cpuMicroseconds: Number(value) }
    },
    stop: () => child.stdin.end(),
  }
}
