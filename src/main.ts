import { V7Generator } from 'uuidv7'
import type { Administration } from './admin/administration.ts'
import { createMetadataFetcher } from './admin/fetch-metadata.ts'
import { contentOfFile } from './admin/metadata-content.ts'
import { resolveTxt } from './admin/resolve-txt.ts'
import type { Settings } from './config/settings.ts'
import type { Directory } from './directory/directory.ts'
import { LatchkeyError } from './errors.ts'
import { previewHeaders } from './gateway/preview-headers.ts'
import { localSecret } from './keys/local-secret.ts'
import { createMappingModules, type MappingModules } from './mapping-modules/mapping-modules.ts'
import { createRandomPool } from './random.ts'
import { migrateSchema } from './store/migrate-schema.ts'
import { openStorage } from './store/open-storage.ts'
import { createDirectory } from './store/postgres-directory.ts'
import type { Storage, StorageNotice } from './store/storage.ts'

const random = createRandomPool()
const ids = new V7Generator(random)

/**
 * Wiring of an installation: `openLatchkey` opens its storage, `administrationOf` gives what commands act with, and
 * `server/serve.ts` makes a server of it. Time and randomness come into the program here and are handed on as arguments.
 */
export const outside = {
  now: () => new Date(),
  newId: () => ids.generate().toString(),
  randomBytes: random.take,
}

/** An open installation: its storage with the current schema. */
export interface Latchkey {
  readonly storage: Storage
  readonly directory: Directory
  close(): Promise<void>
}

/** Throws what opening the storage and bringing up its schema throw. */
export async function openLatchkey(
  settings: Settings,
  report: (notice: StorageNotice) => void = () => undefined,
): Promise<Latchkey> {
  const storage = await openStorage(settings.storage, { report })
  try {
    await migrateSchema(storage.pool)
  } catch (error) {
    await storage.close()
    throw error
  }
  return { storage, directory: createDirectory(storage.pool), close: () => storage.close() }
}

/** What commands and the socket act with. */
export function administrationOf(
  settings: Settings,
  directory: Directory,
  mappingModules: MappingModules = modulesOf(settings),
): Administration {
  const { publicUrl } = settings
  const secret = () => secretOf(settings)
  return {
    ...outside,
    directory,
    publicUrl,
    actor: 'cli',
    fetchMetadata: createMetadataFetcher(),
    resolveTxt,
    openFile: contentOfFile,
    secret,
    mappingModules,
    identityHeaders: previewHeaders,
  }
}

/** Nothing is loaded before it is asked. */
export function modulesOf({ mappingModules: { files, ...limits } }: Settings): MappingModules {
  return createMappingModules(files, limits)
}

/** The secret of the settings, or the one beside an embedded database. Throws `configuration_invalid`. */
export function secretOf(settings: Settings): Buffer {
  if (settings.secret !== undefined) return settings.secret
  if (settings.storage.kind === 'embedded') return localSecret(settings.storage.dataDirectory, outside.randomBytes)
  throw new LatchkeyError('configuration_invalid', {
    check: 'secret',
    wanted: '32 bytes, base64, the same on every node',
    arrived: 'none',
    advice: 'Make one with `openssl rand -base64 32` and set LATCHKEY_SECRET or LATCHKEY_SECRET_FILE.',
  })
}
