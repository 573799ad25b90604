import type { z } from 'zod'
import { LatchkeyError } from '../errors.ts'
import { nearestName } from '../nearest-name.ts'
import { approveAccount, deactivateAccount, reinstateAccount, rejectAccount, suspendAccount } from './account-states.ts'
import { accountInput, listAccounts, listAccountsInput } from './accounts.ts'
import type { Administration } from './administration.ts'
import {
  createApiToken,
  createApiTokenInput,
  listApiTokens,
  listApiTokensInput,
  revokeApiToken,
  revokeApiTokenInput,
} from './api-tokens.ts'
import { listApplications, listApplicationsInput } from './applications.ts'
import { applyDeclaration, applyDeclarationInput } from './apply-declaration.ts'
import { listRequests, listRequestsInput } from './approvals.ts'
import { viewAttempt, viewAttemptInput } from './attempt-views.ts'
import { listAttempts, listAttemptsInput, revealAttempt, showAttempt, showAttemptInput } from './attempts.ts'
import { publishConnection, publishConnectionInput, saveDraft, saveDraftInput } from './connection-drafts.ts'
import {
  diffConnection,
  diffConnectionInput,
  listConnectionVersions,
  listConnectionVersionsInput,
  rollBackConnection,
  rollBackConnectionInput,
} from './connection-versions.ts'
import {
  addConnection,
  addConnectionInput,
  listConnections,
  listConnectionsInput,
  showConnection,
  showConnectionInput,
} from './connections.ts'
import { addDomain, domainInput, listDomains, listDomainsInput, removeDomain, verifyDomain } from './domains.ts'
import { explainAccount, explainRevealedAccount } from './explain-account.ts'
import { exportDeclaration, exportDeclarationInput } from './export-declaration.ts'
import { impactInput, showImpact } from './impact.ts'
import { inviteTest, inviteTestInput } from './invite-test.ts'
import { createNextKey, keyPurposeInput, listKeys, listKeysInput, promoteKey } from './keys.ts'
import {
  createLocalAdministrator,
  createLocalInput,
  listLocalAdministrators,
  listLocalInput,
  localInput,
  offerEnrolment,
  offerEnrolmentInput,
  removeLocalAdministrator,
  removePasskey,
  removePasskeyInput,
  replaceRecoveryCodes,
  showLocalAdministrator,
} from './local-administrators.ts'
import { grantRole, revokeRole, roleGrantInput } from './manual-grants.ts'
import {
  createOrganization,
  createOrganizationInput,
  listOrganizations,
  listOrganizationsInput,
  updateOrganization,
  updateOrganizationInput,
} from './organizations.ts'
import { previewConnection, previewConnectionInput } from './preview-connection.ts'
import { refreshConnection, refreshConnectionInput } from './refresh-connection.ts'
import { relinkAccount, relinkAccountInput } from './relink-account.ts'
import { replayConnection, replayConnectionInput } from './replay-connection.ts'
import { createRole, createRoleInput, listRoles, listRolesInput } from './roles.ts'
import { testConnection } from './test-connection.ts'
import { updateConnection, updateConnectionInput } from './update-connection.ts'
import { explainWhy, whyInput } from './why.ts'

interface Command<I, R> {
  /** Whether it may write; a running server then reads again what it remembers. */
  readonly writes: boolean
  readonly run: (input: I, deps: Administration) => Promise<R>
  readonly input: z.ZodType<unknown, I>
}

function reads<I, R>(input: z.ZodType<unknown, I>, run: Command<I, R>['run']): Command<I, R> {
  return { writes: false, input, run }
}

function writes<I, R>(input: z.ZodType<unknown, I>, run: Command<I, R>['run']): Command<I, R> {
  return { writes: true, input, run }
}

