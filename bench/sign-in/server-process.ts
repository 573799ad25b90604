import { applyDeclaration } from '../../src/admin/apply-declaration.ts'
import { freezeSettings, type StorageSettings } from '../../src/config/settings.ts'
import { administrationOf, type RunningServer, serve } from '../../src/main.ts'
import { connectionId, publicUrl } from './issue-responses.ts'
import { type GroupedMicroseconds, startProfile } from './profile.ts'

/**
 * A program of its own: the whole server, as `latchkey serve` runs it, with one connection. Its parent tells it over the
 * channel of `fork` where to keep its data, and asks what it has used.
 */

export interface ServerStart {
  readonly storage: StorageSettings
  readonly metadata: string
}

/** What the process has used since it began. */
export interface Usage {
  /** All threads together, the embedded database's among them. */
  readonly cpuMicroseconds: number
  /** Statements sent to the database. */
  readonly roundTrips: number
}

export interface Answers {
  readonly usage: Usage
  readonly startProfile: null
  readonly stopProfile: GroupedMicroseconds
  readonly traces: readonly (readonly { readonly step: string; readonly milliseconds: number }[])[]
  readonly stop: null
}

export type Question = keyof Answers

process.once('message', async (start: ServerStart) => {
  const server = await begin(start)
  const answer = answerQuestions(server)
  process.on('message', async (question: Question) => process.send?.(await answer(question)))
  process.send?.({ port: server.port })
})

async function begin({ storage, metadata }: ServerStart): Promise<RunningServer> {
  const settings = { ...freezeSettings({ publicUrl, listenPort: 0 }), storage, secret: Buffer.alloc(32, 7) }
  const server = await serve(settings)
  const connection = { metadata: { text: metadata }, settings: { allowIdpInitiated: true, wantAssertionsSigned: true } }
  const declaration = { organizations: { 'company-a': { connections: { [connectionId]: connection } } } }
  await applyDeclaration({ declaration }, administrationOf(settings, server.latchkey.directory))
  return server
}

function answerQuestions(server: RunningServer): <Q extends Question>(question: Q) => Promise<Answers[Q]> {
  const { pool } = server.latchkey.storage
  let roundTrips = 0
  // Each statement of a sign-in takes a client for itself.
  pool.on('acquire', () => {
    roundTrips += 1
  })
  let stopProfile: (() => Promise<GroupedMicroseconds>) | undefined
  const answers: { readonly [Q in Question]: () => Promise<Answers[Q]> } = {
    async usage() {
      const { user, system } = process.cpuUsage()
      return { cpuMicroseconds: user + system, roundTrips }
    },
    async startProfile() {
      stopProfile = await startProfile()
      return null
    },
    async stopProfile() {
      return (await stopProfile?.()) ?? {}
    },
    async traces() {
      const { rows } = await pool.query<{ trace: Answers['traces'][number] }>(
        `select trace from sign_in_attempt where outcome = 'accepted' order by at desc limit 1000`,
      )
      return rows.map(({ trace }) => trace)
    },
    async stop() {
      await server.stop()
      return null
    },
  }
  return (question) => answers[question]()
}
