import { z } from 'zod'
import { type Connection, connectionSettings } from '../directory/connection.ts'
import type { Role } from '../directory/role.ts'
import { LatchkeyError } from '../errors.ts'
import type { Administration } from './administration.ts'
import { checkConnection } from './check-connection.ts'
import { entityIdInput, patchSettings, withoutEntityId } from './connections.ts'
import { parseInput, titleInput } from './parse-input.ts'
import { presetInput, withPreset } from './presets/fill-preset.ts'
import {
  identityProviderInput,
  metadataInput,
  readIdentityProvider,
  toIdentityProvider,
} from './read-identity-provider.ts'

/**
 * A configuration that a connection does not have yet, as `latchkey export` writes one. What is left out stays as it is stored;
 * `settings` are whole (one left out has its default), `change` replaces single ones.
 */
export const draftInput = z.strictObject({
  name: titleInput.optional(),
  metadata: metadataInput.optional(),
  identityProvider: identityProviderInput.optional(),
  /** `null` goes back to our metadata address. */
  serviceProviderEntityId: entityIdInput.nullable().optional(),
  preset: presetInput.optional(),
  settings: z.record(z.string(), z.unknown()).optional(),
  change: z.record(z.string(), z.unknown()).optional(),
})
export type DraftInput = z.output<typeof draftInput>

/** The connection as the draft would have it, with the stored version. Throws `input_invalid`, `role_not_found`, `role_not_grantable` and what reading metadata throws. */
export async function draftConnection(
  stored: Connection,
  draft: DraftInput,
  roles: readonly Role[],
  deps: Pick<Administration, 'fetchMetadata' | 'openFile' | 'now' | 'mappingModules'>,
): Promise<Connection> {
  const entityId = draft.serviceProviderEntityId
  const settings = draftSettings(stored, draft)
  const drafted: Connection = {
    ...(entityId === null ? withoutEntityId(stored) : stored),
    ...(entityId ? { serviceProviderEntityId: entityId } : {}),
    name: draft.name ?? stored.name,
    identityProvider: await draftIdentityProvider(stored, draft, settings, deps),
    settings,
  }
  checkConnection(drafted, { roles, modules: deps.mappingModules })
  return drafted
}

function draftSettings(stored: Connection, { preset, settings, change }: DraftInput): Connection['settings'] {
  const whole =
    settings === undefined && preset === undefined
      ? stored.settings
      : parseInput(connectionSettings, withPreset(preset, settings ?? {}), ['settings'])
  return change === undefined ? whole : patchSettings({ settings: whole }, change)
}

async function draftIdentityProvider(
  stored: Connection,
  { metadata, identityProvider }: DraftInput,
  settings: Connection['settings'],
  deps: Pick<Administration, 'fetchMetadata' | 'openFile' | 'now'>,
): Promise<Connection['identityProvider']> {
  if (metadata !== undefined && identityProvider !== undefined) {
    const wanted = 'metadata or identityProvider'
    throw new LatchkeyError('input_invalid', { check: 'input', wanted, arrived: 'both', at: 'draft' })
  }
  if (identityProvider !== undefined) return toIdentityProvider(identityProvider)
  if (metadata === undefined) return stored.identityProvider
  return (await readIdentityProvider(metadata, settings, deps)).identityProvider
}
