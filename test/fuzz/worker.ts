import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { readMetadata } from '../../src/saml/metadata/read-metadata.ts'
import { scan } from '../../src/saml/xml/scan.ts'
import { ScanError } from '../../src/saml/xml/scan-error.ts'
import { messageRules } from '../../src/saml/xml/scan-rules.ts'
import { answerOf } from '../saml/metadata/same-answer.ts'
import { checkCanonicalForm } from './check-canonical-form.ts'
import { checkEncrypted, type EncryptedCounts } from './check-encrypted.ts'
import { checkLogout, type LogoutCounts, receiveAndVerify } from './check-logout.ts'
import { verifyMessage } from './check-message.ts'
import { checkMetadata, type MetadataCounts } from './check-metadata.ts'
import { type Finding, finding } from './finding.ts'
import { type Input, type InputSource, makeInput, readFixtures } from './inputs.ts'
import type { LogoutCase } from './logout-input.ts'
import type { MetadataCase } from './metadata-input.ts'
import { Random } from './random.ts'
import { saveFinding } from './save-finding.ts'
import { certificateOf, makeSigningPair } from './signing-key.ts'
import { XmlsecQueue } from './xmlsec.ts'

/** The work: one input after another until the time is over. `main.ts` watches it and ends it when an input takes too long. */
export interface FuzzWork {
  readonly seed: string
  readonly seconds: number
  /** Try this input alone. */
  readonly only: number | undefined
  readonly folder: string
  /** Number of the input at work, and since when; -1 while xmlsec1 runs. */
  readonly progress: BigInt64Array<SharedArrayBuffer>
}

export interface FuzzReport {
  readonly inputs: Readonly<Record<string, number>>
  readonly refusals: Readonly<Record<string, number>>
  readonly scanned: number
  readonly compared: number
  readonly verified: number
  readonly encrypted: EncryptedCounts
  readonly metadata: MetadataCounts
  readonly logout: LogoutCounts
  readonly confirmed: number
  readonly findings: readonly string[]
  readonly slowest: readonly Slowest[]
  readonly peakMemoryMb: number
}

export interface Slowest {
  readonly what: string
  readonly nsPerByte: number
  readonly bytes: number
  readonly index: number
}

const maxFindings = 20
const inputsPerTurn = 100
/** Below this, what a call costs in itself is larger than what its input costs. */
const minTimedBytes = 4096
/** The worst message of 256 KB may take about half a second before it counts as time that runs away. */
const maxNsPerByte = 2000

class Fuzzer {
  readonly #work: FuzzWork
  readonly #source: InputSource
  readonly #queue: XmlsecQueue
  readonly #inputs: Record<string, number> = {}
  readonly #refusals: Record<string, number> = {}
  readonly #encrypted = { tried: 0, accepted: 0 }
  readonly #metadata = { compared: 0, read: 0 }
  readonly #logout = { tried: 0, accepted: 0 }
  readonly #counts = { accepted: 0, compared: 0 }
  readonly #slowest = new Map<string, Slowest>()
  readonly #findings: string[] = []
  #verified = 0
  #peakMemory = 0

  constructor(work: FuzzWork) {
    this.#work = work
    mkdirSync(work.folder, { recursive: true })
    const keyFile = join(work.folder, 'key.pem')
    const pair = makeSigningPair(new Random(`${work.seed}/key`))
    writeFileSync(keyFile, pair.publicKey.export({ type: 'spki', format: 'pem' }))
    this.#source = { seed: work.seed, fixtures: readFixtures(), pair, certificate: certificateOf(pair), keyFile }
    this.#queue = new XmlsecQueue(join(work.folder, 'batch'), (index, found) => this.#record(index, found))
  }

