import { z } from 'zod'
import type { IdentityProvider } from '../directory/connection.ts'
import type { AdministrationDirectory } from '../directory/directory.ts'
import { LatchkeyError } from '../errors.ts'
import type { RoleSyncEffect } from '../replay/role-sync-effect.ts'
import { type Administration, auditEvent } from './administration.ts'
import { connectionCreated, connectionUpdated } from './connections.ts'
import {
  checkOneIdentityProvider,
  type Declaration,
  type DeclaredConnection,
  declarationSchema,
} from './declaration.ts'
import type { Difference } from './differences.ts'
import { parseInput } from './parse-input.ts'
import {
  connectionKey,
  type DeclarationContext,
  type DeclarationStep,
  type DirectoryState,
  planDeclaration,
} from './plan-declaration.ts'
import { fillDeclaredPresets } from './presets/fill-declared-presets.ts'
import { readIdentityProvider, toIdentityProvider } from './read-identity-provider.ts'
import { askRoleSync, checkAsked, roleSyncAnswer } from './role-sync-change.ts'

export const applyDeclarationInput = z.strictObject({
  declaration: z.unknown(),
  ...roleSyncAnswer,
})

export interface AppliedChange {
  readonly action: DeclarationStep['action']
  readonly kind: DeclarationStep['kind']
  readonly id: string
  readonly changes: readonly Difference[]
}

export interface AppliedDeclaration {
  /** Empty: everything was as declared already. */
  readonly changes: readonly AppliedChange[]
  /** Whom it concerns that connections keep roles otherwise. */
  readonly roleSync: readonly RoleSyncEffect[]
  readonly written: boolean
}

/**
 * Makes the directory what the declaration says, everything or nothing, in one transaction; a second time changes
 * nothing. Throws `input_invalid` and whatever `planDeclaration` and reading metadata throw.
 */
export async function applyDeclaration(
  input: z.input<typeof applyDeclarationInput>,
  deps: Administration,
): Promise<AppliedDeclaration> {
  const { declaration: given, ...answer } = parseInput(applyDeclarationInput, input)
  const declaration = parseInput(declarationSchema, fillDeclaredPresets(given))
  const context = {
    identityProviders: await readIdentityProviders(declaration, deps),
    now: deps.now(),
    publicUrl: deps.publicUrl,
    modules: deps.mappingModules,
  }
  const roleSync = await askEach(declaration, { context, answer }, deps)
  return undoneOr(
    deps.directory.transaction(async (directory) => {
      const state = await readState(directory)
      const steps = planDeclaration(state, declaration, context)
      for (const { before, after } of changedConnections(steps, state))
        checkAsked(before, after, roleSync.get(after.id))
      for (const step of inWriteOrder(steps)) await write(step, directory, deps)
      const applied = { changes: steps.map(toChange), roleSync: [...roleSync.values()], written: steps.length > 0 }
      if (answer.dryRun) throw new DryRun({ ...applied, written: false })
      return applied
    }),
  )
}

/**
 * An organization that changes comes last: its change makes a new version of each of its connections, and a connection is
 * written only while it has the version that was read.
 */
function inWriteOrder(steps: readonly DeclarationStep[]): readonly DeclarationStep[] {
  const isLast = ({ kind, action }: DeclarationStep) => kind === 'organization' && action !== 'create'
  return [...steps.filter((step) => !isLast(step)), ...steps.filter(isLast)]
}

/** Undoes the transaction: a dry run is refused by whatever would refuse the real thing, the storage too. */
class DryRun extends Error {
  readonly applied: AppliedDeclaration

  constructor(applied: AppliedDeclaration) {
    super('a dry run ends here')
    this.applied = applied
  }
}

async function undoneOr(applying: Promise<AppliedDeclaration>): Promise<AppliedDeclaration> {
  try {
    return await applying
  } catch (error) {
    if (error instanceof DryRun) return error.applied
    throw error
  }
}

