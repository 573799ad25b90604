import { inProcess, measure } from '../measure.ts'
import { issueResponse, newDecryptionKey, newIdentityProvider } from '../response.ts'
import { ours } from './contenders.ts'
import { describe } from './inputs.ts'

/** CPU time against size, from the smallest response there is to the longest form field that is read. */
export interface Growth {
  /** How many times as much a byte of the longest costs, compared with the cheapest byte of the shorter ones. */
  readonly perByte: number
}

/** The first is the smallest response: no attributes, no certificate. */
const formFieldKilobytes = [2, 12, 24, 48, 96, 192, 256]

export async function measureSizes(): Promise<Growth> {
  const provider = await newIdentityProvider()
  const described = describe(provider, newDecryptionKey())
  const issue = (groups: number) => issueResponse(provider, { sign: 'response', groups })
  const sized = formFieldKilobytes.map((size) => {
    const samlResponse = size === 2 ? withoutCertificate(issue(0)) : largest(issue, size * 1024)
    const attributes = size === 2 ? 0 : 10
    const input = { ...described, name: '', sign: 'response', samlResponse, isEncrypted: false, attributes } as const
    return { kilobytes: samlResponse.length / 1024, contender: inProcess(String(size), ours(input)) }
  })
  const contenders = sized.map(({ contender }) => contender)
  const results = await measure(contenders, { rounds: 5, millisecondsPerTurn: 100 })
  console.log('cost against the length of the form field, response signed')
  const perByte = results.map(({ cpuMicroseconds, spreadPercent }, index) => {
    const kilobytes = sized[index]?.kilobytes ?? Number.NaN
    const cpu = `${cpuMicroseconds.toFixed(0).padStart(8)} µs CPU ± ${spreadPercent.toFixed(1).padStart(4)} %`
    console.log(
      `  ${kilobytes.toFixed(1).padStart(6)} KB${cpu}${(cpuMicroseconds / kilobytes).toFixed(2).padStart(9)} µs/KB`,
    )
    return cpuMicroseconds / kilobytes
  })
  return { perByte: (perByte.at(-1) ?? Number.NaN) / Math.min(...perByte.slice(0, -1)) }
}

/** KeyInfo stands inside the signature, which does not sign itself. */
function withoutCertificate(samlResponse: string): string {
  const xml = Buffer.from(samlResponse, 'base64').toString()
  return Buffer.from(xml.replace(/<ds:KeyInfo>.*<\/ds:KeyInfo>/s, '')).toString('base64')
}

function largest(issue: (groups: number) => string, characters: number): string {
  const [one, many] = [issue(1).length, issue(101).length]
  let groups = Math.floor((characters - one) / ((many - one) / 100))
  let samlResponse = issue(groups)
  while (samlResponse.length > characters) {
    groups -= 5
    samlResponse = issue(groups)
  }
  return samlResponse
}
