import type { KeyObject } from 'node:crypto'
import { writeEncrypted } from '../../src/test-identity-provider/encryption.ts'
import { type MessageOutcome, verifyMessage } from './check-message.ts'
import { type Finding, finding } from './finding.ts'
import type { BaseMessage } from './inputs.ts'
import type { SigningPair } from './signing-key.ts'

export interface EncryptedCounts {
  tried: number
  accepted: number
}

/**
 * Encrypting proves nothing and changes nothing: a message whose assertion arrives encrypted is accepted only if it would
 * have been in the clear, with the same subject. The outcome in the clear is given.
 */
export function checkEncrypted(
  xml: string,
  message: BaseMessage,
  inTheClear: MessageOutcome,
  { publicKey, privateKey }: SigningPair,
  counts: EncryptedCounts,
): Finding | undefined {
  const encrypted = encryptAssertion(xml, publicKey)
  if (encrypted === undefined) return undefined
  counts.tried++
  const trust = { ...message.trust, decryptionKeys: [privateKey] }
  const outcome = verifyMessage(Buffer.from(encrypted), { ...message, trust })
  if ('code' in outcome) return undefined
  counts.accepted++
  const subject = 'code' in inTheClear ? inTheClear.code : inTheClear.assertion.nameId?.value
  if (!('code' in inTheClear) && subject === outcome.assertion.nameId?.value) return undefined
  const ours = `${outcome.assertion.nameId?.value}`
  return finding('accepted encrypted, and not so in the clear', { encrypted, ours, inTheClear: `${subject}` })
}

/** Puts what looks like the first assertion into a ciphertext, whatever it is. */
function encryptAssertion(xml: string, publicKey: KeyObject): string | undefined {
  const found = /<((?:[\w.-]+:)?Assertion)[\s>][\s\S]*?<\/\1\s*>/.exec(xml)
  if (found === null) return undefined
  const data = writeEncrypted(found[0], { publicKey })
  const saml = 'urn:oasis:names:tc:SAML:2.0:assertion'
  const around = `<e:EncryptedAssertion xmlns:e="${saml}">${data}</e:EncryptedAssertion>`
  return xml.slice(0, found.index) + around + xml.slice(found.index + found[0].length)
}
