import { randomBytes } from 'node:crypto'
import type { Pool } from 'pg'
import { uuidv7 } from 'uuidv7'
import { authorize } from '../../src/access/authorize.ts'
import { normalForm } from '../../src/directory/account.ts'
import type { ConnectionSettingsInput } from '../../src/directory/connection.ts'
import { applyPlan } from '../../src/provisioning/apply-plan.ts'
import { mapSubject } from '../../src/provisioning/map-subject.ts'
import type { Plan } from '../../src/provisioning/plan.ts'
import { planProvisioning } from '../../src/provisioning/plan-provisioning.ts'
import type { NameId } from '../../src/saml/verified-assertion.ts'
import { issueSession } from '../../src/sessions/issue-session.ts'
import { migrateSchema } from '../../src/store/migrate-schema.ts'
import { createDirectory } from '../../src/store/postgres-directory.ts'
import { type Attributes, assertionOf, connection, now, roles } from './fixtures.ts'

const limits = { idleSeconds: 1800, absoluteSeconds: 3600 }
const event = (action: string) => ({ id: uuidv7(), at: now, actor: 'test', action, target: 'test:1', detail: {} })

/** One organization with one connection on a real database, and sign-ins as read, plan, authorize, apply. */
export async function openStorageWorld(pool: Pool, settings: ConnectionSettingsInput) {
  await migrateSchema(pool)
  const directory = createDirectory(pool)
  const here = { ...connection(settings), version: 1 }
  const { organizationId, id: connectionId } = here
  await directory.createOrganization({ id: organizationId, name: 'Company B', createdAt: now }, event('o'))
  await directory.createConnection(here, event('c'))
  const born = await directory.listRoles(organizationId)
  for (const role of roles.filter(({ name }) => !born.some((known) => known.name === name))) {
    await directory.createRole(role, event('r'))
  }

  /** `stale`: somebody else was faster. */
  async function trySignIn(attributes: Attributes, nameId: Partial<NameId> = {}): Promise<Plan | 'stale'> {
    const assertion = { ...assertionOf(attributes, nameId), id: `_${uuidv7()}` }
    const subject = mapSubject(assertion, here)
    const names = { subjectKey: subject.subjectKey, usernameKey: normalForm(subject.username) }
    const state = await directory.readSignInState({ organizationId, connectionId, ...names })
    const plan = planProvisioning(state, subject, { connection: here, now, newId: uuidv7 })
    const session = issueSession({ now, limits, newId: uuidv7, randomBytes })
    const attempt = { id: uuidv7(), organizationId, connectionId, at: now, outcome: 'accepted' as const, trace: [] }
    const toApply = { plan: authorize(plan, undefined), assertion, session, attempt, now }
    return (await applyPlan(toApply, directory)) === 'stale' ? 'stale' : plan
  }

  async function signIn(attributes: Attributes, nameId: Partial<NameId> = {}): Promise<Plan> {
    for (let round = 0; round < 20; round++) {
      const plan = await trySignIn(attributes, nameId)
      if (plan !== 'stale') return plan
    }
    throw new Error('stale twenty times')
  }

  return { directory, organizationId, signIn, trySignIn }
}
