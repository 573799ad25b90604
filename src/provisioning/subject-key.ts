import { normalForm } from '../directory/account.ts'
import type { Connection } from '../directory/connection.ts'
import { LatchkeyError } from '../errors.ts'
import type { NameId } from '../saml/verified-assertion.ts'
import { checkText } from './check-values.ts'
import type { ReceivedAttributes } from './received-attributes.ts'

export const nameIdFormats = {
  emailAddress: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  unspecified: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
  transient: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
} as const

/** Bytes of UTF-8: fits an index of the storage together with organization and connection. */
const maxKeyBytes = 2048

/** What identifies the person for good within one connection, and the bare value for those who need a name. */
export interface SubjectKey {
  /** Canonical text: equal text is the same person, other text is another. */
  readonly text: string
  readonly value: string
}

/**
 * The subject key: the NameID with its format and qualifiers, or the one value of the attribute the connection chose.
 * Compared byte for byte; only the emailAddress format, and an attribute with `ignoreCase`, are folded to normal form.
 * SAML Core 2.2.2, 8.3.
 *
 * Throws `subject_key_missing`, `subject_key_transient`, `subject_key_invalid`.
 */
export function readSubjectKey(
  nameId: NameId | undefined,
  received: ReceivedAttributes,
  { settings: { subjectKey } }: Connection,
): SubjectKey {
  const key = subjectKey === 'nameId' ? keyOfNameId(nameId, received) : keyOfAttribute(subjectKey, received)
  checkText(key.text, { maxBytes: maxKeyBytes, at: 'subject key', code: 'subject_key_invalid' })
  checkText(key.value, { maxBytes: maxKeyBytes, at: 'subject key', code: 'subject_key_invalid' })
  return key
}

/** A NameID as one text that no other NameID has: what NameIDs are compared by. */
export function nameIdText(nameId: NameId): string {
  const { value, format } = nameId
  return exactNameIdText(format === nameIdFormats.emailAddress ? { ...nameId, value: normalForm(value) } : nameId)
}

/** The same, to the letter: how the identity provider itself calls the person. */
export function exactNameIdText({ value, format, nameQualifier, spNameQualifier }: NameId): string {
  return JSON.stringify(['nameId', value, format, nameQualifier ?? null, spNameQualifier ?? null])
}

/** The NameID in a text of these two; `undefined` for any other text. */
export function readNameIdText(text: string): NameId | undefined {
  const parts = parseList(text)
  if (parts?.[0] !== 'nameId' || parts.length !== 5) return undefined
  const [, value, format, nameQualifier, spNameQualifier] = parts
  if (typeof value !== 'string' || typeof format !== 'string') return undefined
  return {
    value,
    format,
    ...(typeof nameQualifier === 'string' && { nameQualifier }),
    ...(typeof spNameQualifier === 'string' && { spNameQualifier }),
  }
}

function parseList(text: string): readonly unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return Array.isArray(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function keyOfNameId(nameId: NameId | undefined, received: ReceivedAttributes): SubjectKey {
  if (nameId === undefined || nameId.value.trim() === '') throw missing('NameID', received)
  if (nameId.format === nameIdFormats.transient) {
    throw new LatchkeyError('subject_key_transient', {
      check: 'NameID Format',
      wanted: 'a format that stays the same at every sign-in',
      arrived: nameId.format,
      advice:
        'Have the identity provider send a persistent NameID, or choose an attribute that never changes as the subject key.',
      arrivedAttributes: received.names,
    })
  }
  // Blanks around an e-mail address come from the layout of the message.
  const isFolded = nameId.format === nameIdFormats.emailAddress
  return { text: nameIdText(nameId), value: isFolded ? nameId.value.trim() : nameId.value }
}

interface KeyAttribute {
  readonly attribute: string
  readonly ignoreCase?: boolean | undefined
}

function keyOfAttribute({ attribute, ignoreCase }: KeyAttribute, received: ReceivedAttributes): SubjectKey {
  const values = received.valuesOf(attribute)
  const [value, ...others] = new Set(ignoreCase === true ? values.map(normalForm) : values)
  if (value === undefined) throw missing(attribute, received)
  if (others.length > 0) {
    throw new LatchkeyError('subject_key_invalid', {
      check: 'subject key',
      wanted: 'exactly one value',
      arrived: `${others.length + 1} different values`,
      at: attribute,
    })
  }
  return { text: JSON.stringify(['attribute', attribute, value]), value }
}

function missing(what: string, received: ReceivedAttributes): LatchkeyError {
  const similar = received.sameButForCase([what])
  return new LatchkeyError('subject_key_missing', {
    check: 'subject key',
    wanted: what,
    arrived: received.has(what) ? 'no value' : 'nothing of this name',
    arrivedAttributes: received.names,
    ...(similar === undefined || similar === what
      ? {}
      : { advice: `${similar} did arrive: names are compared with upper and lower case.` }),
  })
}