  async run(): Promise<FuzzReport> {
    if (this.#work.only === undefined) await this.#tryAll(performance.now() + this.#work.seconds * 1000)
    else this.#try(this.#work.only)
    this.#setProgress(-1)
    this.#queue.finish()
    return {
      inputs: this.#inputs,
      refusals: this.#refusals,
      scanned: this.#counts.accepted,
      compared: this.#counts.compared,
      verified: this.#verified,
      encrypted: this.#encrypted,
      metadata: this.#metadata,
      logout: this.#logout,
      confirmed: this.#queue.verified,
      findings: this.#findings,
      slowest: [...this.#slowest.values()],
      peakMemoryMb: this.#peakMemory / 2 ** 20,
    }
  }

  async #tryAll(end: number): Promise<void> {
    for (let index = 0; performance.now() < end && this.#findings.length < maxFindings; index++) {
      // What a WeakRef was made for is kept until the event loop turns, and libxml2-wasm makes one for each node it gives out.
      if (index % inputsPerTurn === 0) await nextTurn()
      this.#try(index)
    }
  }

  #setProgress(index: number): void {
    Atomics.store(this.#work.progress, 0, BigInt(index))
    Atomics.store(this.#work.progress, 1, BigInt(Date.now()))
  }

  #try(index: number): void {
    this.#setProgress(index)
    const { input, random } = makeInput(this.#source, index)
    this.#inputs[input.kind] = (this.#inputs[input.kind] ?? 0) + 1
    try {
      this.#check(index, input, random)
    } catch (error) {
      this.#record(index, finding('crashed', { error: error instanceof Error ? `${error.stack}` : String(error) }))
    }
    if (index % 100 === 0) this.#peakMemory = Math.max(this.#peakMemory, process.memoryUsage.rss())
  }

  #check(index: number, input: Input, random: Random): void {
    if (input.logout === undefined) this.#checkXml(index, input, random)
    else this.#checkLogout(index, input.xml, input.logout)
  }

  #checkXml(index: number, input: Input, random: Random): void {
    // As it arrives over the wire: half a surrogate pair becomes a replacement character.
    const bytes = Buffer.from(input.xml)
    const xml = bytes.toString('utf8')
    this.#time(index, 'reading', bytes.length, () => readOnly(xml))
    const found = checkCanonicalForm(xml, random, this.#counts)
    if (found !== undefined) this.#record(index, found)
    if (input.message !== undefined) this.#checkMessage(index, bytes, input.message)
    if (input.metadata !== undefined) this.#checkMetadata(index, xml, input.metadata)
  }

  #checkMetadata(index: number, xml: string, metadata: MetadataCase): void {
    this.#time(index, 'reading metadata', xml.length, () => answerOf(() => readMetadata(xml, metadata.options)))
    const found = checkMetadata(xml, metadata, this.#metadata)
    if (found !== undefined) this.#record(index, found)
  }

  #checkLogout(index: number, arrived: string, logout: LogoutCase): void {
    const outcome = this.#time(index, 'logout', arrived.length, () => receiveAndVerify(arrived, logout))
    const found = checkLogout(outcome, logout, this.#logout)
    if (found !== undefined) this.#record(index, found)
  }

  #checkMessage(index: number, bytes: Buffer, message: NonNullable<Input['message']>): void {
    const outcome = this.#time(index, 'verifying', bytes.length, () => verifyMessage(bytes, message))
    if (index % 3 === 0) {
      const found = checkEncrypted(bytes.toString('utf8'), message, outcome, this.#source.pair, this.#encrypted)
      if (found !== undefined) this.#record(index, found)
    }
    if ('code' in outcome) {
      this.#refusals[outcome.code] = (this.#refusals[outcome.code] ?? 0) + 1
      return
    }
    this.#verified++
    const { signed, nameId } = outcome.assertion
    for (const of of ['response', 'assertion'] as const) {
      const keyFile = message.keyFiles.get(signed[of] ?? '')
      if (keyFile === undefined) continue
      this.#setProgress(-1)
      this.#queue.add({ index, bytes, keyFile, of, nameId: nameId?.value })
    }
  }

  /** The time of the fastest of several calls, where one was slower than any before: a machine has other work too. */
  #time<T>(index: number, what: string, bytes: number, action: () => T): T {
    const [result, first] = timed(action)
    if (bytes < minTimedBytes) return result
    const slowest = this.#slowest.get(what)?.nsPerByte ?? 0
    if (first / bytes <= slowest) return result
    // Many more where it would count: on a busy machine, one in ten is not interrupted.
    const again = first / bytes < maxNsPerByte / 4 ? 2 : 20
    const nsPerByte = Math.min(first, ...Array.from({ length: again }, () => timed(action)[1])) / bytes
    if (nsPerByte <= slowest) return result
    this.#slowest.set(what, { what, nsPerByte, bytes, index })
    if (nsPerByte > maxNsPerByte) this.#record(index, finding('time runs away', { nsPerByte: String(nsPerByte) }))
    return result
  }

  #record(index: number, found: Finding): void {
    this.#findings.push(`${index}: ${found.problem}`)
    saveFinding(this.#work, this.#source, index, found)
  }
}

function timed<T>(action: () => T): readonly [result: T, nanoseconds: number] {
  const began = process.hrtime.bigint()
  const result = action()
  return [result, Number(process.hrtime.bigint() - began)]
}

function readOnly(xml: string): void {
  try {
    scan(xml, messageRules)
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
  }
}

parentPort?.postMessage(await new Fuzzer(workerData).run())
