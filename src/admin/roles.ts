import { z } from 'zod'
import type { Role } from '../directory/role.ts'
import { type Administration, auditEvent } from './administration.ts'
import { chooseOrganization } from './organizations.ts'
import { nameInput, parseInput } from './parse-input.ts'

export const descriptionInput = z.string().trim().max(1000)
export const roleKindInput = z.enum(['application', 'administration'])

export const createRoleInput = z.strictObject({
  organization: nameInput.optional(),
  name: nameInput,
  description: descriptionInput.default(''),
  kind: roleKindInput.default('application'),
})

/** Throws `role_exists`, `organization_not_found`. */
export async function createRole(input: z.input<typeof createRoleInput>, deps: Administration): Promise<Role> {
  const { organization, ...given } = parseInput(createRoleInput, input)
  const { id: organizationId } = await chooseOrganization(organization, deps.directory)
  const role = { organizationId, ...given }
  const event = auditEvent(deps, 'role.created', `role:${organizationId}/${role.name}`, { kind: role.kind })
  await deps.directory.createRole(role, event)
  return role
}

export const listRolesInput = z.strictObject({ organization: nameInput.optional() })

/** Throws `organization_not_found`. */
export async function listRoles(input: z.input<typeof listRolesInput>, deps: Administration): Promise<readonly Role[]> {
  const { organization } = parseInput(listRolesInput, input)
  const { id } = await chooseOrganization(organization, deps.directory)
  return deps.directory.listRoles(id)
}
