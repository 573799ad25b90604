import { createHash, randomBytes } from 'node:crypto'
import http, { type IncomingHttpHeaders } from 'node:http'
import { Writable } from 'node:stream'
import { after } from 'node:test'
import type { Pool } from 'pg'
import { pino } from 'pino'
import { uuidv7 } from 'uuidv7'
import { openCatalog } from '../../../src/access/catalog.ts'
import type { Administration } from '../../../src/admin/administration.ts'
import { createApprovals } from '../../../src/admin/approvals.ts'
import { createWaitingRoom } from '../../../src/admin/waiting-room.ts'
import { createPace } from '../../../src/break-glass/pace.ts'
import { applicationSettings } from '../../../src/directory/application.ts'
import { type Connection, type ConnectionSettingsInput, connectionSettings } from '../../../src/directory/connection.ts'
import type { Directory } from '../../../src/directory/directory.ts'
import { previewHeaders } from '../../../src/gateway/preview-headers.ts'
import { createBackChannel } from '../../../src/http/back-channel.ts'
import type { ApplicationGateway, HttpDependencies } from '../../../src/http/http-dependencies.ts'
import { createMetrics } from '../../../src/http/metrics.ts'
import { createHttpServer, type HttpServer } from '../../../src/http/server.ts'
import { ensureKeys } from '../../../src/keys/service-keys.ts'
import { createRefusalBudget } from '../../../src/sign-in/record-refusal.ts'
import { createSignInQueue } from '../../../src/sign-in/sign-in-queue.ts'
import { migrateSchema } from '../../../src/store/migrate-schema.ts'
import { createDirectory } from '../../../src/store/postgres-directory.ts'
import { grantOf, newEvent, newPerson, writesFor } from '../../store/samples.ts'
import { type DatabaseKind, openTestDatabase } from '../../support/databases.ts'

/** A server over a real database, asked by real requests; what it is called stands in the Host header. */

export const publicUrl = 'https://login.example'

const installationSecret = randomBytes(32)

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly setCookies: readonly string[]
  readonly text: string
}

export interface Ask {
  readonly method?: string
  /** Default: Latchkey's own. */
  readonly host?: string
  readonly headers?: http.OutgoingHttpHeaders
  readonly body?: string | Buffer
  /** `application/json`, say. Default: what a browser sends. */
  readonly accept?: string
}

export interface Served {
  readonly http: HttpServer
  readonly port: number
  readonly pool: Pool
  readonly directory: Directory
  readonly deps: HttpDependencies
  /** Acts as an administrator on the same storage. */
  readonly office: Administration
  readonly log: readonly string[]
  ask(path: string, ask?: Ask): Promise<Answer>
  /** Posts fields as a browser's form does. */
  post(path: string, fields: Readonly<Record<string, string>> | string, ask?: Ask): Promise<Answer>
  addOrganization(id: string, name: string): Promise<void>
  addConnection(organizationId: string, id: string, more?: MoreConnection): Promise<Connection>
  addApplication(id: string, connections: readonly string[], name?: string): Promise<void>
  /** A new person signs in over this connection; gives the Cookie header of the session. */
  signIn(connection: Connection, groups?: readonly string[]): Promise<string>
}

export interface MoreConnection {
  readonly name?: string
  readonly location?: string
  readonly settings?: ConnectionSettingsInput
}

const opened = new Map<DatabaseKind, Promise<Pool>>()
const closers: (() => Promise<void>)[] = []
after(async () => {
  for (const close of closers) await close()
})

/** One database for all tests of a file, emptied for each of them. */
async function openEmptyDatabase(kind: DatabaseKind): Promise<Pool> {
  const first = async () => {
    const { pool } = await openTestDatabase(kind, { after: (close) => void closers.push(close) })
    await migrateSchema(pool)
    return pool
  }
  const opening = opened.get(kind) ?? first()
  opened.set(kind, opening)
  const pool = await opening
  const { rows } = await pool.query<{ tables: string }>(
    `select string_agg(quote_ident(tablename), ', ') as tables from pg_tables
     where schemaname = 'public' and tablename <> 'schema_migration'`,
  )
  await pool.query(`truncate ${rows[0]?.tables}`)
  return pool
}

interface Cleanup {
  after(work: () => Promise<void>): void
}

