import assert from 'node:assert/strict'
import type { Connection } from '../../../src/directory/connection.ts'
import type { IssuedPerson } from '../../../src/test-identity-provider/identity-provider.ts'
import { newEvent } from '../../store/samples.ts'
import type { DatabaseKind } from '../../support/databases.ts'
import { redirectOf } from './assert-answer.ts'
import { type Served, serve } from './serve.ts'
import { assertLetIn, openSignIns, readLogin } from './sign-ins.ts'

/** The same person at two identity providers, and somebody else. */
export const before = { nameId: 'ada-old', attributes: { uid: 'ada', mail: 'ada@secret.example', cn: 'Ada Lovelace' } }
export const after = { nameId: 'ada-new', attributes: { uid: 'ada', mail: 'ada@elsewhere.example' } }
export const otto = { nameId: 'otto', attributes: { uid: 'otto' } }

/** Two connections of one organization: people are known over `old`, and arrive over `new`, which links by proof. */
export async function openLinking(t: Parameters<typeof serve>[0], kind: DatabaseKind) {
  const served = await serve(t, {}, kind)
  const { add, login, respond } = await openSignIns(served)
  await add('old', 'Company A (old)', { allowIdpInitiated: true })
  await add('new', 'Merged Company', { linking: 'proof', allowIdpInitiated: true })

  /** A first sign-in over `new`, up to the page that asks for the proof. */
  async function arrive(person = after) {
    const begun = await login('new')
    const location = redirectOf(await respond('new', person, begun))
    assert.equal(location.pathname, '/link')
    return { path: location.pathname + location.search, cookie: begun.cookie }
  }
  /** Presses the button of the page. */
  const prove = async ({ path, cookie }: { path: string; cookie: string }, connection = 'old') =>
    readLogin(await served.post(path, { connection }, { headers: { cookie } }), cookie)
  const known = async (person: IssuedPerson = before) => assertLetIn(await respond('old', person, {}))
  return { ...served, respond, login, arrive, prove, known, change: changer(served) }
}

export type LinkingWorld = Awaited<ReturnType<typeof openLinking>>

/** Changes the settings of a connection, at once for this process. */
function changer({ directory, deps }: Served) {
  return async (id: string, settings: Partial<Connection['settings']>) => {
    const connection = await directory.findConnection(id)
    assert.ok(connection)
    await directory.updateConnection({ ...connection, settings: { ...connection.settings, ...settings } }, newEvent())
    deps.catalog.forgetConnection(id)
  }
}
