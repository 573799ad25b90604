import { readFileSync, writeFileSync } from 'node:fs'
import { applyDeclaration } from '../../src/admin/apply-declaration.ts'
import { freezeSettings, type StorageSettings } from '../../src/config/settings.ts'
import { administrationOf } from '../../src/main.ts'
import { type RunningServer, serve } from '../../src/server/serve.ts'
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
  /** The most memory the process had since it began to answer, in megabytes; an embedded database's is part of it. */
  readonly peakMegabytes: number
}

/** What sign-ins have left in the database. */
export interface RowCounts {
  readonly accounts: number
  readonly identities: number
  /** Persons with more than one account. */
  readonly doubled: number
  readonly sessions: number
  readonly consumedAssertions: number
}

export interface Answers {
  readonly usage: Usage
  readonly startProfile: null
  readonly stopProfile: GroupedMicroseconds
  readonly traces: readonly (readonly { readonly step: string; readonly milliseconds: number }[])[]
  readonly rows: RowCounts
  readonly stop: null
}

export type Question = keyof Answers

process.once('message', async (start: ServerStart) => {
  const server = await begin(start)
  forgetPeak()
  const answer = answerQuestions(server)
  process.on('message', async (question: Question) => process.send?.(await answer(question)))
  process.send?.({ port: server.port })
})

// A parent that was killed cannot say stop.
process.on('disconnect', () => process.exit(1))

async function begin({ storage, metadata }: ServerStart): Promise<RunningServer> {
  const settings = { ...freezeSettings({ publicUrl, listenPort: 0 }), storage, secret: Buffer.alloc(32, 7) }
  const server = await serve(settings)
  // What comes in a storm was signed before it.
  const settingsOfConnection = { allowIdpInitiated: true, maxUnsolicitedAgeSeconds: 3600, wantAssertionsSigned: true }
  const connection = { metadata: { text: metadata }, settings: settingsOfConnection }
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
      return { cpuMicroseconds: user + system, roundTrips, peakMegabytes: readPeak() }
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
    async rows() {
      const { rows } = await pool.query<RowCounts>(`
        select
          (select count(*)::int from account) as accounts,
          (select count(*)::int from identity) as identities,
          (select count(*)::int
            from (select from account group by organization_id, fields -> 'mail' having count(*) > 1) as several) as doubled,
          (select count(*)::int from session) as sessions,
          (select count(*)::int from consumed_assertion) as "consumedAssertions"`)
      const [counts] = rows
      if (counts === undefined) throw new Error('the database counts nothing')
      return counts
    },
    async stop() {
      await server.stop()
      return null
    },
  }
  return (question) => answers[question]()
}

/** Making an empty embedded database takes more memory than a server ever does later. proc(5), `clear_refs`. */
function forgetPeak(): void {
  if (process.platform === 'linux') writeFileSync('/proc/self/clear_refs', '5')
}

function readPeak(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1024
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024
}
