import { z } from 'zod'
import type { Connection } from '../directory/connection.ts'
import { isLatchkeyError, LatchkeyError } from '../errors.ts'
import { roleSyncMode } from '../provisioning/role-sync.ts'
import { type AffectedPerson, type RoleSyncEffect, readRoleSyncEffect } from '../replay/role-sync-effect.ts'
import { createInputSeal } from '../replay/seal-input.ts'
import type { Administration } from './administration.ts'
import { checkVersion } from './connections.ts'

/** What an administrator says to a change that may take roles from people. */
export const roleSyncAnswer = {
  /** They may lose them. */
  confirm: z.boolean().default(false),
  /** Says what would change and writes nothing, so nothing must be confirmed. */
  dryRun: z.boolean().default(false),
}

interface RoleSyncAnswer {
  readonly confirm: boolean
  readonly dryRun: boolean
}

/**
 * Whom a change of `roleSync` or `idpManagedRoles` concerns; `undefined` where neither changes. Asked before the change is
 * written, because it may read for long; `checkAsked` sees to it that it is written to what was asked about.
 *
 * Throws `role_loss_unconfirmed` when somebody loses or may lose a role and nobody has said that they may.
 */
export async function askRoleSync(
  stored: Connection,
  drafted: Connection,
  { confirm, dryRun }: RoleSyncAnswer,
  deps: Administration,
): Promise<RoleSyncEffect | undefined> {
  if (!isModeChanged(stored, drafted)) return undefined
  const roles = await deps.directory.listRoles(stored.organizationId)
  const administration = new Set(roles.filter(({ kind }) => kind === 'administration').map(({ name }) => name))
  const effect = await readRoleSyncEffect({ stored, drafted, administration }, { ...deps, ...openedWith(deps) })
  if (confirm || dryRun || effect.losing + effect.atRisk === 0) return effect
  throw unconfirmed(effect)
}

/** Throws `connection_changed` when a change of mode is about to be written that is not the one that was asked about. */
export function checkAsked(stored: Connection, after: Connection, asked: RoleSyncEffect | undefined): void {
  if (!isModeChanged(stored, after)) return
  const isThis = asked?.to === roleSyncMode(after.settings)
  checkVersion(stored, isThis ? asked.version : 0)
}

function isModeChanged({ settings: before }: Connection, { settings: after }: Connection): boolean {
  return roleSyncMode(before) !== roleSyncMode(after)
}

/** Without a secret nothing was kept. */
function openedWith({ secret, randomBytes }: Administration) {
  try {
    return { inputSeal: createInputSeal(secret(), randomBytes) }
  } catch (error) {
    if (isLatchkeyError(error, 'configuration_invalid')) return {}
    throw error
  }
}

function unconfirmed(effect: RoleSyncEffect): LatchkeyError {
  const { connection, from, to, losing, atRisk, people } = effect
  const named = people.filter(({ gains, ...person }) => gains.length === 0 || isLosing(person)).slice(0, 10)
  const others = losing + atRisk - named.length
  return new LatchkeyError('role_loss_unconfirmed', {
    check: `roleSync, from ${from} to ${to}`,
    wanted: 'nobody who loses a role, or your word that they may: --yes, or confirm',
    arrived: `${effectText(effect)}: ${named.map(personText).join('; ')}${others > 0 ? `; and ${others} others` : ''}`,
    at: `connection:${connection}`,
    advice: 'With --dry-run (dryRun) it says who, and writes nothing.',
  })
}

function isLosing({ loses, mayLose, refusedWith }: Omit<AffectedPerson, 'gains'>): boolean {
  return loses.length + mayLose.length > 0 || refusedWith !== undefined
}

/** `3 people lose roles, 1 may lose some`. */
function effectText({ losing, atRisk }: RoleSyncEffect): string {
  const parts = [
    ...(losing > 0 ? [`${losing} lose roles or access`] : []),
    ...(atRisk > 0 ? [`${atRisk} may lose roles, whose last sign-in is not kept`] : []),
  ]
  return parts.join(', ')
}

function personText({ username, loses, mayLose, refusedWith }: AffectedPerson): string {
  const names = [...loses, ...mayLose].join(', ')
  return `${username} ${refusedWith === undefined ? names : `refused with ${refusedWith}`}`
}
