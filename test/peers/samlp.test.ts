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
import { createSamlp } from './samlp.ts'

/** Where `samlp` puts what its mapper does not know. */
const others = 'http://schemas.passportjs.com'
const settings = { roleAttributes: [`${others}/roles`], groupAttributes: [`${others}/groups`] }

test('samlp: a sign-in begun here opens the account and lands on the deep link', async (t) => {
  const world = await startPeerWorld(t, createSamlp, settings)
  const deepLink = '/managers/report?year=2026&name=%C3%85'
  const visitor = createWebVisitor()
  const page = await signInFromDeepLink(world, visitor, deepLink)
  assertLanded(page, world.latchkey.applicationOrigin + deepLink)
  assert.equal(JSON.parse(page.body).headers['remote-user'], 'grace-4711')

  const found = await world.account('grace-4711')
  const { uid, cn, sn, givenName, mail } = valuesOf(found)
  assert.deepEqual(
    { uid, cn, sn, givenName, mail },
    {
      uid: ['grace-4711'],
      cn: ['Grace Møller 张'],
      sn: ['Møller & <Sons>'],
      givenName: ['Grace'],
      mail: ["Grace.O'Neil@example.org"],
    },
  )
  assert.deepEqual(grantsOf(found), ['group engineering, night shift', 'group staff', 'role manager'])
})

test('samlp: signs the assertion alone and says nothing of the NameID but unspecified', async (t) => {
  const world = await startPeerWorld(t, createSamlp, settings)
  const visitor = createWebVisitor()
  const posting = await world.choose(visitor, await askThere(world, visitor))
  const message = messageOf(responseForm(posting))
  assert.match(message, /nameid-format:unspecified/)
  assert.equal(message.split('<Signature ').length - 1, 1)
  assert.match(message, /<saml:Assertion .*<Signature .*<\/saml:Assertion>/s)
})

test('samlp: a sign-in begun there comes in where that is allowed, always to the same account', async (t) => {
  const world = await startPeerWorld(t, createSamlp, { ...settings, allowIdpInitiated: true })
  assertLanded(await signInFromTheirStart(world, createWebVisitor()), `${world.latchkey.applicationOrigin}/`)
  const first = await world.account('grace-4711')
  assertLanded(
    await signInFromDeepLink(world, createWebVisitor(), '/again'),
    `${world.latchkey.applicationOrigin}/again`,
  )
  const second = await world.account('grace-4711')
  assert.ok(first !== undefined)
  assert.equal(second?.account.id, first.account.id)
  assert.equal(await world.accountCount(), 1)
})

test('samlp: a sign-in begun there is refused where that is not allowed', async (t) => {
  const world = await startPeerWorld(t, createSamlp, settings)
  const page = await signInFromTheirStart(world, createWebVisitor())
  assert.match(page.body, /saml_unsolicited/)
  assert.equal(await world.accountCount(), 0)
})

test('samlp: an assertion that is encrypted with the key of our metadata opens the account', async (t) => {
  const encrypting = { ...settings, wantAssertionsEncrypted: true }
  const world = await startPeerWorld(t, (product) => createSamlp(product, { encrypts: () => true }), encrypting)
  const visitor = createWebVisitor()
  const posting = await world.choose(visitor, await askThere(world, visitor))
  assert.match(messageOf(responseForm(posting)), /<saml:EncryptedAssertion /)
  assertLanded(await visitor.submit(responseForm(posting), posting), `${world.latchkey.applicationOrigin}/`)
  assert.deepEqual(grantsOf(await world.account('grace-4711')), [
    'group engineering, night shift',
    'group staff',
    'role manager',
  ])
})

test('samlp: an altered response is refused', async (t) => {
  const world = await startPeerWorld(t, createSamlp, settings)
  await assertAlteredIsRefused(world, 'manager', 'director', 'saml_digest_mismatch')
})

test('samlp: a response whose Destination is our entity ID is refused by name', async (t) => {
  const world = await startPeerWorld(t, (product) => createSamlp(product, { saysNoDestination: true }), settings)
  const page = await signInFromDeepLink(world, createWebVisitor(), '/')
  assert.match(page.body, /saml_destination_mismatch/)
  assert.equal(await world.accountCount(), 0)
})

test('samlp: verifies what we sign for HTTP-Redirect', async (t) => {
  const world = await startPeerWorld(t, createSamlp, { ...settings, signAuthnRequests: true })
  await assertSignedRedirectIsVerified(world)
  const page = await signInFromDeepLink(world, createWebVisitor(), '/in')
  assertLanded(page, `${world.latchkey.applicationOrigin}/in`)
})

test('samlp: verifies what we sign for HTTP-POST', async (t) => {
  const world = await startPeerWorld(t, createSamlp, {
    ...settings,
    signAuthnRequests: true,
    authnRequestBinding: 'post',
  })
  await assertSignedPostIsVerified(world)
  const page = await signInFromDeepLink(world, createWebVisitor(), '/in')
  assertLanded(page, `${world.latchkey.applicationOrigin}/in`)
})
