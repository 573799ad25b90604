import {
  createTestIdentityProvider,
  type TestIdentityProvider,
} from '../src/test-identity-provider/identity-provider.ts'
import { acsPath, createCrowd } from './sign-in/issue-responses.ts'
import { compare } from './storm/compare.ts'
import { measureManyAccounts } from './storm/many-accounts.ts'
import {
  type Nodes,
  type PostgresForStorms,
  startEmbedded,
  startPostgresForStorms,
  startServed,
} from './storm/nodes.ts'
import { postAtOnce, type StormOutcome } from './storm/post-at-once.ts'
import { printOutcome } from './storm/print-outcome.ts'

/**
 * Everybody at once: `count` persons who were never here post their responses at the same moment, each over a connection of
 * its own; then a fifth of them comes back; then one person 500 times. All were signed before. Whoever is told to try again
 * does, with the same form, when they were told to. Afterwards the database is asked whether anybody was lost or doubled.
 */
export interface StormOptions {
  readonly count: number
  /** How many accounts many are. */
  readonly accounts: number
  /** Only this part: `everybody`, `accounts` or `compare`. */
  readonly only?: string | undefined
}

const timesOnePerson = 500

export async function runStorm({ count, accounts, only }: StormOptions): Promise<void> {
  const provider = await createTestIdentityProvider({ baseUrl: 'https://idp.company-a.example' })
  const postgres = await startPostgresForStorms()
  const parts: ReadonlyMap<string, () => Promise<void>> = new Map([
    ['everybody', () => everybodyAtOnce(postgres, provider, count)],
    ['accounts', () => measureManyAccounts(postgres, provider, accounts)],
    ['compare', () => compare(postgres, provider)],
  ])
  try {
    for (const [name, run] of parts) if (only === undefined || only === name) await run()
  } finally {
    await postgres.stop()
  }
}

async function everybodyAtOnce(postgres: PostgresForStorms, provider: TestIdentityProvider, count: number) {
  const storms = issueStorms(provider, count)
  for (const start of places(postgres, provider.metadata())) {
    const nodes = await start()
    await rage(nodes, storms).finally(() => nodes.stop())
  }
}

interface Storms {
  readonly first: readonly Buffer[]
  readonly returning: readonly Buffer[]
  readonly onePerson: readonly Buffer[]
}

function issueStorms(provider: TestIdentityProvider, count: number): Storms {
  const begun = performance.now()
  const crowd = createCrowd(provider, 'storm')
  const first = crowd.issueFirst(count)
  const returning = crowd.issueReturning(Math.ceil(count / 5))
  const alone = createCrowd(provider, 'alone')
  const onePerson = [
    ...alone.issueFirst(1),
    ...Array.from({ length: timesOnePerson - 1 }, () => alone.issueReturning(1)).flat(),
  ]
  const seconds = ((performance.now() - begun) / 1000).toFixed(0)
  console.log(
    `storm: RSA-2048, SHA-256, 10 attributes, 20 groups, begun at the identity provider; signed before in ${seconds} s`,
  )
  return { first, returning, onePerson }
}

function places(postgres: PostgresForStorms, metadata: string): readonly (() => Promise<Nodes>)[] {
  return [
    () => startEmbedded(metadata),
    () => startServed(postgres, 1, metadata),
    () => startServed(postgres, 2, metadata),
  ]
}

async function rage(nodes: Nodes, { first, returning, onePerson }: Storms): Promise<void> {
  console.log(`  ${nodes.name}`)
  let sessions = 0
  const blow = async (name: string, bodies: readonly Buffer[], accounts: number): Promise<StormOutcome> => {
    await nodes.cpuMicroseconds()
    const begun = performance.now()
    const outcome = await postAtOnce(nodes.ports, acsPath, bodies)
    const seconds = (performance.now() - begun) / 1000
    sessions += bodies.length
    const cpuMicroseconds = await nodes.cpuMicroseconds()
    printOutcome({ name, outcome, seconds, cpuMicroseconds, rows: await nodes.rows(), wanted: { accounts, sessions } })
    return outcome
  }
  await blow(`${first.length} first sign-ins at once`, first, first.length)
  await blow(`${returning.length} of them again`, returning, first.length)
  await blow(`one person ${onePerson.length} times`, onePerson, first.length + 1)
  const megabytes = (await nodes.peakMegabytes()).map((peak) => peak.toFixed(0))
  console.log(`    peak memory of a node: ${megabytes.join(' and ')} MB`)
}
