import type { Client } from 'pg'
import type { Contender } from './contenders.ts'
import { databaseCpuBetween, readDatabaseCpu } from './database-cpu.ts'
import { acsPath } from './issue-responses.ts'
import { postResponses } from './post-responses.ts'

/** What one sign-in took in one turn of one contender. */
export interface Turn {
  /** CPU of the server's process; of an embedded database too, which is a thread of it. */
  readonly serverCpuMicroseconds: number
  /** CPU of all processes of the PostgreSQL server. */
  readonly databaseCpuMicroseconds: number
  readonly roundTrips: number
  readonly latencyMilliseconds: readonly number[]
}

export async function takeTurn(
  { server, database }: Contender,
  bodies: readonly Buffer[],
  postgres: Client,
): Promise<Turn> {
  const read = async () => ({
    usage: await server.ask('usage'),
    databaseCpu: database === 'embedded' ? undefined : await readDatabaseCpu(postgres),
  })
  const before = await read()
  const latencyMilliseconds = await postResponses(server.port, acsPath, bodies)
  const after = await read()
  return {
    serverCpuMicroseconds: (after.usage.cpuMicroseconds - before.usage.cpuMicroseconds) / bodies.length,
    databaseCpuMicroseconds:
      database === 'embedded' ? 0 : databaseCpuBetween(before.databaseCpu, after.databaseCpu) / bodies.length,
    roundTrips: (after.usage.roundTrips - before.usage.roundTrips) / bodies.length,
    latencyMilliseconds,
  }
}