/** Before the transaction: whom it concerns is read from what people's last sign-ins said. By connection. */
async function askEach(
  declaration: Declaration,
  { context, answer }: { readonly context: DeclarationContext; readonly answer: Parameters<typeof askRoleSync>[2] },
  deps: Administration,
): Promise<ReadonlyMap<string, RoleSyncEffect>> {
  const state = await readState(deps.directory)
  const effects = new Map<string, RoleSyncEffect>()
  for (const { before, after } of changedConnections(planDeclaration(state, declaration, context), state)) {
    const effect = await askRoleSync(before, after, answer, deps)
    if (effect !== undefined) effects.set(after.id, effect)
  }
  return effects
}

function changedConnections(steps: readonly DeclarationStep[], { connections }: DirectoryState) {
  return steps.flatMap((step) => {
    if (step.kind !== 'connection') return []
    const before = connections.find(({ id }) => id === step.after.id)
    return before === undefined ? [] : [{ before, after: step.after }]
  })
}

/** Before the transaction, because it may have to fetch. */
async function readIdentityProviders(
  declaration: Declaration,
  deps: Administration,
): Promise<ReadonlyMap<string, IdentityProvider>> {
  const found = new Map<string, IdentityProvider>()
  for (const [organizationId, { connections }] of Object.entries(declaration.organizations)) {
    for (const [id, declared] of Object.entries(connections)) {
      const identityProvider = await readDeclared(id, declared, deps)
      found.set(connectionKey(organizationId, id), identityProvider)
    }
  }
  return found
}

async function readDeclared(id: string, declared: DeclaredConnection, deps: Administration): Promise<IdentityProvider> {
  checkOneIdentityProvider(id, declared)
  if (declared.identityProvider) return toIdentityProvider(declared.identityProvider)
  try {
    return (await readIdentityProvider(declared.metadata ?? {}, declared.settings, deps)).identityProvider
  } catch (error) {
    if (!(error instanceof LatchkeyError)) throw error
    const at = [`connections.${id}.metadata`, error.detail.at].filter(Boolean).join(': ')
    throw new LatchkeyError(error.code, { ...error.detail, at }, { cause: error })
  }
}

export async function readState(directory: AdministrationDirectory): Promise<DirectoryState> {
  const organizations = await directory.listOrganizations()
  const roles = []
  for (const { id } of organizations) roles.push(...(await directory.listRoles(id)))
  const connections = await directory.listConnections()
  const applications = await directory.listApplications()
  return { organizations, roles, connections, applications }
}

async function write(step: DeclarationStep, directory: AdministrationDirectory, deps: Administration): Promise<void> {
  const { action, changes } = step
  const isNew = action === 'create'
  const outcome = isNew ? 'created' : 'updated'
  switch (step.kind) {
    case 'organization': {
      const event = auditEvent(deps, `organization.${outcome}`, `organization:${step.after.id}`, { changes })
      return isNew ? directory.createOrganization(step.after, event) : directory.updateOrganization(step.after, event)
    }
    case 'role': {
      const event = auditEvent(deps, `role.${outcome}`, `role:${idOf(step)}`, { changes })
      return isNew ? directory.createRole(step.after, event) : directory.updateRole(step.after, event)
    }
    case 'connection':
      return isNew
        ? directory.createConnection(step.after, connectionCreated(step.after, deps))
        : directory.updateConnection(step.after, connectionUpdated(step.after, changes, deps))
    case 'application':
      return directory.saveApplication(
        step.after,
        auditEvent(deps, `application.${outcome}`, `application:${step.after.id}`, { changes }),
      )
  }
}

function toChange(step: DeclarationStep): AppliedChange {
  return { action: step.action, kind: step.kind, id: idOf(step), changes: step.changes }
}

function idOf({ kind, after }: DeclarationStep): string {
  return kind === 'role' ? `${after.organizationId}/${after.name}` : after.id
}
