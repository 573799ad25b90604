import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { trimSpace } from '../../src/saml/structure.ts'
import { type Finding, finding } from './finding.ts'
import { nameIdOf } from './libxml2.ts'

/** A signature that we accepted, and the subject we read. */
export interface AcceptedSignature {
  readonly index: number
  readonly bytes: Buffer
  readonly keyFile: string
  readonly of: 'response' | 'assertion'
  readonly nameId: string | undefined
}

const paths = {
  response: "/*/*[local-name()='Signature']",
  assertion: "/*/*[local-name()='Assertion']/*[local-name()='Signature']",
}
const idAttributes = [
  'urn:oasis:names:tc:SAML:2.0:assertion:Assertion',
  'urn:oasis:names:tc:SAML:2.0:protocol:Response',
].flatMap((element) => ['--id-attr:ID', element])
const batchSize = 100

/** What Debian's xmlsec1 says of the signatures we accept: many messages a process, because starting one is slow. */
export class XmlsecQueue {
  readonly #folder: string
  readonly #waiting = new Map<string, AcceptedSignature[]>()
  readonly #report: (index: number, found: Finding) => void
  verified = 0

  constructor(folder: string, report: (index: number, found: Finding) => void) {
    this.#folder = folder
    this.#report = report
    mkdirSync(folder, { recursive: true })
  }

  add(accepted: AcceptedSignature): void {
    const group = `${accepted.of} ${accepted.keyFile}`
    const waiting = this.#waiting.get(group) ?? []
    this.#waiting.set(group, waiting)
    waiting.push(accepted)
    if (waiting.length >= batchSize) this.#verify(waiting.splice(0))
  }

  finish(): void {
    for (const waiting of this.#waiting.values()) if (waiting.length > 0) this.#verify(waiting.splice(0))
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** xmlsec1 stops at the first message it refuses; the rest goes on after it. */
  #verify(batch: readonly AcceptedSignature[]): void {
    const { signed, complaint } = runXmlsec(this.#folder, batch)
    for (const [number, content] of signed.entries()) {
      const accepted = batch[number]
      if (accepted !== undefined) this.#compareSubject(accepted, content)
    }
    const refused = batch[signed.length]
    if (refused === undefined) return
    this.#report(refused.index, finding('xmlsec1 refuses a signature that we accept', { of: refused.of, complaint }))
    if (signed.length + 1 < batch.length) this.#verify(batch.slice(signed.length + 1))
  }

  #compareSubject({ index, nameId }: AcceptedSignature, content: string): void {
    this.verified++
    const theirs = nameIdOf(content)
    if (isSameName(nameId, theirs)) return
    this.#report(index, finding('xmlsec1 sees another subject', { ours: `${nameId}`, theirs: `${theirs}`, content }))
  }
}

/** White space around a NameID that holds a line break counts for nothing here, and a NameID of nothing else is absent. */
function isSameName(ours: string | undefined, theirs: string | undefined): boolean {
  if (ours === theirs) return true
  const text = theirs ?? ''
  if (ours === undefined) return trimSpace(text) === ''
  return text.replace(/^[ \t\r\n]*[\r\n][ \t\r\n]*/, '').replace(/[ \t]*[\r\n][ \t\r\n]*$/, '') === ours
}

/** What each accepted signature signs, as xmlsec1 hashed it, in order, up to the first that it refuses. */
function runXmlsec(folder: string, batch: readonly AcceptedSignature[]) {
  const [first] = batch
  if (first === undefined) return { signed: [], complaint: '' }
  const files = batch.map(({ bytes }, number) => {
    const file = join(folder, `${number}.xml`)
    writeFileSync(file, bytes)
    return file
  })
  const options = ['--store-references', '--print-debug', '--enabled-reference-uris', 'same-doc', ...idAttributes]
  const { stdout, stderr, error } = spawnSync(
    'xmlsec1',
    ['--verify', ...options, '--pubkey-pem', first.keyFile, '--node-xpath', paths[first.of], ...files],
    { encoding: 'utf8', maxBuffer: 512 * 1024 * 1024 },
  )
  if (error !== undefined) throw error
  const contexts = stdout.split('= VERIFICATION CONTEXT\n== Status: ').slice(1)
  const succeeded = contexts.filter((context) => context.startsWith('succeeded'))
  const signed = succeeded.map(
    (context) => /PreDigest data - start buffer:\n([\s\S]*)\n== PreDigest data - end/.exec(context)?.[1] ?? '',
  )
  return { signed, complaint: stderr.slice(-2000) }
}
