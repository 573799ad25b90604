import { createTestIdentityProvider } from '../src/test-identity-provider/identity-provider.ts'
import { type Contender, type Contenders, startContenders } from './sign-in/contenders.ts'
import { acsPath, type Crowd, createCrowd, mixture } from './sign-in/issue-responses.ts'
import { atATime, postResponses } from './sign-in/post-responses.ts'
import { printSampled, printTurns, type Sampled } from './sign-in/print.ts'
import { type Turn, takeTurn } from './sign-in/take-turn.ts'

/**
 * Whole sign-ins: a response is posted to the assertion consumer service, an account is created or updated, a session
 * cookie comes back. The rival is the same server with node-saml in the place of our decoding and verifying. All of them
 * get the very same responses, signed before a turn begins.
 */

const signInsPerTurn = 200
const fewestRounds = 5
/** A server runs for weeks: its code is compiled before it is measured. */
const warmUp = { signIns: 3000, cpuMicroseconds: 8_000_000 }

export interface SignInBenchOptions {
  /** How long the rounds may take together; starting, warming up and sampling take about a minute more. */
  readonly seconds: number
}

export async function runSignIn({ seconds }: SignInBenchOptions): Promise<void> {
  const provider = await createTestIdentityProvider({ baseUrl: 'https://idp.company-a.example' })
  const contenders = await startContenders(provider.metadata())
  try {
    describe(contenders)
    await warmUpAll(contenders.all, createCrowd(provider, 'early'))
    const crowd = createCrowd(provider, 'measured')
    await meetFirst(contenders.all, crowd)
    printTurns(await takeTurns(contenders, crowd, seconds))
    printSampled(await sample(contenders.all, crowd))
  } finally {
    await contenders.stop()
  }
}

function describe({ postgresVersion }: Contenders): void {
  console.log('sign-in: POST to the ACS → account, session and audit in the database → session cookie')
  console.log(`  RSA-2048, SHA-256, 10 attributes, 20 groups, begun at the identity provider; ${mixture}`)
  console.log(`  PostgreSQL ${postgresVersion}, on the disk; ${signInsPerTurn} sign-ins a turn, ${atATime} at a time`)
}

/** Each contender until it has used the same CPU time, if the sign-ins last as long. */
async function warmUpAll(contenders: readonly Contender[], crowd: Crowd): Promise<void> {
  const batches = [crowd.issueFirst(signInsPerTurn)]
  while (batches.length * signInsPerTurn < warmUp.signIns) batches.push(crowd.issueMixture(signInsPerTurn))
  for (const { server } of contenders) {
    const before = await server.ask('usage')
    for (const bodies of batches) {
      await postResponses(server.port, acsPath, bodies)
      const { cpuMicroseconds } = await server.ask('usage')
      if (cpuMicroseconds - before.cpuMicroseconds > warmUp.cpuMicroseconds) break
    }
  }
}

/** So that there is somebody who can come back. */
async function meetFirst(contenders: readonly Contender[], crowd: Crowd): Promise<void> {
  const bodies = crowd.issueFirst(2 * signInsPerTurn)
  for (const { server } of contenders) await postResponses(server.port, acsPath, bodies)
}

async function takeTurns(
  { all, postgres }: Contenders,
  crowd: Crowd,
  seconds: number,
): Promise<Map<Contender, Turn[]>> {
  const turns = new Map<Contender, Turn[]>(all.map((contender) => [contender, []]))
  const begun = performance.now()
  for (let round = 0; round < fewestRounds || performance.now() - begun < seconds * 1000; round++) {
    const bodies = crowd.issueMixture(signInsPerTurn)
    for (const contender of all) turns.get(contender)?.push(await takeTurn(contender, bodies, postgres))
  }
  return turns
}

async function sample(contenders: readonly Contender[], crowd: Crowd): Promise<readonly Sampled[]> {
  const bodies = crowd.issueMixture(2 * signInsPerTurn)
  const sampled: Sampled[] = []
  for (const { name, server } of contenders) {
    await server.ask('startProfile')
    await postResponses(server.port, acsPath, bodies)
    const parts = await server.ask('stopProfile')
    sampled.push({ name, parts, signIns: bodies.length, traces: await server.ask('traces') })
  }
  return sampled
}
