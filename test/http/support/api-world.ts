import assert from 'node:assert/strict'
import http, { type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'
import type { Pool } from 'pg'
import { type CommandInput, type CommandName, type CommandResult, runCommand } from '../../../src/admin/commands.ts'
import { serviceAddresses } from '../../../src/directory/service-addresses.ts'
import type { ErrorCode } from '../../../src/errors.ts'
import { statusOf } from '../../../src/http/status-of.ts'
import {
  createTestIdentityProvider,
  type IssuedPerson,
  type IssueOptions,
  type TestIdentityProvider,
} from '../../../src/test-identity-provider/identity-provider.ts'
import { readContents } from '../../admin/office.ts'
import type { DatabaseKind } from '../../support/databases.ts'
import { type RunningLatchkey, startLatchkey } from '../../support/running-latchkey.ts'

/** A whole server with its API on, two organizations with an identity provider each, and people who have signed in. */
export interface ApiWorld {
  readonly latchkey: RunningLatchkey
  readonly pool: Pool
  readonly tokens: Readonly<Record<'read' | 'write' | 'reveal' | 'ofA' | 'ofB', string>>
  run<N extends CommandName>(name: N, input: CommandInput<N>): Promise<CommandResult<N>>
  ask(method: string, path: string, ask?: ApiAsk): Promise<ApiAnswer>
  /** A response of the identity provider of `company-a` or `company-b`, as it would be posted. */
  issue(organization: string, person: IssuedPerson, more?: Partial<IssueOptions>): string
  /** Signs in; gives the reference of the attempt. */
  signIn(organization: string, person: IssuedPerson): Promise<string>
  contents(): Promise<string>
}

export interface ApiAsk {
  /** Absent: none. */
  readonly token?: string | undefined
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is. */
  readonly body?: string | Buffer
  readonly headers?: OutgoingHttpHeaders
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely by tests. */
  readonly json: any
}

interface Cleanup {
  after(work: () => Promise<void>): void
}

export const ada: IssuedPerson = {
  nameId: 'ada-1815',
  attributes: { uid: 'ada', cn: 'Ada Lovelace', mail: 'ada@company-a.example', role: ['manager'], badge: '4711' },
}
export const bob: IssuedPerson = {
  nameId: 'bob-1',
  attributes: { uid: 'bob', cn: 'Bob', mail: 'bob@company-b.example', role: ['manager'] },
}

const providers = new Map<string, Promise<TestIdentityProvider>>()

function identityProviderOf(organization: string): Promise<TestIdentityProvider> {
  const known =
    providers.get(organization) ?? createTestIdentityProvider({ baseUrl: `http://${organization}.localhost:4401` })
  providers.set(organization, known)
  return known
}

export async function openApiWorld(test: Cleanup, kind: DatabaseKind): Promise<ApiWorld> {
  const latchkey = await startLatchkey(test, kind, { api: 'on' })
  const { office, server, publicUrl } = latchkey
  const pool = server.latchkey.storage.pool
  const run: ApiWorld['run'] = async <N extends CommandName>(name: N, input: CommandInput<N>) =>
    (await runCommand(name, input, office)) as CommandResult<N>
  const idps = {
    'company-a': await identityProviderOf('company-a'),
    'company-b': await identityProviderOf('company-b'),
  }
  for (const [id, idp] of Object.entries(idps)) {
    await run('organization.create', { id })
    await run('role.create', { organization: id, name: 'manager' })
    await run('connection.add', {
      organization: id,
      id,
      metadata: { text: idp.metadata(), dangerouslyAllowHttp: true },
      settings: {
        allowIdpInitiated: true,
        grantableRoles: ['manager'],
        attributeMapping: { badge: { attributes: ['badge'] } },
      },
    })
  }
  await run('declaration.apply', {
    declaration: { organizations: { 'company-a': { customFields: { badge: { sensitive: true } } } } },
  })
  await server.catalog.reload()
  const token = async (name: string, more: Omit<CommandInput<'token.create'>, 'name'>) =>
    (await run('token.create', { name, ...more })).token
  const ask: ApiWorld['ask'] = (method, path, wish = {}) => send(publicUrl, method, path, wish)
  const issue: ApiWorld['issue'] = (organization, person, more = {}) =>
    (organization === 'company-b' ? idps['company-b'] : idps['company-a']).issueResponse({
      serviceProvider: serviceAddresses({ id: organization }, publicUrl),
      person,
      ...more,
    }).samlResponse
  return {
    latchkey,
    pool,
    tokens: {
      read: await token('reader', {}),
      write: await token('writer', { scope: 'write' }),
      reveal: await token('revealer', { reveal: true }),
      ofA: await token('of-a', { organization: 'company-a', scope: 'write', reveal: true }),
      ofB: await token('of-b', { organization: 'company-b', scope: 'write', reveal: true }),
    },
    run,
    ask,
    issue,
    async signIn(organization, person) {
      const body = new URLSearchParams({ SAMLResponse: issue(organization, person) }).toString()
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const { status, text } = await ask('POST', `/sso/${organization}/acs`, { body, headers })
      assert.equal(status, 303, text)
      const [attempt] = await run('attempt.list', { organization, limit: 1 })
      return attempt?.reference ?? ''
    },
    contents: () => readContents(pool),
  }
}

function send(
  publicUrl: string,
  method: string,
  path: string,
  { token, json, body, headers }: ApiAsk,
): Promise<ApiAnswer> {
  const { port, host } = new URL(publicUrl)
  const sent = body ?? (json === undefined ? undefined : JSON.stringify(json))
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        agent: false,
        headers: {
          host,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...(sent === undefined ? {} : { 'content-length': Buffer.byteLength(sent) }),
          ...headers,
        },
      },
      (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8')
          const isJson = /json\b/.test(response.headers['content-type'] ?? '') && text !== ''
          const isLines = /ndjson/.test(response.headers['content-type'] ?? '')
          const parsed = isLines
            ? text
                .trim()
                .split('\n')
                .map((line) => JSON.parse(line))
            : isJson
              ? JSON.parse(text)
              : undefined
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parsed })
        })
      },
    )
    request.on('error', reject)
    request.end(sent)
  })
}

/** A problem of this code: status, type, headers; nothing that lets a page or a store keep it. */
export function assertProblem(answer: ApiAnswer, code: ErrorCode): void {
  assert.equal(answer.json?.code, code, `${answer.status} ${answer.text}`)
  assert.equal(answer.status, statusOf[code])
  assert.equal(answer.json.status, statusOf[code])
  assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json\b/)
  assert.match(answer.json.type, new RegExp(`^http://.*/api/v1/problems/${code}$`))
  assert.match(answer.json.reference, /^[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}$/)
  assertPrivate(answer)
}

/** Nobody keeps it, no other site reads it, no browser is told anything to send along. */
export function assertPrivate({ headers }: ApiAnswer): void {
  assert.equal(headers['cache-control'], 'no-store')
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.equal(headers['set-cookie'], undefined)
  for (const name of Object.keys(headers)) assert.doesNotMatch(name, /^access-control-/)
}
