import { createHash } from 'node:crypto'
import { z } from 'zod'
import { newRecoveryCode } from '../break-glass/recovery-code.ts'
import {
  type Enrolment,
  type LocalAdministrator,
  localAccountId,
  type NewRecoveryCode,
} from '../directory/local-administrator.ts'
import { administratorRole } from '../directory/role.ts'
import { LatchkeyError } from '../errors.ts'
import { type Administration, auditEvent } from './administration.ts'
import { checkRole } from './manual-grants.ts'
import { chooseOrganization } from './organizations.ts'
import { nameInput, parseInput } from './parse-input.ts'

/**
 * Local administrators: accounts that no connection can touch, for the day on which nobody can sign in over one. Recovery codes
 * and links are given once, here, and only their hashes are kept.
 */

/** In one set. */
const codeCount = 8

export const localInput = z.strictObject({
  organization: nameInput.optional(),
  /** User name or id. */
  account: z.string().min(1).max(1024),
})

const minutesInput = z.int().min(1).max(10_080).default(60)

export const createLocalInput = z.strictObject({
  organization: nameInput.optional(),
  username: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^[^\p{Cc}]*$/u, 'expected no control characters'),
  /** Held besides the role that administers the organization. */
  roles: z.array(nameInput).max(20).default([]),
  minutes: minutesInput,
})

export const offerEnrolmentInput = localInput.extend({ minutes: minutesInput })

export const removePasskeyInput = localInput.extend({ passkey: z.string().trim().min(1).max(100) })

export const listLocalInput = z.strictObject({ organization: nameInput.optional() })

export interface NamedAccount {
  readonly organizationId: string
  readonly id: string
  readonly username: string
}

export interface EnrolmentLink {
  readonly account: NamedAccount
  /** Registers one passkey, once. */
  readonly link: string
  readonly linkExpiresAt: Date
}

export interface RecoveryCodes {
  readonly account: NamedAccount
  /** Each opens one session; shown now and never again. */
  readonly codes: readonly string[]
}

/** Throws `account_conflict` when the user name is taken, `organization_not_found`, `role_not_found`. */
export async function createLocalAdministrator(
  input: z.input<typeof createLocalInput>,
  deps: Administration,
): Promise<RecoveryCodes & EnrolmentLink> {
  const { organization, username, roles, minutes } = parseInput(createLocalInput, input)
  const { id: organizationId } = await chooseOrganization(organization, deps.directory)
  const held = [...new Set([administratorRole, ...roles])]
  for (const role of held) await checkRole(organizationId, role, deps)
  const accountId = localAccountId(deps.newId())
  const [codes, { link, enrolment }] = [newCodes(deps), newEnrolment(minutes, deps)]
  const [since, rule] = [deps.now(), deps.actor]
  const grants = held.map((name) => ({ kind: 'role', name, source: 'manual', rule, since }) as const)
  const event = auditEvent(deps, 'break_glass.created', `account:${accountId}`, { roles: held })
  const wanted = { organizationId, accountId, username, grants, enrolment, createdAt: since }
  await deps.directory.createLocalAdministrator({ ...wanted, codes: codes.kept }, event)
  const account = { organizationId, id: accountId, username }
  return { account, codes: codes.shown, link, linkExpiresAt: enrolment.expiresAt }
}

/** A passkey as an administrator names it. */
export interface ShownLocalAdministrator extends LocalAdministrator {
  readonly passkeys: readonly (LocalAdministrator['passkeys'][number] & { readonly reference: string })[]
}

/** In order of user name, with when each code and passkey was used. Throws `organization_not_found`. */
export async function listLocalAdministrators(
  input: z.input<typeof listLocalInput>,
  deps: Administration,
): Promise<readonly ShownLocalAdministrator[]> {
  const { organization } = parseInput(listLocalInput, input)
  const { id } = await chooseOrganization(organization, deps.directory)
  return (await deps.directory.listLocalAdministrators(id)).map(shown)
}

/** Throws `account_not_local`, `organization_not_found`. */
export async function showLocalAdministrator(
  input: z.input<typeof localInput>,
  deps: Administration,
): Promise<ShownLocalAdministrator> {
  const { organization, account } = parseInput(localInput, input)
  const { id } = await chooseOrganization(organization, deps.directory)
  const found = await deps.directory.findLocalAdministrator(id, account)
  if (found !== undefined) return shown(found)
  const wanted = `user name or id of a local administrator of ${id}`
  throw new LatchkeyError('account_not_local', { check: 'account', wanted, arrived: account })
}

