import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWebVisitor } from '../../src/demo/web-visitor.ts'
import {
  askThere,
  assertAlteredIsRefused,
  assertLanded,
  assertSignedPostIsVerified,
  assertSignedRedirectIsVerified,
  grantsOf,
  messageOf,
  responseForm,
  signInFromDeepLink,
  signInFromTheirStart,
  startPeerWorld,
  valuesOf,
} from './peer-world.ts'
import { createSamlify } from './samlify.ts'

const username = "grace.o'neil@example.org"

/** What samlify signs follows from our metadata (assertion) and from its own setting (message). */
const signings = [
  { name: 'the message', settings: {}, signMessage: false, signedParts: ['Response'] },
  { name: 'the assertion', settings: { wantAssertionsSigned: true }, signMessage: false, signedParts: ['Assertion'] },
  {
    name: 'both',
    settings: { wantAssertionsSigned: true, wantResponseSigned: true },
    signMessage: true,
    signedParts: ['Response', 'Assertion'],
  },
]

/** Elements that a signature refers to, in the order of the message. */
function signedParts(message: string): string[] {
  const references = [...message.matchAll(/<ds:Reference URI="#([^"]+)"/g)].map(([, id]) => id)
  const elements = [...message.matchAll(/<saml[p]?:(Response|Assertion) [^>]*?\bID="([^"]+)"/g)]
  return elements.filter(([, , id]) => references.includes(id)).map(([, name = '']) => name)
}

for (const { name, settings, signMessage, signedParts: expected } of signings) {
  test(`samlify signing ${name}: a sign-in begun here opens the account and lands on the deep link`, async (t) => {
    const world = await startPeerWorld(t, createSamlify({ signMessage }), settings)
    const visitor = createWebVisitor()
    const posting = await world.choose(visitor, await askThere(world, visitor, '/managers/a?b=%C3%85'))
    const form = responseForm(posting)
    assert.deepEqual(signedParts(messageOf(form)), expected)
    const page = await visitor.submit(form, posting)
    assertLanded(page, `${world.latchkey.applicationOrigin}/managers/a?b=%C3%85`)
    assert.equal(JSON.parse(page.body).headers['remote-user'], "Grace.O'Neil@example.org")

    const found = await world.account(username)
    const { sn, givenName, displayName, mail } = valuesOf(found)
    assert.deepEqual(
      { sn, givenName, displayName, mail },
      {
        sn: ['Møller & <Sons>'],
        givenName: ['Grace'],
        displayName: ['Grace Møller 张'],
        mail: ["Grace.O'Neil@example.org"],
      },
    )
    assert.deepEqual(grantsOf(found), ['group engineering, night shift', 'group staff', 'role manager'])
  })

  test(`samlify signing ${name}: an altered response is refused`, async (t) => {
    const world = await startPeerWorld(t, createSamlify({ signMessage }), settings)
    await assertAlteredIsRefused(world, 'manager', 'director', 'saml_digest_mismatch')
  })
}

test('samlify: a sign-in begun there comes in where that is allowed, always to the same account', async (t) => {
  const world = await startPeerWorld(t, createSamlify(), { allowIdpInitiated: true })
  const visitor = createWebVisitor()
  const posting = await world.choose(visitor, await visitor.open(world.peer.startUrl))
  assert.match(messageOf(responseForm(posting)), /InResponseTo=""/, 'what samlify sends when nothing was asked')
  const page = await visitor.submit(responseForm(posting), posting)
  assertLanded(page, `${world.latchkey.applicationOrigin}/`)
  const first = await world.account(username)
  assertLanded(
    await signInFromDeepLink(world, createWebVisitor(), '/again'),
    `${world.latchkey.applicationOrigin}/again`,
  )
  assert.ok(first !== undefined)
  assert.equal((await world.account(username))?.account.id, first.account.id)
  assert.equal(await world.accountCount(), 1)
})

test('samlify: a sign-in begun there is refused where that is not allowed', async (t) => {
  const world = await startPeerWorld(t, createSamlify())
  const page = await signInFromTheirStart(world, createWebVisitor())
  assert.match(page.body, /saml_unsolicited/)
  assert.equal(await world.accountCount(), 0)
})

test('samlify: wants signed requests in its metadata, so we sign them for HTTP-Redirect, and it verifies them', async (t) => {
  const world = await startPeerWorld(t, createSamlify({ wantAuthnRequestsSigned: true }))
  await assertSignedRedirectIsVerified(world)
  const page = await signInFromDeepLink(world, createWebVisitor(), '/in')
  assertLanded(page, `${world.latchkey.applicationOrigin}/in`)
})

test('samlify: wants signed requests in its metadata, so we sign them for HTTP-POST, and it verifies them', async (t) => {
  const world = await startPeerWorld(t, createSamlify({ wantAuthnRequestsSigned: true }), {
    authnRequestBinding: 'post',
  })
  await assertSignedPostIsVerified(world)
  const page = await signInFromDeepLink(world, createWebVisitor(), '/in')
  assertLanded(page, `${world.latchkey.applicationOrigin}/in`)
})
