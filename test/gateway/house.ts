import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { uuidv7 } from 'uuidv7'
import { WebSocketServer } from 'ws'
import {
  type Application,
  type ApplicationSettingsInput,
  applicationSettings,
} from '../../src/directory/application.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import type { GatewayTiming } from '../../src/gateway/gateway-dependencies.ts'
import { createIdentitySigner } from '../../src/gateway/identity-assertion.ts'
import { openContext } from '../../src/http/request-context.ts'
import { openTestDirectory, type Person, type TestDirectory } from './test-directory.ts'

/** A gateway on a real socket, a real application behind it, and a directory with one person in it. */
export interface House {
  readonly application: Application
  /** `http://benefits.localhost:PORT` */
  readonly origin: string
  readonly port: number
  readonly publicUrl: string
  readonly directory: TestDirectory
  readonly server: Server
  readonly upstream: Upstream
  readonly publicKey: ReturnType<typeof generateKeyPairSync>['publicKey']
  readonly logged: readonly unknown[]
  readonly counted: readonly string[]
  /** Moves the clock of the gateway. */
  advanceSeconds(seconds: number): void
  /** Cookie header of a browser that has come in by a hand-off. */
  enter(person?: Partial<Person>): Promise<string>
  send(path: string, options?: SendOptions): Promise<Answer>
}

export interface Upstream {
  readonly port: number
  /** Every request that has arrived, oldest first. */
  readonly requests: IncomingMessage[]
  readonly server: Server
  answer: RequestListener
}

export interface SendOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly cookie?: string
  readonly body?: string
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface HouseOptions {
  readonly settings?: Partial<ApplicationSettingsInput>
  readonly timing?: Partial<GatewayTiming>
  /** Default: a live application on a free port. */
  readonly upstream?: string
}

interface Cleanup {
  after(work: () => Promise<void> | void): void
}

export const page = { accept: 'text/html,application/xhtml+xml' }
const publicUrl = 'https://latchkey.example'
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

export async function openHouse(t: Cleanup, options: HouseOptions = {}): Promise<House> {
  const upstream = await openUpstream(t)
  const server = createServer()
  const port = await listen(t, server)
  const origin = `http://benefits.localhost:${port}`
  const application: Application = {
    id: 'benefits',
    name: 'Benefits',
    version: 1,
    settings: applicationSettings.parse({
      origin,
      upstream: options.upstream ?? `http://127.0.0.1:${upstream.port}`,
      connections: ['company-a'],
      ...options.settings,
    }),
  }
  const directory = await openTestDirectory(application)
  const clock = { offsetMs: 0 }
  const now = () => new Date(Date.now() + clock.offsetMs)
  const logged: unknown[] = []
  const counted: string[] = []
  const gateway = createGateway({
    directory: directory.directory,
    publicUrl,
    sessionLimits: { idleSeconds: 3600, absoluteSeconds: 36_000 },
    signIdentity: createIdentitySigner({ key: () => ({ kid: 'key-1', privateKey }), issuer: publicUrl, now }),
    now,
    newId: uuidv7,
    randomBytes,
    log: { warn: (...line) => logged.push(line), error: (...line) => logged.push(line) },
    metrics: { countRequest: (_, outcome) => counted.push(outcome) },
    ...(options.timing && { timing: options.timing }),
  })
  const handle: RequestListener = (req, res) => {
    openContext(req, uuidv7())
    gateway.handle(req, res, application)
  }
  server.on('request', handle)
  server.on('checkContinue', handle)
  server.on('upgrade', (req, socket, head) => {
    openContext(req, uuidv7())
    gateway.upgrade(req, socket, head, application)
  })
  t.after(() => gateway.close())

  const send: House['send'] = (path, sendOptions) => sendTo(port, `benefits.localhost:${port}`, path, sendOptions)
  return {
    application,
    origin,
    port,
    publicUrl,
    directory,
    server,
    upstream,
    publicKey,
    logged,
    counted,
    advanceSeconds(seconds) {
      clock.offsetMs += seconds * 1000
    },
    send,
    async enter(person) {
      const { code, cookie } = await beginAndSignIn({ send, directory, now }, person)
      const entered = await send(`/.latchkey/enter?code=${code}`, { cookie })
      return `${cookie}; ${cookieOf(entered, '__Host-latchkey')}`
    },
  }
}

/** What a browser and Latchkey's host do between the first redirect and the way back. */
export async function beginAndSignIn(
  house: Pick<House, 'send' | 'directory'> & { readonly now?: () => Date },
  person: Partial<Person> = {},
  path = '/',
): Promise<{ readonly code: string; readonly cookie: string; readonly returnTo: string }> {
  const sent = await house.send(path, { headers: page })
  const query = new URL(sent.headers.location ?? '').searchParams
  const returnTo = query.get('return_to') ?? ''
  const code = randomBytes(32).toString('base64url')
  await house.directory.signIn(
    { code, browserHash: query.get('browser') ?? '', returnTo, now: house.now?.() ?? new Date() },
    person,
  )
  return { code, cookie: cookieOf(sent, '__Host-latchkey-entry'), returnTo }
}

/** `name=value` as the browser would send it back. */
export function cookieOf(answer: Answer, name: string): string {
  const set = (answer.headers['set-cookie'] ?? []).find((line) => line.startsWith(`${name}=`))
  return set?.split(';', 1)[0] ?? ''
}

export function sendTo(port: number, host: string, path: string, options: SendOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { host, ...options.headers, ...(options.cookie && { cookie: options.cookie }) }
    const outgoing = request({ host: '127.0.0.1', port, path, method: options.method ?? 'GET', headers, agent: false })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      let body = ''
      incoming.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk
      })
      incoming.on('error', reject)
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }))
    })
    outgoing.end(options.body)
  })
}

async function openUpstream(t: Cleanup): Promise<Upstream> {
  const server = createServer()
  const upstream: Upstream = {
    port: await listen(t, server),
    requests: [],
    server,
    answer: (_, res) => res.end('the application'),
  }
  server.on('request', (req, res) => {
    upstream.requests.push(req)
    upstream.answer(req, res)
  })
  const webSockets = new WebSocketServer({ server })
  webSockets.on('connection', (socket, req) => {
    upstream.requests.push(req)
    socket.on('message', (data) => socket.send(`echo ${data}`))
  })
  return upstream
}

async function listen(t: Cleanup, server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
