import { writeSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { StorageSettings } from '../../../src/config/settings.ts'
import { isLatchkeyError } from '../../../src/errors.ts'
import { openStorage } from '../../../src/store/open-storage.ts'
import { createDirectory } from '../../../src/store/postgres-directory.ts'
import { newPerson, type Person, queryFor, writesFor } from '../samples.ts'

/**
 * A process that signs people in as fast as it can, and says what was acknowledged to it, until it is killed. Every
 * third sign-in is of somebody who has an account. A server that goes away is waited for.
 */
export interface Acknowledged {
  readonly accountId: string
  readonly sessionId: string
  readonly assertionId: string
  readonly auditEventId: string
  readonly attemptId: string
}

const atOnce = 8

const settings = JSON.parse(process.argv[2] ?? '') as StorageSettings
const { pool } = await openStorage(settings, { report: () => undefined })
const directory = createDirectory(pool)
const connection = await directory.findConnection(process.argv[3] ?? '')
if (connection === undefined) throw new Error('there is no such connection')
const known: Person[] = []

async function signIn(person: Person): Promise<void> {
  if (connection === undefined) return
  const state = await directory.readSignInState(queryFor(connection, person))
  const writes = writesFor(connection, person, state)
  if ((await directory.applySignIn(writes)) === 'stale') return
  if (state.account === undefined) known.push(person)
  const acknowledged: Acknowledged = {
    accountId: writes.account.id,
    sessionId: writes.session.id,
    assertionId: writes.assertion.id,
    auditEventId: writes.account.auditEvents[0]?.id ?? '',
    attemptId: writes.attempt.id,
  }
  writeSync(1, `${JSON.stringify(acknowledged)}\n`) // in the kernel's hands, whatever happens to this process
}

async function storm(): Promise<never> {
  for (let turn = 0; ; turn += 1) {
    const person = turn % 3 === 2 ? known[Math.floor(Math.random() * known.length)] : undefined
    try {
      await signIn(person ?? newPerson())
    } catch (error) {
      if (!isLatchkeyError(error, 'storage_unavailable')) throw error
      await wait(20)
    }
  }
}

await Promise.all(Array.from({ length: atOnce }, storm))