/** A new set of recovery codes; the old one counts no longer, used or not. Throws `account_not_local`. */
export async function replaceRecoveryCodes(
  input: z.input<typeof localInput>,
  deps: Administration,
): Promise<RecoveryCodes> {
  const found = await showLocalAdministrator(input, deps)
  const codes = newCodes(deps)
  const event = auditEvent(deps, 'break_glass.codes_replaced', `account:${found.accountId}`)
  await deps.directory.replaceRecoveryCodes(found, codes.kept, event)
  return { account: named(found), codes: codes.shown }
}

/** A link that registers one passkey; the one before counts no longer. Throws `account_not_local`. */
export async function offerEnrolment(
  input: z.input<typeof offerEnrolmentInput>,
  deps: Administration,
): Promise<EnrolmentLink> {
  const { minutes, ...which } = parseInput(offerEnrolmentInput, input)
  const found = await showLocalAdministrator(which, deps)
  const { link, enrolment } = newEnrolment(minutes, deps)
  const { expiresAt } = enrolment
  const event = auditEvent(deps, 'break_glass.enrolment_offered', `account:${found.accountId}`, { expiresAt })
  await deps.directory.offerEnrolment(found, enrolment, event)
  return { account: named(found), link, linkExpiresAt: expiresAt }
}

/** By its reference. Throws `account_not_local`, `passkey_not_found`, `last_administrator`. */
export async function removePasskey(
  input: z.input<typeof removePasskeyInput>,
  deps: Administration,
): Promise<{ readonly account: NamedAccount; readonly passkey: string }> {
  const { passkey: reference, ...which } = parseInput(removePasskeyInput, input)
  const found = await showLocalAdministrator(which, deps)
  const passkey = found.passkeys.find((candidate) => candidate.reference === reference.toLowerCase())
  if (passkey === undefined) {
    const wanted = found.passkeys.map((candidate) => candidate.reference).join(', ') || 'none: there is no passkey'
    throw new LatchkeyError('passkey_not_found', { check: 'passkey', wanted, arrived: reference })
  }
  const detail = { passkey: passkey.name }
  const event = auditEvent(deps, 'break_glass.passkey_removed', `account:${found.accountId}`, detail)
  await deps.directory.removePasskey(found, passkey.credentialId, event)
  return { account: named(found), passkey: passkey.name }
}

/** With its sessions. Throws `account_not_local`, `last_administrator`. */
export async function removeLocalAdministrator(
  input: z.input<typeof localInput>,
  deps: Administration,
): Promise<{ readonly account: NamedAccount }> {
  const found = await showLocalAdministrator(input, deps)
  const { username } = found
  const event = auditEvent(deps, 'break_glass.removed', `account:${found.accountId}`, { username })
  await deps.directory.removeLocalAdministrator(found, event)
  return { account: named(found) }
}

function newCodes(deps: Administration): {
  readonly shown: readonly string[]
  readonly kept: readonly NewRecoveryCode[]
} {
  const secret = deps.secret()
  const made = Array.from({ length: codeCount }, () => newRecoveryCode(secret, deps.randomBytes))
  return {
    shown: made.map(({ text }) => text),
    kept: made.map(({ codeHash }, index) => ({ number: index + 1, codeHash })),
  }
}

function newEnrolment(minutes: number, deps: Administration): { readonly link: string; readonly enrolment: Enrolment } {
  const code = deps.randomBytes(32).toString('base64url')
  const codeHash = createHash('sha256').update(code).digest('hex')
  const expiresAt = new Date(deps.now().getTime() + minutes * 60_000)
  return { link: `${deps.publicUrl}/break-glass/enrol?link=${code}`, enrolment: { codeHash, expiresAt } }
}

/** Short enough to type; a credential's own id may be long and begin with a dash. */
function shown({ passkeys, ...rest }: LocalAdministrator): ShownLocalAdministrator {
  const referenceOf = (id: string) => createHash('sha256').update(id).digest('hex').slice(0, 8)
  return {
    ...rest,
    passkeys: passkeys.map((passkey) => ({ ...passkey, reference: referenceOf(passkey.credentialId) })),
  }
}

function named({ organizationId, accountId, username }: LocalAdministrator): NamedAccount {
  return { organizationId, id: accountId, username }
}
