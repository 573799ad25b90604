import { decodeResponse, verifyResponse } from '../../src/saml/index.ts'
import { issueResponse, newIdentityProvider, trustIn } from '../response.ts'

/** A program of its own: verifies its own response again and again for as many milliseconds as it is told. */
export interface Verified {
  readonly count: number
  readonly milliseconds: number
  readonly cpuMilliseconds: number
}

const provider = await newIdentityProvider()
const trust = trustIn(provider)
const samlResponse = issueResponse(provider, { sign: 'response' })

function verifyFor(milliseconds: number): Verified {
  const cpuBefore = process.cpuUsage()
  const begun = performance.now()
  const now = new Date()
  let count = 0
  while (performance.now() - begun < milliseconds) {
    verifyResponse(decodeResponse(samlResponse), trust, now)
    count += 1
  }
  const { user, system } = process.cpuUsage(cpuBefore)
  return { count, milliseconds: performance.now() - begun, cpuMilliseconds: (user + system) / 1000 }
}

process.on('message', (milliseconds: number) => process.send?.(verifyFor(milliseconds)))
process.send?.('ready')
