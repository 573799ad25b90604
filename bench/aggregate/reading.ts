import { createReadStream, readFileSync, statSync } from 'node:fs'
import { readMetadata, readMetadataStream } from '../../src/saml/metadata/read-metadata.ts'

/** One reading in a process of its own: `reading.js file|text FILE CERTIFICATE ENTITY-ID`. */
export interface AggregateReading {
  readonly bytes: number
  readonly seconds: number
  readonly cpuSeconds: number
  /** Resident memory at most, above what the process had before it read. */
  readonly peakBytes: number
  /** CPU time for which nothing else gets a turn. */
  readonly longestTurnMs: number
}

const [way = '', file = '', signingCertificate = '', entityId = ''] = process.argv.slice(2)
const options = { now: new Date(), signingCertificate, entityId }

/** The longest CPU time from one part of the file to the next: other work gets its turn in between. */
let longestTurnMs = 0
async function* parts(): AsyncGenerator<Uint8Array> {
  for await (const part of createReadStream(file, { highWaterMark: 64 * 1024 })) {
    const before = cpuSecondsSince()
    yield part
    longestTurnMs = Math.max(longestTurnMs, (cpuSecondsSince() - before) * 1000)
  }
}

function cpuSecondsSince(start?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1e6
}

const base = process.memoryUsage.rss()
const [began, cpu] = [performance.now(), process.cpuUsage()]
const isFile = way === 'file'
const found = isFile ? await readMetadataStream(parts, options) : readMetadata(readFileSync(file, 'utf8'), options)
const cpuSeconds = cpuSecondsSince(cpu)
if (found.entityId !== entityId) throw new Error('another entity')
const reading: AggregateReading = {
  bytes: statSync(file).size,
  seconds: (performance.now() - began) / 1000,
  cpuSeconds,
  peakBytes: process.resourceUsage().maxRSS * 1024 - base,
  longestTurnMs: isFile ? longestTurnMs : cpuSeconds * 1000,
}
process.stdout.write(JSON.stringify(reading))
