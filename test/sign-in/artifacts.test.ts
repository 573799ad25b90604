import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Pool } from 'pg'
import { connectionSettings } from '../../src/directory/connection.ts'
import { serviceAddresses } from '../../src/directory/service-addresses.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { createBackChannel } from '../../src/http/back-channel.ts'
import { hashSecret } from '../../src/sessions/browser-secret.ts'
import { completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import { type IssueArtifactResponseOptions, newArtifact } from '../../src/test-identity-provider/artifact.ts'
import { createTestIdentityProvider, type IssueOptions } from '../../src/test-identity-provider/identity-provider.ts'
import { forEachDatabase } from '../support/databases.ts'
import {
  connectionId,
  createSignInWorld,
  nina,
  organizationId,
  publicUrl,
  type SignInWorld,
} from '../support/sign-in-world.ts'

/**
 * Sign-ins by artifact, against a real database and an artifact resolution service that really answers over HTTP, honestly or
 * not. Whatever is refused writes nothing but its own record.
 */

interface Cleanup {
  after(work: () => Promise<void> | void): void
}

interface Question {
  readonly requestId: string
  readonly artifact: string
  readonly body: string
}

interface House {
  readonly world: SignInWorld
  readonly deps: SignInWorld['deps']
  /** What was asked of the artifact resolution service, in order. */
  readonly questions: readonly Question[]
  /** How the service answers the next question: with this SOAP message, or in any way it likes. */
  answerWith(
    answer: (question: Question) => string | ((response: ServerResponse, request: IncomingMessage) => void),
  ): void
  /** The XML of a response for our connection. */
  response(options?: Partial<IssueOptions>): string
  soap(question: Question, options?: Partial<IssueArtifactResponseOptions>): string
  artifact(index?: number): string
  /** Begins a sign-in; gives the ID of the request and the secret of its browser. */
  begin(): Promise<{ readonly inResponseTo: string; readonly browserSecret: string }>
}

const other = await createTestIdentityProvider({ baseUrl: 'http://company-a.localhost:4401' })

async function openHouse(t: Cleanup, pool: Pool, settings: { allowIdpInitiated?: boolean } = {}): Promise<House> {
  const world = await createSignInWorld(pool, { responseBinding: 'artifact', allowIdpInitiated: true, ...settings })
  const questions: Question[] = []
  let answer: Parameters<House['answerWith']>[0] = () => (response) => response.writeHead(404).end()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    const question = {
      requestId: / ID="([^"]+)"/.exec(body)?.[1] ?? '',
      artifact: /<samlp:Artifact>([^<]+)</.exec(body)?.[1] ?? '',
      body,
    }
    questions.push(question)
    const answered = answer(question)
    if (typeof answered === 'string') response.end(answered)
    else answered(response, request)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const location = `http://127.0.0.1:${(server.address() as AddressInfo).port}/artifact`
  const stored = await world.connection()
  const identityProvider = { ...stored.identityProvider, artifactResolutionServices: [{ index: 0, location }] }
  await world.directory.replaceIdentityProvider({ ...stored, identityProvider }, world.event('test'))
  const addresses = serviceAddresses({ id: connectionId }, publicUrl)
  return {
    world,
    deps: { ...world.deps, askIdentityProvider: createBackChannel({ timeoutMs: 30_000, maxBytes: 100_000 }) },
    questions,
    answerWith: (next) => {
      answer = next
    },
    response: (options = {}) =>
      world.identityProvider.issueResponse({ serviceProvider: addresses, person: nina, ...options }).xml,
    soap: ({ requestId }, options = {}) =>
      world.identityProvider.issueArtifactResponse({ inResponseTo: requestId, ...options }),
    artifact: (index) => newArtifact(world.identityProvider.entityId, index),
    async begin() {
      const browserSecret = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
      const inResponseTo = `_${world.deps.newId()}`
      const createdAt = new Date()
      await world.directory.beginLoginRequest({
        organizationId,
        connectionId,
        id: inResponseTo,
        browserHash: hashSecret(browserSecret),
        returnTo: `${publicUrl}/account`,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + 600_000),
      })
      return { inResponseTo, browserSecret }
    },
  }
}

