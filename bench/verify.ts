import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { worstHostile } from './hostile.ts'
import { type Measurement, measure } from './measure.ts'
import { newDecryptionKey, newIdentityProvider } from './response.ts'
import { type Allocation, measureAllocation } from './verify/allocation.ts'
import type { ContenderName } from './verify/contenders.ts'
import { stayOnOneCore } from './verify/core.ts'
import { type InputName, inputNames, kilobytes, makeInput, type VerifyInput } from './verify/inputs.ts'
import { type ContenderProcess, startProcess } from './verify/own-process.ts'
import { measureSizes } from './verify/sizes.ts'
import { printTargets } from './verify/targets.ts'
import { compileXmlsecLoop, startXmlsecLoop } from './verify/xmlsec-loop.ts'

/**
 * Verification of one response, from the form field to the verified content: ours against the libraries of Node, against
 * xmlsec in C (signatures only, and no base64), and against the bare RSA verification that nobody can do without.
 */
export async function runVerify(): Promise<void> {
  console.log(`verify: µs of CPU a validation, medians of ${rounds} interleaved rounds, ${stayOnOneCore()}`)
  console.log(
    '  RSA-2048, SHA-256, 10 attributes. samlify runs without a schema validator, xmlsec checks signatures only.',
  )
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  try {
    const xmlsec = compileXmlsecLoop(folder)
    if ('missing' in xmlsec) console.log(`  no xmlsec in C: ${xmlsec.missing}`)
    const results = await compareAll(folder, 'program' in xmlsec ? xmlsec.program : undefined)
    const allocation = measureAllocation()
    printAllocation(allocation)
    const { perByte } = await measureSizes()
    const { name, milliseconds } = await worstHostile()
    console.log(`worst hostile input of 256 KB: ${name}, ${milliseconds.toFixed(1)} ms`)
    printResult(results, allocation, perByte, milliseconds)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const rounds = 9
const millisecondsPerTurn = 120
const [own, rival, inC] = ['latchkey', '@node-saml/node-saml', 'xmlsec in a C loop'] as const
const names: readonly ContenderName[] = ['bare RSA-2048 verification', own, '@boxyhq/saml20', 'samlify', rival]

type Results = ReadonlyMap<InputName, readonly Measurement[]>

async function compareAll(folder: string, program: string | undefined): Promise<Results> {
  const [provider, decryptionKey] = [await newIdentityProvider(), newDecryptionKey()]
  const results = new Map<InputName, readonly Measurement[]>()
  for (const name of inputNames) {
    const input = makeInput(name, provider, decryptionKey)
    const contenders = startContenders(input, folder, program)
    try {
      // Opening one takes so long that thousands of them take longer.
      const warmUpMilliseconds = input.isEncrypted ? 3500 : 1200
      const measured = await measure(contenders, { rounds, millisecondsPerTurn, warmUpMilliseconds })
      results.set(name, measured)
      print(input, measured)
    } finally {
      for (const contender of contenders) contender.stop()
    }
  }
  return results
}

function startContenders(input: VerifyInput, folder: string, program: string | undefined): readonly ContenderProcess[] {
  const file = join(folder, 'input.json')
  writeFileSync(file, JSON.stringify(input))
  const started = names.map((name) => startProcess(name, process.execPath, [contenderProcess, name, file]))
  // It verifies signatures and does not decrypt.
  if (program === undefined || input.isEncrypted) return started
  return [...started.slice(0, 2), startXmlsecLoop(program, folder, input), ...started.slice(2)]
}

const contenderProcess = fileURLToPath(new URL('./verify/contender-process.js', import.meta.url))

function print(input: VerifyInput, measured: readonly Measurement[]): void {
  console.log(`${input.name} (${kilobytes(input)})`)
  for (const { name, cpuMicroseconds, spreadPercent } of measured) {
    const cpu = `${cpuMicroseconds.toFixed(0).padStart(8)} µs ± ${spreadPercent.toFixed(1).padStart(4)} %`
    const times = (of: string) => cpuOf(measured, of) / cpuMicroseconds
    const node = `${times(rival).toFixed(1).padStart(8)} × node-saml`
    const c = Number.isNaN(times(inC)) ? '' : `${times(inC).toFixed(2).padStart(8)} × C`
    console.log(`  ${name.padEnd(28)}${cpu}${node}${c}`)
  }
}

function cpuOf(measured: readonly Measurement[] | undefined, name: string): number {
  return measured?.find((one) => one.name === name)?.cpuMicroseconds ?? Number.NaN
}

function printAllocation({ ours, nodeSaml }: Allocation): void {
  console.log('allocated a validation, heap and external, response signed, 20 groups')
  console.log(`  latchkey ${ours.toFixed(0)} KB, @node-saml/node-saml ${nodeSaml.toFixed(0)} KB`)
}

function printResult(results: Results, allocation: Allocation, perByte: number, hostileMilliseconds: number): void {
  const ratio = (input: InputName, to: string) => {
    const times = cpuOf(results.get(input), to) / cpuOf(results.get(input), own)
    return Number.isNaN(times) ? undefined : times
  }
  const once = ['response signed, 20 groups', 'assertion signed, 20 groups'] as const
  const encrypted = 'assertion signed, then encrypted, 20 groups'
  printTargets([
    ...once.flatMap((input) => [
      { what: `${input}: against node-saml`, wanted: 43, aim: 50, measured: ratio(input, rival), unit: ' ×' },
      { what: `${input}: against C`, wanted: 1, aim: 1.2, measured: ratio(input, inC), unit: ' ×' },
    ]),
    { what: 'both signed: against C', wanted: 1, measured: ratio('both signed, 20 groups', inC), unit: ' ×' },
    { what: `${encrypted}: against node-saml`, wanted: 22, measured: ratio(encrypted, rival), unit: ' ×' },
    { what: 'allocated', wanted: 120, measured: allocation.ours, unit: ' KB', atMost: true },
    { what: 'a byte of 256 KB, against the cheapest', wanted: 1.5, measured: perByte, unit: ' ×', atMost: true },
    { what: 'worst hostile input', wanted: 25, measured: hostileMilliseconds, unit: ' ms', atMost: true },
  ])
}
