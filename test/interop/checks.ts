import assert from 'node:assert/strict'
import { createWebVisitor, type WebVisitor } from '../../src/demo/web-visitor.ts'
import {
  assertAccountIsComplete,
  assertLanded,
  type InteropWorld,
  logInFromHere,
  messageOf,
  responseForm,
  signIn,
  withMessage,
} from './interop-world.ts'

/** What is tried with each product: a column of the table. A check that throws has failed. */
export interface Check {
  readonly name: string
  /** The product encrypts, and the connection accepts nothing else. */
  readonly encrypt?: boolean
  /** The product answers by artifact. */
  readonly artifact?: boolean
  run(world: InteropWorld): Promise<void>
}

/** In this order: what comes last changes the product for all that would follow. */
export const checks: readonly Check[] = [
  { name: 'begun here', run: signsInFromHere },
  { name: 'begun there', run: signsInFromThere },
  { name: 'signed', run: actsOnlyOnWhatIsSigned },
  { name: 'encrypted', encrypt: true, run: readsWhatIsEncrypted },
  { name: 'artifact', artifact: true, run: fetchesByArtifact },
  { name: 'logout here', run: signsOutFromHere },
  { name: 'logout there', run: signsOutFromThere },
  { name: 'new key', run: followsTheNewKey },
]

/** Lands on the deep link, with an account and the role that the link needs. */
async function signsInFromHere(world: InteropWorld): Promise<void> {
  const deepLink = '/managers/report?year=2026&name=%C3%85'
  const page = await signIn(world, createWebVisitor(), deepLink)
  assertLanded(page, world.latchkey.applicationOrigin + deepLink)
  const { headers, url } = JSON.parse(page.body)
  assert.equal(url, deepLink)
  assert.equal(headers['remote-user'], world.product.person.username)
  await assertAccountIsComplete(world)
}

/** Opens the account, which stays the same one in a sign-in that is begun here. */
async function signsInFromThere(world: InteropWorld): Promise<void> {
  const visitor = createWebVisitor()
  const posting = await world.there.logIn(visitor, await visitor.open(world.there.startUrl(world.entityId)))
  assertLanded(await visitor.submit(responseForm(posting), posting), `${world.latchkey.applicationOrigin}/`)
  await assertAccountIsComplete(world)
  const first = await world.account()
  assertLanded(await signIn(world, createWebVisitor(), '/again'), `${world.latchkey.applicationOrigin}/again`)
  assert.equal((await world.account())?.account.id, first?.account.id)
  assert.equal(await world.accountCount(), 1)
}

/** It signs what we know it to sign; altered, the message is refused and nothing written; as it was, it is accepted. */
async function actsOnlyOnWhatIsSigned(world: InteropWorld): Promise<void> {
  const visitor = createWebVisitor()
  const posting = await logInFromHere(world, visitor, '/')
  const form = responseForm(posting)
  const message = messageOf(form)
  assert.deepEqual(signedElements(message), [...world.product.signs].sort())
  assert.ok(message.includes('>manager<'))
  const altered = withMessage(form, message.replaceAll('>manager<', '>emperor<'))
  const refused = await visitor.submit(altered, posting, { accept: 'application/json' })
  assert.equal(JSON.parse(refused.body).error, 'saml_digest_mismatch')
  assert.equal(await world.accountCount(), 0)
  assertLanded(await visitor.submit(form, posting), `${world.latchkey.applicationOrigin}/`)
  await assertAccountIsComplete(world)
}

/** Names of the elements that a signature refers to. */
function signedElements(message: string): string[] {
  const references = new Set([...message.matchAll(/<(?:\w+:)?Reference\b[^>]*\sURI="#([^"]+)"/g)].map(([, id]) => id))
  const elements = [...message.matchAll(/<(?:\w+:)?(Response|Assertion)\b[^>]*?\sID="([^"]+)"/g)]
  return elements
    .filter(([, , id]) => references.has(id))
    .map(([, name = '']) => name)
    .sort()
}

/** Encrypted with the key of our metadata, for a connection that accepts nothing else. */
async function readsWhatIsEncrypted(world: InteropWorld): Promise<void> {
  const visitor = createWebVisitor()
  const posting = await logInFromHere(world, visitor, '/')
  const message = messageOf(responseForm(posting))
  assert.match(message, /<(?:\w+:)?EncryptedAssertion\b/)
  assert.doesNotMatch(message, /<(?:\w+:)?Assertion\b|>manager</)
  assertLanded(await visitor.submit(responseForm(posting), posting), `${world.latchkey.applicationOrigin}/`)
  await assertAccountIsComplete(world)
}

/** Logging in leads straight on to the deep link: there is no form with a response, it is fetched behind the browser's back. */
async function fetchesByArtifact(world: InteropWorld): Promise<void> {
  const page = await logInFromHere(world, createWebVisitor(), '/managers')
  assertLanded(page, `${world.latchkey.applicationOrigin}/managers`)
  await assertAccountIsComplete(world)
}

/** The session there ends too, and the page says so. */
async function signsOutFromHere(world: InteropWorld): Promise<void> {
  const visitor = await visitorInside(world)
  const page = await visitor.open(`${world.latchkey.applicationOrigin}/.latchkey/logout`)
  assert.equal(page.url.pathname, '/signed-out', `${page.url.href} ${page.body}`)
  assert.match(page.body, new RegExp(`Your session here has ended, and so has the one at ${world.organization}\\.`))
  assert.equal(await world.there.hasSession(visitor), false, 'a session there')
  assert.equal(await isInside(world, visitor), false, 'a session here')
}

/** The session here ends, without a cookie of ours having come along. */
async function signsOutFromThere(world: InteropWorld): Promise<void> {
  const visitor = await visitorInside(world)
  await world.there.signOut(visitor)
  assert.equal(await isInside(world, visitor), false, 'a session here')
  assert.equal(await world.there.hasSession(visitor), false, 'a session there')
}

async function visitorInside(world: InteropWorld): Promise<WebVisitor> {
  const visitor = createWebVisitor()
  assertLanded(await signIn(world, visitor, '/'), `${world.latchkey.applicationOrigin}/`)
  assert.equal(await isInside(world, visitor), true, 'a session here')
  assert.equal(await world.there.hasSession(visitor), true, 'a session there')
  return visitor
}

async function isInside(world: InteropWorld, visitor: WebVisitor): Promise<boolean> {
  const { status } = await visitor.open(`${world.latchkey.applicationOrigin}/`, { accept: 'application/json' })
  assert.ok(status === 200 || status === 401, `${status} is neither in nor out`)
  return status === 200
}

/** A signature that matches no known key makes us read their metadata again, and lets the person in at once. */
async function followsTheNewKey(world: InteropWorld): Promise<void> {
  assertLanded(await signIn(world, createWebVisitor(), '/'), `${world.latchkey.applicationOrigin}/`)
  const before = await certificates(world)
  await world.there.replaceKey()
  assertLanded(await signIn(world, createWebVisitor(), '/new'), `${world.latchkey.applicationOrigin}/new`)
  const after = await certificates(world)
  assert.deepEqual(
    after.filter((certificate) => before.includes(certificate)),
    [],
    'the old key is trusted no more',
  )
  assert.equal(await world.accountCount(), 1)
}

async function certificates(world: InteropWorld): Promise<readonly string[]> {
  const connection = await world.latchkey.server.latchkey.directory.findConnection(world.organization)
  assert.ok(connection, 'the connection')
  return connection.identityProvider.signingCertificates
}
