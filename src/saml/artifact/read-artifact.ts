import { createHash, timingSafeEqual } from 'node:crypto'
import { decodeBase64 } from '../base64.ts'
import { kindOf } from '../check-settings.ts'
import { refusal } from '../refusal.ts'

declare const read: unique symbol

/**
 * An artifact of type 4: a short name for a message that its issuer gives out once. SAML Bindings 3.6.4. Only
 * `readArtifact` makes one: it says of itself that the connection's identity provider issued it.
 */
export interface Artifact {
  /** Base64 in its one canonical spelling, so that equal artifacts are equal texts. */
  readonly value: string
  /** Which of the issuer's endpoints has the message. */
  readonly endpointIndex: number
  readonly [read]: true
}

const typeCode = 0x0004
/** Type code, endpoint index, SourceID of 20 bytes, MessageHandle of 20 bytes. */
const artifactBytes = 44

/**
 * Reads the parameter `SAMLart`. The SourceID is the SHA-1 of the issuer's entity ID: no secret and no proof, it keeps us
 * from asking one identity provider for what another has.
 *
 * Throws `saml_artifact_malformed`, `saml_artifact_source_mismatch`. SAML Bindings 3.6.4.
 */
export function readArtifact(samlArt: string, identityProviderEntityId: string): Artifact {
  if (typeof samlArt !== 'string') throw malformed('one text', kindOf(samlArt))
  const bytes = samlArt.length <= 100 ? decodeBase64(samlArt) : undefined
  if (bytes?.length !== artifactBytes) {
    throw malformed(`base64 of ${artifactBytes} bytes`, `${samlArt.length} characters that are something else`)
  }
  const type = bytes.readUInt16BE(0)
  if (type !== typeCode) throw malformed('type code 0x0004', `0x${type.toString(16).padStart(4, '0')}`)
  checkSource(bytes.subarray(4, 24), identityProviderEntityId)
  return { value: bytes.toString('base64'), endpointIndex: bytes.readUInt16BE(2) } as Artifact
}

/** SHA-1 is what the specification names things with here; nothing rests on nobody finding a second entity ID. */
function checkSource(sourceId: Buffer, entityId: string): void {
  const wanted = createHash('sha1').update(entityId, 'utf8').digest()
  if (timingSafeEqual(sourceId, wanted)) return
  throw refusal('saml_artifact_source_mismatch', {
    check: 'SAMLart/SourceID',
    wanted: `${wanted.toString('hex')}, the SHA-1 of ${entityId}`,
    arrived: sourceId.toString('hex'),
  })
}

function malformed(wanted: string, arrived: string) {
  return refusal('saml_artifact_malformed', { check: 'SAMLart', wanted, arrived })
}
