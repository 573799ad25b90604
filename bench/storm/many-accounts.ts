import { Client } from 'pg'
import type { TestIdentityProvider } from '../../src/test-identity-provider/identity-provider.ts'
import { median } from '../measure.ts'
import { databaseCpuBetween, readDatabaseCpu } from '../sign-in/database-cpu.ts'
import { acsPath, createCrowd, issuePerson } from '../sign-in/issue-responses.ts'
import { type BenchServer, startServer } from '../sign-in/start-server.ts'
import { fillAccounts, filledCrowd } from './fill-accounts.ts'
import type { PostgresForStorms } from './nodes.ts'
import { postSome } from './post-some.ts'

/**
 * CPU a sign-in, server and database together, with few accounts and with many, in turns and with the same responses: half of
 * them of new persons, half of persons who are in both databases, far apart from each other in the large one.
 */
const fewAccounts = 1000
const rounds = 5
const returningPerTurn = fewAccounts / rounds
const newPerTurn = returningPerTurn
const warmUpSignIns = 2000
const wanted = 1.3

interface Filled {
  readonly accounts: number
  readonly server: BenchServer
  readonly costs: number[]
}

export async function measureManyAccounts(
  postgres: PostgresForStorms,
  provider: TestIdentityProvider,
  manyAccounts: number,
): Promise<void> {
  const step = Math.floor(manyAccounts / fewAccounts)
  const filled: Filled[] = []
  try {
    filled.push(await startFilled(postgres, provider, { step, last: step * fewAccounts, accounts: fewAccounts }))
    filled.push(await startFilled(postgres, provider, { step: 1, last: step * fewAccounts, accounts: manyAccounts }))
    // What the filling has left to do is done; what runs by itself would fall into one turn or another.
    await postgres.client.query('alter system set autovacuum = off')
    await postgres.client.query('select pg_reload_conf()')
    const crowd = createCrowd(provider, 'new')
    const early = crowd.issueFirst(warmUpSignIns)
    for (const { server } of filled) await postSome({ port: server.port, path: acsPath }, early)
    for (let round = 0; round < rounds; round++) {
      const returning = Array.from({ length: returningPerTurn }, (_unused, index) =>
        issuePerson(provider, filledCrowd, step * (1 + round + index * rounds)),
      )
      const bodies = crowd.issueFirst(newPerTurn).flatMap((body, index) => [body, returning[index] ?? body])
      for (const { server, costs } of filled) costs.push(await turn(server, bodies, postgres))
    }
    print(filled)
  } finally {
    for (const { server } of filled) await server.stop()
  }
}

async function startFilled(
  postgres: PostgresForStorms,
  provider: TestIdentityProvider,
  { accounts, ...numbers }: { readonly accounts: number; readonly step: number; readonly last: number },
): Promise<Filled> {
  const url = await postgres.createDatabase(`accounts_${accounts}`)
  const storage = { kind: 'postgres', url, poolSize: 10 } as const
  const server = await startServer({ storage, metadata: provider.metadata(), verifier: 'latchkey' })
  await postSome({ port: server.port, path: acsPath }, [issuePerson(provider, filledCrowd, 1)])
  const client = new Client({ connectionString: url })
  await client.connect()
  const begun = performance.now()
  await fillAccounts(client, numbers).finally(() => client.end())
  const { accounts: found } = await server.ask('rows')
  console.log(`  filled with ${found} accounts in ${((performance.now() - begun) / 1000).toFixed(0)} s`)
  return { accounts: found, server, costs: [] }
}

/** CPU microseconds a sign-in. */
async function turn(server: BenchServer, bodies: readonly Buffer[], { client }: PostgresForStorms): Promise<number> {
  const before = { usage: await server.ask('usage'), database: await readDatabaseCpu(client) }
  await postSome({ port: server.port, path: acsPath }, bodies)
  const usage = await server.ask('usage')
  const database = databaseCpuBetween(before.database, await readDatabaseCpu(client))
  return (usage.cpuMicroseconds - before.usage.cpuMicroseconds + database) / bodies.length
}

function print(filled: readonly Filled[]): void {
  for (const { accounts, costs } of filled) {
    const cost = median(costs)
    const spread = (100 * median(costs.map((value) => Math.abs(value - cost)))) / cost
    console.log(
      `    ${String(accounts).padStart(8)} accounts: ${cost.toFixed(0)} µs CPU a sign-in ± ${spread.toFixed(0)} %`,
    )
  }
  const [few, many] = filled.map(({ costs }) => median(costs))
  const times = (many ?? Number.NaN) / (few ?? Number.NaN)
  console.log(
    `    that is ${times.toFixed(2)} times (wanted at most ${wanted}: ${times <= wanted ? 'reached' : 'not reached'})`,
  )
}
