import type { StorageSettings } from '../config/settings.ts'
import { openEmbeddedStorage } from './embedded/open-embedded-storage.ts'
import { openServedStorage } from './open-served-storage.ts'
import type { Storage, StorageDependencies } from './storage.ts'

/**
 * Opens the database the settings name, and gives a `pg` pool that behaves the same on both kinds. It knows nothing of
 * the schema: bring that up to date with `migrateSchema`, then make the directory on the pool.
 *
 * Throws `storage_unavailable`; served `configuration_invalid`; embedded `data_directory_locked`, `storage_not_durable`,
 * `storage_version_unsupported`.
 */
export async function openStorage(settings: StorageSettings, dependencies: StorageDependencies): Promise<Storage> {
  if (settings.kind === 'embedded') return openEmbeddedStorage({ dataDirectory: settings.dataDirectory }, dependencies)
  return openServedStorage({ url: settings.url, poolSize: settings.poolSize }, dependencies)
}
