import assert from 'node:assert/strict'
import type { Pool } from 'pg'
import type { DeclarationInput } from '../../src/admin/declaration.ts'
import type { ConnectionSettingsInput } from '../../src/directory/connection.ts'
import type { LatchkeyError } from '../../src/errors.ts'
import { completeSetUp } from '../../src/set-up/complete-set-up.ts'
import { type ArrivedTicket, openSetUp } from '../../src/set-up/open-set-up.ts'
import { answerResponse } from '../../src/sign-in/complete-sign-in.ts'
import { openWorldOffice } from '../preview/office-of-world.ts'
import { benefitsOrigin, connectionId, createSignInWorld, nina, organizationId } from '../support/sign-in-world.ts'

/** A world in which people are asked something between their first sign-in and where it leads. */

export type Declared = NonNullable<DeclarationInput['organizations']>[string]

/** A page of an application, deep inside. */
export const deepLink = `${benefitsOrigin}/travel/2027?trip=4711#hotel`

export const asksForDesk: Declared = {
  customFields: {
    desk: { required: true, ask: { label: 'Desk number', help: 'Like B-12.', pattern: '[A-Z]-[0-9]{1,3}' } },
    shirt: { ask: { label: 'Shirt size', choices: ['S', 'M', 'L'] } },
  },
}

export async function openSetUpWorld(pool: Pool, declared: Declared, settings: ConnectionSettingsInput = {}) {
  const world = await createSignInWorld(pool, settings)
  const office = openWorldOffice(world)
  let skipped = 0
  const now = () => new Date(Date.now() + skipped)
  const deps = { ...world.deps, directory: world.directory, now }
  const declare = (more: Declared) =>
    office.run('declaration.apply', { declaration: { organizations: { [organizationId]: more } } })
  await declare(declared)

  const signIn = (name: string, attributes: Record<string, string | string[]> = {}, browserSecret?: string) =>
    answerResponse(
      {
        connectionId,
        samlResponse: world.issue({ nameId: name, attributes: { ...nina.attributes, uid: name, ...attributes } }),
        relayState: deepLink,
        ...(browserSecret === undefined ? {} : { browserSecret }),
      },
      deps,
    )
  /** Signs in as somebody who must answer; gives what their browser holds then. */
  async function beHeld(name: string, attributes: Record<string, string | string[]> = {}): Promise<ArrivedTicket> {
    const held = await signIn(name, attributes)
    assert.ok('kind' in held && held.kind === 'held', JSON.stringify(held))
    const url = new URL(held.redirectTo)
    assert.equal(url.pathname, `/sso/${connectionId}/set-up`)
    return { connectionId, ticket: url.searchParams.get('ticket') ?? '', browserSecret: held.browserSecret }
  }
  const answer = (ticket: ArrivedTicket, answers: Readonly<Record<string, string>>) =>
    completeSetUp({ ...ticket, typed: (field) => answers[field] }, deps)
  /** Refused with this code, and nothing was written at all. */
  async function assertRefused(run: () => Promise<unknown>, code: string): Promise<LatchkeyError> {
    const before = await office.contents()
    let refusal: LatchkeyError | undefined
    await assert.rejects(run, (error: LatchkeyError) => {
      refusal = error
      assert.equal(error.code, code)
      return true
    })
    assert.equal(await office.contents(), before, 'nothing is written')
    assert.ok(refusal)
    return refusal
  }
  return {
    ...{ world, office, deps, declare, signIn, beHeld, answer, assertRefused },
    open: (ticket: ArrivedTicket) => openSetUp(ticket, deps),
    accountOf: async (name: string) => {
      const found = await world.directory.findAccount(organizationId, name)
      assert.ok(found, name)
      return found.account
    },
    /** Time passes. */
    skip: (seconds: number) => {
      skipped += seconds * 1000
    },
    /** Who holds this token now. */
    holderOf: (tokenHash: string) =>
      world.directory.findSession(tokenHash, { now: now(), limits: world.deps.sessionLimits }),
  }
}