/** Everything an administrator can do, by name. The command line, the socket of a running server and the API call these. */
export const commands = {
  'organization.create': writes(createOrganizationInput, createOrganization),
  'organization.set': writes(updateOrganizationInput, updateOrganization),
  'organization.list': reads(listOrganizationsInput, listOrganizations),
  'role.create': writes(createRoleInput, createRole),
  'role.list': reads(listRolesInput, listRoles),
  'connection.add': writes(addConnectionInput, addConnection),
  'connection.set': writes(updateConnectionInput, updateConnection),
  'connection.list': reads(listConnectionsInput, listConnections),
  'connection.show': reads(showConnectionInput, showConnection),
  'connection.refresh': writes(refreshConnectionInput, refreshConnection),
  'connection.impact': reads(impactInput, showImpact),
  'connection.preview': reads(previewConnectionInput, previewConnection),
  'connection.invite': writes(inviteTestInput, inviteTest),
  'connection.replay': reads(replayConnectionInput, replayConnection),
  'connection.versions': reads(listConnectionVersionsInput, listConnectionVersions),
  'connection.diff': reads(diffConnectionInput, diffConnection),
  'connection.draft': writes(saveDraftInput, saveDraft),
  'connection.publish': writes(publishConnectionInput, publishConnection),
  'connection.rollback': writes(rollBackConnectionInput, rollBackConnection),
  'connection.test': reads(showConnectionInput, testConnection),
  'account.list': reads(listAccountsInput, listAccounts),
  'account.why': reads(whyInput, explainWhy),
  'account.show': reads(accountInput, explainAccount),
  'account.reveal': writes(accountInput, explainRevealedAccount),
  'account.suspend': writes(accountInput, suspendAccount),
  'account.reinstate': writes(accountInput, reinstateAccount),
  'account.deactivate': writes(accountInput, deactivateAccount),
  'account.requests': reads(listRequestsInput, listRequests),
  'account.approve': writes(accountInput, approveAccount),
  'account.reject': writes(accountInput, rejectAccount),
  'account.relink': writes(relinkAccountInput, relinkAccount),
  'account.grant': writes(roleGrantInput, grantRole),
  'account.revoke': writes(roleGrantInput, revokeRole),
  'break-glass.create': writes(createLocalInput, createLocalAdministrator),
  'break-glass.list': reads(listLocalInput, listLocalAdministrators),
  'break-glass.show': reads(localInput, showLocalAdministrator),
  'break-glass.codes': writes(localInput, replaceRecoveryCodes),
  'break-glass.enrol': writes(offerEnrolmentInput, offerEnrolment),
  'break-glass.remove-passkey': writes(removePasskeyInput, removePasskey),
  'break-glass.remove': writes(localInput, removeLocalAdministrator),
  'domain.add': writes(domainInput, addDomain),
  'domain.list': reads(listDomainsInput, listDomains),
  'domain.verify': writes(domainInput, verifyDomain),
  'domain.remove': writes(domainInput, removeDomain),
  'application.list': reads(listApplicationsInput, listApplications),
  'attempt.list': reads(listAttemptsInput, listAttempts),
  'attempt.show': reads(showAttemptInput, showAttempt),
  'attempt.view': reads(viewAttemptInput, viewAttempt),
  'attempt.reveal': writes(showAttemptInput, revealAttempt),
  'key.list': reads(listKeysInput, listKeys),
  'key.next': writes(keyPurposeInput, createNextKey),
  'key.promote': writes(keyPurposeInput, promoteKey),
  'token.create': writes(createApiTokenInput, createApiToken),
  'token.list': reads(listApiTokensInput, listApiTokens),
  'token.revoke': writes(revokeApiTokenInput, revokeApiToken),
  'declaration.apply': writes(applyDeclarationInput, applyDeclaration),
  'declaration.export': reads(exportDeclarationInput, exportDeclaration),
} as const

export type CommandName = keyof typeof commands
export type CommandInput<N extends CommandName> = Parameters<(typeof commands)[N]['run']>[0]
export type CommandResult<N extends CommandName> = Plain<Awaited<ReturnType<(typeof commands)[N]['run']>>>

/** A value as it stands after JSON: times are ISO 8601 texts. */
export type Plain<T> = T extends Date
  ? string
  : T extends readonly (infer U)[]
    ? readonly Plain<U>[]
    : T extends object
      ? { readonly [K in keyof T]: Plain<T[K]> }
      : T

/** Calls a command by its name. The result is plain JSON, the same here and over the socket. Throws `command_unknown`. */
export async function runCommand(name: string, input: unknown, deps: Administration): Promise<unknown> {
  const command = findCommand(name)
  // Every command checks its own input against its schema, so whatever arrived may be handed on.
  const result = await command.run(input as never, deps)
  return JSON.parse(JSON.stringify(result))
}

/** Throws `command_unknown` with the nearest name. */
export function findCommand(name: string): (typeof commands)[CommandName] {
  if (isCommandName(name)) return commands[name]
  const near = nearestName(name, Object.keys(commands))
  throw new LatchkeyError('command_unknown', {
    check: 'command',
    wanted: `one of ${Object.keys(commands).join(', ')}`,
    arrived: name.slice(0, 100),
    ...(near ? { advice: `Did you mean ${near}?` } : {}),
  })
}

function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commands, name)
}
