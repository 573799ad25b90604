import { type Account, connectionSource, type Grant, normalForm } from '../directory/account.ts'
import type { Connection } from '../directory/connection.ts'
import { isLocalAccount } from '../directory/local-administrator.ts'
import type { SignInState } from '../directory/sign-in.ts'
import { LatchkeyError } from '../errors.ts'
import { checkRequiredFields, uniqueFields } from './custom-fields.ts'
import type { Plan, PlanNote } from './plan.ts'
import { planAudit } from './plan-audit.ts'
import { checkNotEnded, planEnd, writeEnd } from './plan-end.ts'
import { type PlannedFields, planFields } from './plan-fields.ts'
import { type PlannedGrants, reconcileGrants, type WantedGrants } from './plan-grants.ts'
import { planLink } from './plan-link.ts'
import { wantRoles } from './plan-roles.ts'
import { planState } from './plan-state.ts'
import type { Subject } from './subject.ts'

/**
 * Provisioning: what one sign-in does to an account. `mapSubject` reads the assertion, `planProvisioning` looks at what is
 * there and decides, `applyPlan` writes the decision. This file is the decision: pure, the same for the sign-in, the
 * preview and the replay; it must not know storage, HTTP or the clock. Start reading here; `plan-fields.ts`,
 * `plan-roles.ts` and `plan-grants.ts` hold the rules of who owns a value.
 */
export interface PlanContext {
  readonly connection: Connection
  readonly now: Date
  /** UUID version 7: for the account when it is created, and for audit events. */
  readonly newId: () => string
  /** A condition of the connection holds new accounts like this one for approval. */
  readonly mustWait?: boolean
  /** What was kept for a proof that somebody is whose account it is; see `planLink`. */
  readonly linkRequestId?: string | undefined
}

/**
 * Creates the account or brings it up to date. A sign-in changes only what its own connection wrote; applying a plan and
 * planning again gives a plan without changes.
 *
 * Throws `account_creation_disabled`, `account_suspended`, `account_deactivated`, `account_expired`, `account_conflict`,
 * `account_link_pending`, `account_link_proof_required`, `account_is_local`, `attribute_missing`, `seat_limit_reached`,
 * `default_role_invalid`. An account that must wait is
 * planned too, as `pending`: `authorize` lets nobody on with it.
 */
export function planProvisioning(read: SignInState, subject: Subject, context: PlanContext): Plan {
  const { connection, now } = context
  const link = planLink(read, subject, context)
  const state = link === undefined ? read : { ...read, account: link.account, grants: link.grants }
  const before = state.account
  checkNotLocal(before)
  const enters = planState(state, context)
  const accountId = before?.id ?? context.newId()
  const username = planUsername(before, subject)
  checkUsernameFree(username, { accountId, state, subject })

  const owner = { source: connectionSource(connection.id), now }
  const end = planEnd(before, subject, now)
  checkNotEnded(end, { before, subject, now })
  const fields = planFields(before?.fields ?? {}, subject, { ...owner, connection, isCreated: before === undefined })
  const asked = checkRequiredFields(fields.after, subject, connection.declared)
  const grants = planGrants(state, subject, connection, owner)

  const endWrites = writeEnd(before, end)
  const auditEvents = planAudit(
    {
      accountId,
      source: owner.source,
      isCreated: before === undefined,
      changedFields: Object.keys(fields.changed),
      isRenamed: before !== undefined && !username.isKept,
      expiresAt: endWrites.expiresAt === null ? 'never' : endWrites.expiresAt,
      grants,
      isLinked: link !== undefined,
      ...(enters.action === undefined ? {} : { stateAction: enters.action }),
    },
    context,
  )
  return {
    kind: before === undefined ? 'create' : 'update',
    connectionId: connection.id,
    connectionVersion: connection.version,
    after: {
      organizationId: connection.organizationId,
      id: accountId,
      username: username.username,
      state: enters.after,
      ...end,
      fields: fields.after,
      grants: grants.after,
    },
    writes: {
      id: accountId,
      ...(before === undefined ? {} : { expectedVersion: before.version }),
      subjectKey: subject.subjectKey,
      ...(link === undefined ? {} : { linksIdentity: true }),
      username: username.username,
      usernameKey: normalForm(username.username),
      ...endWrites,
      ...enters.writes,
      fields: fields.changed,
      ...uniqueWrites(fields, connection),
      grantsAdded: grants.added,
      grantsRemoved: grants.removed.map(({ kind, name, source }) => ({ kind, name, source })),
      auditEvents,
    },
    ...limitSession(subject),
    ...(asked.length === 0 ? {} : { setUp: asked }),
    changes: auditEvents.length > 0,
    notes: [...subject.setAside, ...fields.notes, ...grants.notes],
  }
}

