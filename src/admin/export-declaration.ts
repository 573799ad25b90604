import { z } from 'zod'
import type { Connection } from '../directory/connection.ts'
import type { Administration } from './administration.ts'
import { readState } from './apply-declaration.ts'
import { parseInput } from './parse-input.ts'
import type { DirectoryState } from './plan-declaration.ts'

export const exportDeclarationInput = z.strictObject({})

/** Everything `applyDeclaration` can write, as it would read it: applied to an empty directory it gives the same. */
export async function exportDeclaration(input: z.input<typeof exportDeclarationInput>, deps: Administration) {
  parseInput(exportDeclarationInput, input)
  return declarationOf(await deps.directory.transaction(readState))
}

export type ExportedDeclaration = ReturnType<typeof declarationOf>

function declarationOf({ organizations, roles, connections, applications }: DirectoryState) {
  const ofOrganization =
    (id: string) =>
    ({ organizationId }: { readonly organizationId: string }) =>
      organizationId === id
  return {
    organizations: Object.fromEntries(
      organizations.map(({ id, name, seatLimit, declared }) => [
        id,
        {
          name,
          ...(seatLimit === undefined ? {} : { seatLimit }),
          ...declared,
          roles: Object.fromEntries(
            roles
              .filter(ofOrganization(id))
              .map((role) => [role.name, { description: role.description, kind: role.kind }]),
          ),
          connections: Object.fromEntries(
            connections.filter(ofOrganization(id)).map((connection) => [connection.id, exportConnection(connection)]),
          ),
        },
      ]),
    ),
    applications: Object.fromEntries(applications.map(({ id, name, settings }) => [id, { name, ...settings }])),
  }
}

function exportConnection({ name, identityProvider, serviceProviderEntityId, settings }: Connection) {
  const { validUntil, ...rest } = identityProvider
  return {
    name,
    identityProvider: { ...rest, ...(validUntil === undefined ? {} : { validUntil: validUntil.toISOString() }) },
    ...(serviceProviderEntityId === undefined ? {} : { serviceProviderEntityId }),
    settings,
  }
}
