import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { signDescriptor } from '../src/saml/request-signature.ts'
import { writeIdentityProviderMetadata } from '../src/test-identity-provider/metadata.ts'
import { createIdentityProviderKey } from '../src/test-identity-provider/signing-key.ts'
import type { AggregateReading } from './aggregate/reading.ts'

/**
 * Reading one identity provider out of a signed aggregate with a pinned certificate, each time in a process of its own: how
 * long it takes, how much memory it takes at most above what the process had before, and for how long nothing else gets a turn.
 */
export async function runAggregate(): Promise<void> {
  const key = await createIdentityProviderKey({ now: new Date() })
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  console.log(
    'aggregate: reading one of many identity providers, signed metadata, pinned certificate; two readings each',
  )
  try {
    for (const entities of [2000, 20_000, 60_000]) {
      const file = join(folder, `${entities}.xml`)
      writeFileSync(file, makeAggregate(entities, key))
      for (const way of ['file', 'text'] as const)
        print(entities, way, measure([way, file, key.certificate, idOf(entities - 1)]))
      rmSync(file)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const idOf = (index: number) => `https://idp-${index}.example/metadata`

function makeAggregate(
  entities: number,
  { privateKey, certificate }: Awaited<ReturnType<typeof createIdentityProviderKey>>,
): string {
  const namespace = ' xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
  const inside = Array.from({ length: entities }, (_unused, index) => {
    const provider = { entityId: idOf(index), baseUrl: `https://idp-${index}.example`, certificate }
    // As exclusive canonicalization writes it inside the group, which is what is signed.
    return `${writeIdentityProviderMetadata(provider).replace(namespace, '')}\n`
  })
  const xml = `<md:EntitiesDescriptor${namespace} ID="_all">${inside.join('')}</md:EntitiesDescriptor>`
  return signDescriptor(xml, '_all', { key: privateKey })
}

function measure(parameters: readonly string[]): AggregateReading {
  const program = new URL('./aggregate/reading.js', import.meta.url).pathname
  const { stdout, stderr } = spawnSync(process.execPath, [program, ...parameters], { encoding: 'utf8' })
  try {
    return JSON.parse(stdout)
  } catch {
    throw new Error(`the reading ended early: ${stderr}`)
  }
}

function print(
  entities: number,
  way: string,
  { bytes, seconds, cpuSeconds, peakBytes, longestTurnMs }: AggregateReading,
): void {
  const megabytes = (value: number) => `${(value / 2 ** 20).toFixed(0).padStart(4)} MB`
  console.log(
    `  ${String(entities).padStart(6)} entities, ${megabytes(bytes)}, from a ${way}: ${seconds.toFixed(2)} s (CPU ${cpuSeconds.toFixed(2)} s), ${megabytes(peakBytes)} above the base, longest turn ${longestTurnMs.toFixed(0)} ms of CPU`,
  )
}
