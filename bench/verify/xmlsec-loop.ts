import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { VerifyInput } from './inputs.ts'
import { type ContenderProcess, startProcess } from './own-process.ts'

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

/** Runs it on one response. */
export function startXmlsecLoop(program: string, folder: string, input: VerifyInput): ContenderProcess {
  const [response, pem] = [join(folder, 'response.xml'), join(folder, 'public-key.pem')]
  const { publicKey } = new X509Certificate(Buffer.from(input.provider.certificate, 'base64'))
  writeFileSync(response, Buffer.from(input.samlResponse, 'base64'))
  writeFileSync(pem, publicKey.export({ type: 'spki', format: 'pem' }))
  return startProcess('xmlsec in a C loop', program, [response, pem])
}
