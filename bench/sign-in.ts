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

/** Turns that last about as long: a server that waits gives memory back, and must fetch it again. */
const signInsPerTurn = { latchkey: 800, 'node-saml': 200 }
const fewestRounds = 5
/** A server runs for weeks: its code is compiled before it is measured. */
const warmUp = { signIns: 3200, cpuMicroseconds: 6_000_000 }

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
    const crowds = { latchkey: createCrowd(provider, 'one'), 'node-saml': createCrowd(provider, 'two') }
    await meetFirst(contenders.all, crowds)
    printTurns(await takeTurns(contenders, crowds, seconds))
    printSampled(await sample(contenders.all, crowds))
  } finally {
    await contenders.stop()
  }
}

function describe({ postgresVersion }: Contenders): void {
  console.log('sign-in: POST to the ACS → account, session and audit in the database → session cookie')
  console.log(`  RSA-2048, SHA-256, 10 attributes, 20 groups, begun at the identity provider; ${mixture}`)
  const turns = Object.entries(signInsPerTurn).map(([verifier, count]) => `${count} of ${verifier}`)
  console.log(
    `  PostgreSQL ${postgresVersion}, on the disk; ${atATime} at a time; sign-ins a turn: ${turns.join(', ')}`,
  )
}

/** Each contender until it has used the same CPU time, if the sign-ins last as long. */
async function warmUpAll(contenders: readonly Contender[], crowd: Crowd): Promise<void> {
  const size = signInsPerTurn['node-saml']
  const batches = [crowd.issueFirst(size)]
  while (batches.length * size < warmUp.signIns) batches.push(crowd.issueMixture(size))
  for (const { server } of contenders) {
    const before = await server.ask('usage')
    for (const bodies of batches) {
      await postResponses(server.port, acsPath, bodies)
      const { cpuMicroseconds } = await server.ask('usage')
      if (cpuMicroseconds - before.cpuMicroseconds > warmUp.cpuMicroseconds) break
    }
  }
}

/** The persons who come to the servers with this verifier; both of them get the same responses. */
type Crowds = Readonly<Record<Contender['verifier'], Crowd>>

/** So that there is somebody who can come back. */
async function meetFirst(contenders: readonly Contender[], crowds: Crowds): Promise<void> {
  const bodies = issueForAll((verifier) => crowds[verifier].issueFirst(signInsPerTurn[verifier]))
  for (const { server, verifier } of contenders) await postResponses(server.port, acsPath, bodies[verifier])
}

function issueForAll(issue: (verifier: Contender['verifier']) => readonly Buffer[]) {
  return { latchkey: issue('latchkey'), 'node-saml': issue('node-saml') }
}

async function takeTurns(
  { all, postgres }: Contenders,
  crowds: Crowds,
  seconds: number,
): Promise<ReadonlyMap<Contender, Turn[]>> {
  const turns = new Map<Contender, Turn[]>(all.map((contender) => [contender, []]))
  const begun = performance.now()
  for (let round = 0; round < fewestRounds || performance.now() - begun < seconds * 1000; round++) {
    const bodies = issueForAll((verifier) => crowds[verifier].issueMixture(signInsPerTurn[verifier]))
    for (const contender of all) {
      turns.get(contender)?.push(await takeTurn(contender, bodies[contender.verifier], postgres))
    }
  }
  return turns
}

async function sample(contenders: readonly Contender[], crowds: Crowds): Promise<readonly Sampled[]> {
  const bodies = issueForAll((verifier) => crowds[verifier].issueMixture(signInsPerTurn[verifier]))
  const sampled: Sampled[] = []
  for (const { name, server, verifier } of contenders) {
    await server.ask('startProfile')
    await postResponses(server.port, acsPath, bodies[verifier])
    const parts = await server.ask('stopProfile')
    sampled.push({ name, parts, signIns: bodies[verifier].length, traces: await server.ask('traces') })
  }
  return sampled
}
