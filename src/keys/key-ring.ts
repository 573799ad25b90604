import type { ServiceKeyDirectory } from '../directory/directory.ts'
import { ensureKeys, type ServiceKeys } from './service-keys.ts'
import type { KeyDependencies } from './signing-key.ts'

/** The keys as this process last read them: whoever asks anew gets those in force, so nobody should keep one for long. */
export interface KeyRing extends ServiceKeys {
  /** Reads the keys again, so that a promotion on any node counts here. Gives whether anything changed. */
  refresh(): Promise<boolean>
}

/** Throws what `ensureKeys` throws. A refresh that fails leaves the keys that were known in force. */
export async function openKeyRing(
  directory: ServiceKeyDirectory,
  secret: Buffer,
  deps: KeyDependencies,
): Promise<KeyRing> {
  let keys = await ensureKeys(directory, secret, deps)
  return {
    get jwt() {
      return keys.jwt
    },
    get samlSigning() {
      return keys.samlSigning
    },
    get samlEncryption() {
      return keys.samlEncryption
    },
    async refresh() {
      const read = await ensureKeys(directory, secret, deps)
      if (nameOf(read) === nameOf(keys)) return false
      keys = read
      return true
    },
  }
}

/** Different for different keys. */
function nameOf({ jwt, samlSigning, samlEncryption }: ServiceKeys): string {
  const { certificateBase64, decryptionKeys } = samlEncryption
  return JSON.stringify([jwt.publicJwks, samlSigning.certificates, certificateBase64, decryptionKeys.length])
}