export async function serve(
  test: Cleanup,
  more: Partial<HttpDependencies> = {},
  kind: DatabaseKind = 'embedded',
): Promise<Served> {
  const pool = await openEmptyDatabase(kind)
  const directory = createDirectory(pool)
  const now = () => new Date()
  const log: string[] = []
  const basic = { now, newId: uuidv7, randomBytes }
  const keys = await ensureKeys(directory, installationSecret, basic)
  const catalog = await openCatalog({ directory, now, refreshSeconds: 600 })
  const office: Administration = {
    ...basic,
    directory,
    publicUrl,
    actor: 'approval-link',
    secret: () => installationSecret,
    identityHeaders: previewHeaders,
    resolveTxt: async () => [],
    fetchMetadata: () => Promise.reject(new Error('no metadata here')),
  }
  const deps: HttpDependencies = {
    ...basic,
    directory,
    catalog,
    publicUrl,
    keys,
    sessionLimits: { idleSeconds: 1800, absoluteSeconds: 36_000 },
    requestSigning: { key: keys.samlSigning.privateKey },
    decryptionKeys: keys.samlEncryption.decryptionKeys,
    askIdentityProvider: createBackChannel(),
    refusalBudget: createRefusalBudget(),
    signInQueue: createSignInQueue({ atOnce: 32, waiting: 100, nowMs: () => performance.now() }),
    onRecordFailed: (error) => assertNever(error),
    listen: { host: '127.0.0.1', port: 0 },
    identityHeaders: previewHeaders,
    breakGlass: {
      secret: () => installationSecret,
      pace: createPace({ each: 10, all: 60 }),
      recordPace: createPace({ each: 30, all: 30 }),
    },
    approvals: createApprovals(office),
    waitingRoom: createWaitingRoom(office),
    gateway: echoGateway,
    metrics: createMetrics(),
    log: pino({ level: 'debug' }, collect(log)),
    ...more,
  }
  const server = await createHttpServer(deps)
  const { port } = await server.listen()
  test.after(async () => {
    catalog.close()
    await server.close()
  })
  const ask: Served['ask'] = (path, wish) => send(port, path, wish)
  return {
    http: server,
    port,
    pool,
    directory,
    deps,
    office,
    log,
    ask,
    post: (path, fields, wish) =>
      ask(path, {
        method: 'POST',
        body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
        ...wish,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...wish?.headers },
      }),
    addOrganization: (id, name) => directory.createOrganization({ id, name, createdAt: now() }, newEvent()),
    async addConnection(organizationId, id, { name = id, location = 'https://idp.example/sso', settings = {} } = {}) {
      const connection: Connection = {
        organizationId,
        id,
        name,
        identityProvider: {
          entityId: `https://idp.example/${id}`,
          singleSignOnServices: [
            { binding: 'redirect', location },
            { binding: 'post', location },
          ],
          signingCertificates: [keys.samlSigning.certificateBase64],
          wantAuthnRequestsSigned: false,
        },
        settings: connectionSettings.parse(settings),
        version: 1,
        createdAt: now(),
      }
      await directory.createConnection(connection, newEvent())
      return connection
    },
    async addApplication(id, connections, name = id) {
      const origin = `https://${id}.example`
      const settings = applicationSettings.parse({ origin, upstream: 'http://127.0.0.1:9', connections })
      await directory.saveApplication({ id, name, settings, version: 1 }, newEvent())
      await catalog.reload()
    },
    async signIn(connection, groups = []) {
      const token = randomBytes(32).toString('base64url')
      const writes = writesFor(connection, newPerson())
      const grantsAdded = groups.map((group) => grantOf(connection.id, 'group', group))
      await directory.applySignIn({
        ...writes,
        account: { ...writes.account, grantsAdded: [grantOf(connection.id, 'role', 'agent'), ...grantsAdded] },
        session: { ...writes.session, tokenHash: sha256(token), expiresAt: new Date(Date.now() + 3_600_000) },
        assertion: { ...writes.assertion, rememberUntil: new Date(Date.now() + 3_600_000) },
        now: now(),
      })
      return `__Host-latchkey=${token}`
    },
  }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function send(port: number, path: string, wish: Ask = {}): Promise<Answer> {
  const { method = 'GET', host = new URL(publicUrl).host, accept = 'text/html,*/*;q=0.8', headers, body } = wish
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, agent: false, headers: { host, accept, ...headers } }
    const request = http.request(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response
        const text = Buffer.concat(chunks).toString()
        resolve({ status, headers, setCookies: headers['set-cookie'] ?? [], text })
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** Says which application was asked for what; an upgrade is answered with its name. */
const echoGateway: ApplicationGateway = {
  handle: (request, response, application) => void response.end(`${application.id} ${request.method} ${request.url}`),
  upgrade: (_request, socket, _head, application) =>
    void socket.end(`HTTP/1.1 101 Switching Protocols\r\nupgrade: ${application.id}\r\nconnection: upgrade\r\n\r\n`),
}

function collect(lines: string[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
}

function assertNever(error: unknown): void {
  throw new Error('A refusal could not be recorded', { cause: error })
}
