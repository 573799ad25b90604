import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWebVisitor, type WebVisitor } from '../../src/demo/web-visitor.ts'
import { type PeerWorld, signInFromDeepLink, startPeerWorld } from './peer-world.ts'
import { createSamlp } from './samlp.ts'

async function isInside(world: PeerWorld, visitor: WebVisitor): Promise<boolean> {
  const { status } = await visitor.open(`${world.latchkey.applicationOrigin}/`, { accept: 'application/json' })
  return status === 200
}

async function startInside(t: { after(work: () => Promise<void>): void }) {
  const world = await startPeerWorld(t, createSamlp)
  const visitor = createWebVisitor()
  await signInFromDeepLink(world, visitor, '/')
  assert.equal(await isInside(world, visitor), true)
  assert.equal(world.peer.product.hasSession?.(), true)
  return { world, visitor }
}

test('samlp: signing out here signs out there, and the page says so', async (t) => {
  const { world, visitor } = await startInside(t)
  const page = await visitor.open(`${world.latchkey.applicationOrigin}/.latchkey/logout`)
  assert.match(page.body, /Your session here has ended, and so has the one at peer\./)
  assert.equal(world.peer.product.hasSession?.(), false)
  assert.equal(await isInside(world, visitor), false)
})

test('samlp: signing out there ends the session here, and it takes our answer', async (t) => {
  const { world, visitor } = await startInside(t)
  const page = await visitor.open(`${world.peer.origin}/logout`)
  assert.equal(page.body, 'signed out')
  assert.equal(world.peer.product.hasSession?.(), false)
  assert.equal(await isInside(world, visitor), false)
})
