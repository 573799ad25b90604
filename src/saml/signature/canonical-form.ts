import { refusal } from '../refusal.ts'
import { CanonicalFormTooLong, type CanonicalizeOptions, canonicalBytes } from '../xml/canonicalize.ts'
import type { XmlElement } from '../xml/element.ts'
import { messageRules } from '../xml/scan-rules.ts'

/**
 * The bytes that a signature or a digest is of. A short message can have a very long canonical form; it would not be read
 * again, so it need not be written. Throws `saml_limits_exceeded`.
 */
export function canonicalForm(element: XmlElement, options: CanonicalizeOptions): Buffer {
  try {
    return canonicalBytes(element, options)
  } catch (error) {
    if (!(error instanceof CanonicalFormTooLong)) throw error
    const wanted = `at most ${messageRules.maxCharacters} characters`
    throw refusal('saml_limits_exceeded', { check: 'canonical form', wanted, arrived: 'more' })
  }
}
