import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { serviceAddresses } from '../../src/directory/service-addresses.ts'
import { packageRoot } from '../../src/package-root.ts'
import type { TestIdentityProvider } from '../../src/test-identity-provider/identity-provider.ts'
import { median } from '../measure.ts'
import { databaseCpuBetween, readDatabaseCpu } from '../sign-in/database-cpu.ts'
import { acsPath, connectionId, createCrowd, mixture, publicUrl } from '../sign-in/issue-responses.ts'
import { startServer } from '../sign-in/start-server.ts'
import type { PostgresForStorms } from './nodes.ts'
import { postSome } from './post-some.ts'

/**
 * CPU a sign-in, server and database together, of three products on one PostgreSQL server, with the same responses, in turns.
 * better-auth keeps users, accounts and sessions; SAML Jackson keeps codes and tokens and has no accounts. Neither keeps
 * groups, an audit or a trace.
 */
interface Contender {
  readonly name: string
  readonly port: number
  readonly path: string
  readonly side: Side
  /** How many times less ours is meant to take. */
  readonly wanted?: number
  cpuMicroseconds(): Promise<number>
  stop(): Promise<void>
}

const rounds = 7
/** As many as a server works on in a storm. */
const atOnce = 32
/** About as much CPU time a turn for each. */
const perTurn = { ours: 800, theirs: 50 }
/** A server runs for weeks: its code is compiled before it is measured, by sign-ins of each kind, and not right after a pause. */
const early = { ours: 4000, theirs: 200 }
const roundsToWarmUp = 5

export async function compare(postgres: PostgresForStorms, provider: TestIdentityProvider): Promise<void> {
  install()
  console.log(`  compared on PostgreSQL ${postgres.version}, the same responses; ${mixture}`)
  const contenders: Contender[] = []
  try {
    contenders.push(await startOurs(postgres, provider))
    contenders.push(await startPeer('better-auth', 20, postgres, provider))
    contenders.push(await startPeer('saml-jackson', 15, postgres, provider))
    await takeTurns(contenders, postgres, provider)
  } finally {
    for (const { stop } of contenders) await stop()
  }
}

/** Into a folder of their own, exactly as its lock says: what is installed for the product stays small. */
function install(): void {
  const directory = fileURLToPath(new URL('bench/peers/', packageRoot))
  if (existsSync(`${directory}node_modules`)) return
  console.log('  installing what is compared with into bench/peers')
  execFileSync('npm', ['ci'], { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] })
}

async function takeTurns(
  contenders: readonly Contender[],
  postgres: PostgresForStorms,
  provider: TestIdentityProvider,
) {
  const crowds = { theirs: createCrowd(provider, 'compared'), ours: createCrowd(provider, 'compared-more') }
  const before = issueTogether(early, (side, count) => [
    ...crowds[side].issueFirst(count / 2),
    ...crowds[side].issueMixture(count / 2),
  ])
  for (const contender of contenders) await turn(contender, before[contender.side], postgres)
  const costs = new Map<Contender, Cost[]>(contenders.map((contender) => [contender, []]))
  for (let round = -roundsToWarmUp; round < rounds; round++) {
    const bodies = issueTogether(perTurn, (side, count) => crowds[side].issueMixture(count))
    for (const contender of contenders) {
      const cost = await turn(contender, bodies[contender.side], postgres)
      if (round >= 0) costs.get(contender)?.push(cost)
    }
  }
  print(costs)
}

type Side = 'ours' | 'theirs'
type Counts = Readonly<Record<Side, number>>

/** The others get some, we get the same and more of the same kind, by persons of a crowd of our own: each knows all who come back. */
function issueTogether(counts: Counts, issue: (side: Side, count: number) => readonly Buffer[]) {
  const theirs = issue('theirs', counts.theirs)
  return { theirs, ours: [...theirs, ...issue('ours', counts.ours - counts.theirs)] }
}

/** CPU microseconds a sign-in. */
interface Cost {
  readonly server: number
  readonly database: number
}

async function turn(contender: Contender, bodies: readonly Buffer[], { client }: PostgresForStorms): Promise<Cost> {
  const before = { server: await contender.cpuMicroseconds(), database: await readDatabaseCpu(client) }
  await postSome(contender, bodies, atOnce)
  const server = (await contender.cpuMicroseconds()) - before.server
  const database = databaseCpuBetween(before.database, await readDatabaseCpu(client))
  return { server: server / bodies.length, database: database / bodies.length }
}

const together = ({ server, database }: Cost) => server + database

function print(costs: ReadonlyMap<Contender, readonly Cost[]>): void {
  const ours = median([...costs.values()][0]?.map(together) ?? [])
  for (const [{ name, wanted }, each] of costs) {
    const cost = median(each.map(together))
    const database = median(each.map((one) => one.database)).toFixed(0)
    const spread = (100 * median(each.map((one) => Math.abs(together(one) - cost)))) / cost
    const times = cost / ours
    const verdict =
      wanted === undefined
        ? ''
        : `, ${times.toFixed(1)} times ours (wanted ${wanted}: ${times >= wanted ? 'reached' : 'not reached'})`
    console.log(
      `    ${name.padEnd(14)}${cost.toFixed(0).padStart(7)} µs CPU a sign-in ± ${spread.toFixed(0)} % (${database} of them the database's)${verdict}`,
    )
  }
}

async function startOurs(postgres: PostgresForStorms, provider: TestIdentityProvider): Promise<Contender> {
  const storage = { kind: 'postgres', url: await postgres.createDatabase('compared_latchkey'), poolSize: 10 } as const
  const server = await startServer({ storage, metadata: provider.metadata(), verifier: 'latchkey' })
  return {
    name: 'latchkey',
    port: server.port,
    path: acsPath,
    side: 'ours',
    cpuMicroseconds: async () => (await server.ask('usage')).cpuMicroseconds,
    stop: () => server.stop(),
  }
}

async function startPeer(
  product: 'better-auth' | 'saml-jackson',
  wanted: number,
  postgres: PostgresForStorms,
  provider: TestIdentityProvider,
): Promise<Contender> {
  const child = fork(fileURLToPath(new URL('bench/peers/serve.mjs', packageRoot)), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const failed = once(child, 'exit').then(() => {
    throw new Error(`${product} ended`)
  })
  failed.catch(() => undefined)
  const send = async <T>(message: unknown): Promise<T> => {
    const answered = once(child, 'message')
    child.send(message as object)
    const [answer] = await Promise.race([answered, failed])
    return answer as T
  }
  const { entityId, acsUrl } = serviceAddresses({ id: connectionId }, publicUrl)
  const { port, path } = await send<{ port: number; path: string }>({
    product,
    databaseUrl: await postgres.createDatabase(`compared_${product.replace('-', '_')}`),
    publicUrl,
    acsPath,
    audience: entityId,
    identityProvider: { entityId: provider.entityId, metadata: provider.metadata() },
    serviceProviderMetadata: serviceProviderMetadata(entityId, acsUrl),
  })
  return {
    name: product,
    port,
    path,
    side: 'theirs',
    wanted,
    cpuMicroseconds: async () => (await send<{ cpuMicroseconds: number }>('usage')).cpuMicroseconds,
    async stop() {
      const exited = once(child, 'exit')
      child.send('stop')
      await exited
    },
  }
}

function serviceProviderMetadata(entityId: string, acsUrl: string): string {
  return (
    `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}">` +
    '<md:SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">' +
    `<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${acsUrl}" index="0" isDefault="true"/>` +
    '</md:SPSSODescriptor></md:EntityDescriptor>'
  )
}
