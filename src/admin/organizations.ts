import { z } from 'zod'
import type { AdministrationDirectory, OrganizationDirectory } from '../directory/directory.ts'
import type { Organization } from '../directory/organization.ts'
import { LatchkeyError } from '../errors.ts'
import { type Administration, auditEvent } from './administration.ts'
import { nameInput, parseInput, titleInput } from './parse-input.ts'

export const createOrganizationInput = z.strictObject({ id: nameInput, name: titleInput.optional() })

/** Throws `organization_exists`. */
export async function createOrganization(
  input: z.input<typeof createOrganizationInput>,
  deps: Administration,
): Promise<Organization> {
  const { id, name = id } = parseInput(createOrganizationInput, input)
  const organization = { id, name, createdAt: deps.now() }
  const event = auditEvent(deps, 'organization.created', `organization:${id}`, { name })
  await deps.directory.createOrganization(organization, event)
  return organization
}

/** `null`: any number of active accounts. */
export const seatLimitInput = z.int().min(1).max(100_000_000).nullable()

export const updateOrganizationInput = z.strictObject({
  id: nameInput,
  name: titleInput.optional(),
  seatLimit: seatLimitInput.optional(),
})

/** What is not named stays. Who is in stays in, however low the limit. Throws `organization_not_found`. */
export async function updateOrganization(
  input: z.input<typeof updateOrganizationInput>,
  deps: Administration,
): Promise<Organization> {
  const { id, name, seatLimit } = parseInput(updateOrganizationInput, input)
  const { seatLimit: limitBefore, ...before } = await chooseOrganization(id, deps.directory)
  const limit = seatLimit === undefined ? limitBefore : (seatLimit ?? undefined)
  const after = { ...before, name: name ?? before.name, ...(limit === undefined ? {} : { seatLimit: limit }) }
  const event = auditEvent(deps, 'organization.updated', `organization:${id}`, { name, seatLimit })
  await deps.directory.updateOrganization(after, event)
  return after
}

export const listOrganizationsInput = z.strictObject({})

export async function listOrganizations(
  input: z.input<typeof listOrganizationsInput>,
  deps: Administration,
): Promise<readonly Organization[]> {
  parseInput(listOrganizationsInput, input)
  return deps.directory.listOrganizations()
}

/** The organization that is meant: the one named, or the only one there is. Throws `organization_not_found`, `input_invalid`. */
export async function chooseOrganization(
  id: string | undefined,
  directory: OrganizationDirectory | AdministrationDirectory,
): Promise<Organization> {
  const all = await directory.listOrganizations()
  const names = all.map((organization) => organization.id)
  const found = id === undefined ? all[0] : all.find((organization) => organization.id === id)
  if (id === undefined && all.length > 1) {
    throw new LatchkeyError('input_invalid', {
      check: 'input',
      wanted: `one of ${names.slice(0, 20).join(', ')}`,
      arrived: 'nothing',
      at: 'organization',
    })
  }
  if (found) return found
  throw new LatchkeyError('organization_not_found', {
    check: 'organization',
    wanted: names.length > 0 ? `one of ${names.slice(0, 20).join(', ')}` : 'an organization; none exists yet',
    arrived: id ?? 'nothing',
    at: 'organization',
  })
}