const arrived = (samlArt: string, browserSecret?: string) => ({
  connectionId,
  samlResponse: { samlArt },
  ...(browserSecret !== undefined && { browserSecret }),
})

/** Nothing but one more recorded attempt, which says the code. */
async function assertRefused({ world }: House, code: ErrorCode, run: () => Promise<unknown>): Promise<void> {
  const before = await world.countRows()
  await assert.rejects(run(), { code })
  const { sign_in_attempt: attempts = 0, ...rest } = before
  assert.deepEqual(await world.countRows(), { ...rest, sign_in_attempt: attempts + 1 })
  const { rows } = await world.pool.query('select code from sign_in_attempt order by at desc, id desc limit 1')
  assert.equal(rows[0]?.code, code)
}

forEachDatabase((kind, open) => {
  test(`an artifact opens a session for what it stands for, asked for once and signed by us (${kind})`, async (t) => {
    const house = await openHouse(t, (await open(t)).pool, { allowIdpInitiated: false })
    const { inResponseTo, browserSecret } = await house.begin()
    house.answerWith((question) => house.soap(question, { message: house.response({ inResponseTo }) }))
    const samlArt = house.artifact()
    const before = await house.world.countRows()
    const signedIn = await completeSignIn(arrived(samlArt, browserSecret), house.deps)
    assert.equal(signedIn.redirectTo, `${publicUrl}/account`)
    assert.equal(house.questions.length, 1)
    const [question] = house.questions
    assert.equal(question?.artifact, samlArt)
    assert.match(question?.body ?? '', /<ds:SignatureValue>/)
    const after = await house.world.countRows()
    assert.equal(after.consumed_assertion, (before.consumed_assertion ?? 0) + 2)
    assert.equal(after.login_request, 0)
  })

  test(`an artifact that is used again is refused, also by an identity provider that gives it out again (${kind})`, async (t) => {
    const house = await openHouse(t, (await open(t)).pool)
    const samlArt = house.artifact()
    house.answerWith((question) => house.soap(question, { message: house.response() }))
    await completeSignIn(arrived(samlArt), house.deps)
    // Anew, with an assertion that was never seen.
    await assertRefused(house, 'saml_artifact_replayed', () => completeSignIn(arrived(samlArt), house.deps))
    const sameAgain = house.response()
    house.answerWith((question) => house.soap(question, { message: sameAgain }))
    await completeSignIn(arrived(house.artifact()), house.deps)
    await assertRefused(house, 'assertion_replayed', () => completeSignIn(arrived(house.artifact()), house.deps))
    house.answerWith((question) => house.soap(question))
    await assertRefused(house, 'saml_artifact_not_resolved', () => completeSignIn(arrived(samlArt), house.deps))
  })

  test(`an artifact that comes twice at once signs in once (${kind})`, async (t) => {
    const house = await openHouse(t, (await open(t)).pool)
    const samlArt = house.artifact()
    house.answerWith((question) => house.soap(question, { message: house.response() }))
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => completeSignIn(arrived(samlArt), house.deps)))
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
    assert.deepEqual(refused, ['saml_artifact_replayed', 'saml_artifact_replayed'])
    assert.equal((await house.world.countRows()).session, 1)
  })

  test(`what an artifact stands for is bound to the browser and the request (${kind})`, async (t) => {
    const house = await openHouse(t, (await open(t)).pool, { allowIdpInitiated: false })
    const [mine, another] = [await house.begin(), await house.begin()]
    const give = (options: Partial<IssueOptions>) =>
      house.answerWith((question) => house.soap(question, { message: house.response(options) }))
    give({ inResponseTo: mine.inResponseTo })
    const run = (secret?: string) => () => completeSignIn(arrived(house.artifact(), secret), house.deps)
    await assertRefused(house, 'login_request_other_browser', run(another.browserSecret))
    await assertRefused(house, 'login_request_other_browser', run())
    assert.equal(house.questions.length, 1, 'a browser that never began anything makes us ask nobody')
    give({ inResponseTo: '_never-begun' })
    await assertRefused(house, 'login_request_unknown', run(mine.browserSecret))
    give({})
    await assertRefused(house, 'saml_unsolicited', run(mine.browserSecret))
    give({ inResponseTo: mine.inResponseTo })
    await run(mine.browserSecret)()
    await assertRefused(house, 'login_request_unknown', run(mine.browserSecret))
  })

  test(`an artifact of another, or for an address we do not know, makes us ask nobody (${kind})`, async (t) => {
    const house = await openHouse(t, (await open(t)).pool)
    const run = (samlArt: string) => () => completeSignIn(arrived(samlArt), house.deps)
    await assertRefused(house, 'saml_artifact_source_mismatch', run(newArtifact('https://other.example')))
    await assertRefused(house, 'saml_artifact_endpoint_unknown', run(house.artifact(1)))
    await assertRefused(house, 'saml_artifact_malformed', run('AAQAAA=='))
    const change = async (settings: Parameters<SignInWorld['changeSettings']>[0]) => {
      await house.world.changeSettings(settings)
      house.deps.catalog.forgetConnection(connectionId)
    }
    await change({ responseBinding: 'post' })
    await assertRefused(house, 'saml_artifact_not_allowed', run(house.artifact()))
    await change({ responseBinding: 'artifact', samlEnabled: false })
    await assertRefused(house, 'connection_disabled', run(house.artifact()))
    assert.equal(house.questions.length, 0)
  })

  const answers: readonly (readonly [
    string,
    ErrorCode,
    (house: House, question: Question) => ReturnType<Parameters<House['answerWith']>[0]>,
  ])[] = [
    [
      'for another request',
      'saml_artifact_response_mismatch',
      (house, question) => house.soap({ ...question, requestId: '_another' }, { message: house.response() }),
    ],
    [
      'of another issuer',
      'saml_issuer_mismatch',
      (house, question) => house.soap(question, { message: house.response(), issuer: 'https://other.example' }),
    ],
    [
      'by a key we do not know',
      'saml_signature_invalid',
      (house, { requestId }) => other.issueArtifactResponse({ inResponseTo: requestId, message: house.response() }),
    ],
    [
      'that was changed',
      'saml_digest_mismatch',
      (house, question) => house.soap(question, { message: house.response() }).replace('>Nina Newcomer<', '>Otto<'),
    ],
    [
      'that was changed inside, itself unsigned',
      'saml_digest_mismatch',
      (house, question) =>
        house.soap(question, { message: house.response(), isSigned: false }).replace('>Nina Newcomer<', '>Otto<'),
    ],
    [
      'that signs only itself',
      'saml_signature_missing',
      (house, question) => house.soap(question, { message: house.response({ sign: 'none' }) }),
    ],
    [
      'with a response for another service',
      'saml_audience_mismatch',
      (house, question) => house.soap(question, { message: house.response({ audience: 'https://other.example' }) }),
    ],
    [
      'that there is none',
      'saml_artifact_not_resolved',
      (house, question) => house.soap(question, { status: ['Requester', 'RequestDenied'] }),
    ],
    [
      'that goes elsewhere',
      'saml_artifact_redirected',
      (house) => (response) => response.writeHead(307, { location: '/elsewhere' }).end(house.artifact()),
    ],
    ['of status 500', 'saml_artifact_unreachable', () => (response) => response.writeHead(500).end('<Fault/>')],
    [
      'that breaks off',
      'saml_artifact_unreachable',
      () => (response) => {
        response.writeHead(200, { 'content-length': '100' }).write('<')
        response.destroy()
      },
    ],
    ['that never comes', 'saml_artifact_timeout', () => () => undefined],
    ['that never ends', 'saml_artifact_timeout', () => (response) => void response.write('<')],
    ['that is too long', 'saml_artifact_too_large', () => (response) => response.end(' '.repeat(100_001))],
    [
      'that is too long once inflated',
      'saml_artifact_too_large',
      () => (response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(' '.repeat(1_000_000))),
    ],
    ['that is a web page', 'saml_doctype_not_allowed', () => '<!doctype html><p>Please sign in'],
  ]

  test(`an answer that is not as it must be is refused by name, and writes nothing (${kind})`, async (t) => {
    const house = await openHouse(t, (await open(t)).pool)
    const impatient = createBackChannel({ timeoutMs: 400 })
    for (const [what, code, answer] of answers) {
      await t.test(`an answer ${what}: ${code}`, async () => {
        const asked = house.questions.length
        house.answerWith((question) => answer(house, question))
        const deps = code === 'saml_artifact_timeout' ? { ...house.deps, askIdentityProvider: impatient } : house.deps
        await assertRefused(house, code, () => completeSignIn(arrived(house.artifact()), deps))
        assert.equal(house.questions.length, asked + 1)
      })
    }
    const gone = await house.world.connection()
    const artifactResolutionServices = [{ index: 0, location: 'http://127.0.0.1:1/' }]
    const identityProvider = { ...gone.identityProvider, artifactResolutionServices }
    await house.world.directory.replaceIdentityProvider({ ...gone, identityProvider }, house.world.event('test'))
    house.deps.catalog.forgetConnection(connectionId)
    await assertRefused(house, 'saml_artifact_unreachable', () => completeSignIn(arrived(house.artifact()), house.deps))
  })

  test(`an artifact of another connection is refused, and so is its message (${kind})`, async (t) => {
    const house = await openHouse(t, (await open(t)).pool)
    const elsewhere = await createTestIdentityProvider({ baseUrl: 'https://b.example' })
    const stored = await house.world.connection()
    const identityProvider = {
      ...stored.identityProvider,
      entityId: elsewhere.entityId,
      signingCertificates: [elsewhere.certificate],
    }
    const b = { ...stored, id: 'b', identityProvider, settings: connectionSettings.parse(stored.settings) }
    await house.world.directory.createConnection(b, house.world.event('test'))
    const run = (samlArt: string) => () => completeSignIn({ connectionId: 'b', samlResponse: { samlArt } }, house.deps)
    await assertRefused(house, 'saml_artifact_source_mismatch', run(house.artifact()))
    assert.equal(house.questions.length, 0)
    house.answerWith(({ requestId }) =>
      elsewhere.issueArtifactResponse({ inResponseTo: requestId, message: house.response() }),
    )
    await assertRefused(house, 'saml_signature_invalid', run(newArtifact(elsewhere.entityId)))
  })

  test(`an identity provider with a new key is asked once, and its metadata fetched (${kind})`, async (t) => {
    const house = await openHouse(t, (await open(t)).pool)
    house.answerWith(({ requestId }) =>
      other.issueArtifactResponse({ inResponseTo: requestId, message: responseOf(other) }),
    )
    const responseOf = (provider: typeof other) =>
      provider.issueResponse({ serviceProvider: serviceAddresses({ id: connectionId }, publicUrl), person: nina }).xml
    const refreshKeys = async () => {
      const stored = await house.world.connection()
      const identityProvider = { ...stored.identityProvider, signingCertificates: [other.certificate] }
      await house.world.directory.replaceIdentityProvider({ ...stored, identityProvider }, house.world.event('test'))
      return true
    }
    const { accountId } = await completeSignIn(arrived(house.artifact()), { ...house.deps, refreshKeys })
    assert.match(accountId, /^[0-9a-f-]{36}$/)
    assert.equal(house.questions.length, 1)
  })
})

test('createBackChannel() asks one address a bounded number of times at once', async (t) => {
  const waiting: ServerResponse[] = []
  const server = createServer((_request, response) => void waiting.push(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const ask = createBackChannel({ maxUnderWay: 2 })
  const asked = [ask(url, 'a'), ask(url, 'b')]
  await assert.rejects(ask(url, 'c'), { code: 'sign_in_busy' })
  while (waiting.length < 2) await new Promise((resolve) => setImmediate(resolve))
  for (const response of waiting.splice(0)) response.end('answer')
  assert.deepEqual((await Promise.all(asked)).map(String), ['answer', 'answer'])
  const again = ask(url, 'd')
  while (waiting.length < 1) await new Promise((resolve) => setImmediate(resolve))
  waiting[0]?.end('again')
  assert.equal(String(await again), 'again')
})
