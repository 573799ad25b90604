import { z } from 'zod'
import { applicationSettings } from '../directory/application.ts'
import { connectionSettings } from '../directory/connection.ts'
import { organizationDeclarations } from '../directory/organization-declarations.ts'
import { LatchkeyError } from '../errors.ts'
import { entityIdInput } from './connections.ts'
import { seatLimitInput } from './organizations.ts'
import { nameInput, titleInput } from './parse-input.ts'
import { presetInput } from './presets/fill-preset.ts'
import { identityProviderInput, metadataInput } from './read-identity-provider.ts'
import { descriptionInput, roleKindInput } from './roles.ts'

/**
 * What `latchkey apply` reads and `latchkey export` writes: organizations with their roles and connections, and
 * applications with their policy. Names are the keys, so none can stand twice. A connection or application that is named
 * is described whole: a setting left out has its default, or what `preset` says for the product. What is not named stays as it is.
 */

const declaredRole = z.strictObject({
  description: descriptionInput.optional(),
  kind: roleKindInput.optional(),
})

const declaredConnection = z.strictObject({
  name: titleInput.optional(),
  metadata: metadataInput.optional(),
  identityProvider: identityProviderInput.optional(),
  serviceProviderEntityId: entityIdInput.optional(),
  /** Already filled into `settings` when this schema reads it: `presets/fill-declared-presets.ts`. */
  preset: presetInput.optional(),
  settings: connectionSettings.prefault({}),
})

const declaredOrganization = z.strictObject({
  name: titleInput.optional(),
  seatLimit: seatLimitInput.optional(),
  ...organizationDeclarations.shape,
  roles: z.record(nameInput, declaredRole).default({}),
  connections: z.record(nameInput, declaredConnection).default({}),
})

const declaredApplication = applicationSettings.extend({ name: titleInput.optional() })

export const declarationSchema = z.strictObject({
  organizations: z.record(nameInput, declaredOrganization).default({}),
  applications: z.record(nameInput, declaredApplication).default({}),
})

export type Declaration = z.output<typeof declarationSchema>
export type DeclarationInput = z.input<typeof declarationSchema>
export type DeclaredConnection = Declaration['organizations'][string]['connections'][string]

/** A connection says whom it trusts once. Throws `input_invalid`. */
export function checkOneIdentityProvider(id: string, declared: DeclaredConnection): void {
  if ((declared.metadata === undefined) !== (declared.identityProvider === undefined)) return
  throw new LatchkeyError('input_invalid', {
    check: 'input',
    wanted: 'metadata or identityProvider',
    arrived: declared.metadata === undefined ? 'neither' : 'both',
    at: `connections.${id}`,
  })
}