/** The longest session that the account's type allows. */
function limitSession({ accountType }: Subject): Pick<Plan, 'sessionLimit'> {
  if (accountType?.maxSessionHours === undefined) return {}
  return { sessionLimit: { seconds: accountType.maxSessionHours * 3600, rule: `account type ${accountType.name}` } }
}

/** Only where values change, and only in an organization that declares some unique. */
function uniqueWrites({ changed }: PlannedFields, { declared }: Connection): Pick<Plan['writes'], 'uniqueFields'> {
  const names = uniqueFields(declared)
  return names.some((name) => Object.hasOwn(changed, name)) ? { uniqueFields: names } : {}
}

function checkUsernameFree(
  { username, isKept }: PlannedUsername,
  {
    accountId,
    state: { usernameHolder },
    subject,
  }: { readonly accountId: string; readonly state: SignInState; readonly subject: Subject },
): void {
  if (isKept || usernameHolder === undefined || usernameHolder.accountId === accountId) return
  throw new LatchkeyError('account_conflict', {
    check: 'user name, unique in its organization',
    wanted: 'a user name that is free, or the account that holds it to have this subject key',
    arrived: username,
    at: `account:${usernameHolder.accountId}`,
    subjectKey: subject.subjectKey,
    advice: adviceOn(usernameHolder.accountId),
  })
}

function adviceOn(accountId: string): string {
  const first = 'Signing in never takes over an account by its name. Send another user name'
  if (isLocalAccount(accountId)) return `${first}: this one is a local administrator's, whom no connection may touch.`
  return `${first}, or check whether the identity provider changed the subject key (NameID or its format). When both are the same person: latchkey account relink ${accountId} --attempt REFERENCE`
}

/** The storage keeps no identity that leads to one; this holds even if it did. */
function checkNotLocal(before: Account | undefined): void {
  if (before === undefined || !isLocalAccount(before.id)) return
  throw new LatchkeyError('account_is_local', {
    check: 'account',
    wanted: 'an account that connections may lead to',
    arrived: 'a local administrator',
    at: `account:${before.id}`,
  })
}

interface PlannedUsername {
  readonly username: string
  /** The account keeps the name it has. */
  readonly isKept: boolean
}

/**
 * Another spelling of the same name is the same name. What does not arrive is kept, here too: an account that has a `uid`
 * is not renamed after something lesser, and one that has any name is not renamed after its subject key.
 */
function planUsername(before: Account | undefined, { username, usernameRule, fields }: Subject): PlannedUsername {
  if (before === undefined) return { username, isKept: false }
  const isLesser = usernameRule === 'subjectKey' || ('uid' in before.fields && !('uid' in fields))
  const isKept = isLesser || normalForm(before.username) === normalForm(username)
  return { username: isKept ? before.username : username, isKept }
}

function planGrants(
  state: SignInState,
  subject: Subject,
  connection: Connection,
  owner: { readonly source: Grant['source']; readonly now: Date },
): PlannedGrants & { readonly after: readonly Grant[]; readonly notes: readonly PlanNote[] } {
  const { grants, roles } = state
  const context = {
    connection,
    source: owner.source,
    roles,
    grants,
    isCreated: state.account === undefined,
    accountType: subject.accountType,
  }
  const parts = [wantRoles(subject, context), ...wantGroups(subject)]
  const planned = parts.map((part) => reconcileGrants(grants, part, owner))
  const overage: PlanNote = {
    subject: 'group',
    value: '',
    reason: 'the identity provider had too many groups to send: kept',
  }
  const added = planned.flatMap((part) => part.added)
  const removed = new Set(planned.flatMap((part) => part.removed))
  return {
    added,
    removed: [...removed],
    after: [...grants.filter((grant) => !removed.has(grant)), ...added],
    notes: [...parts.flatMap(({ notes }) => notes), ...(subject.groups === 'unknown' ? [overage] : [])],
  }
}

/** Groups as they arrived. `unknown` wants nothing, and so takes nothing back. */
function wantGroups({ groups, madeBy: { group } }: Subject): readonly WantedGrants[] {
  if (groups === 'unknown') return []
  const ruleOf = (name: string) => (Object.hasOwn(group, name) ? group[name] : undefined) ?? 'assertion-group'
  return [{ kind: 'group', wanted: new Map(groups.map((name) => [name, ruleOf(name)])), notes: [] }]
}
