import type { NameId } from '../saml/verified-assertion.ts'
import { checkText, usernameLimits } from './check-values.ts'
import type { MappedField, Subject } from './subject.ts'
import { nameIdFormats, type SubjectKey } from './subject-key.ts'

/** Formats whose values people recognize as their name. */
const readableFormats = new Set<string>([
  nameIdFormats.emailAddress,
  nameIdFormats.unspecified,
  'urn:oasis:names:tc:SAML:2.0:nameid-format:emailAddress',
  'urn:oasis:names:tc:SAML:1.1:nameid-format:WindowsDomainQualifiedName',
  'urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos',
])

/**
 * The user name: `uid`, else a NameID that people can read, else `mail`, else the subject key. Trimmed; of several values
 * the first. It is a name, not a key: it may change from one sign-in to the next. See docs/decisions/0051.
 *
 * Throws `attribute_invalid`.
 */
export function chooseUsername(
  fields: ReadonlyMap<string, MappedField>,
  nameId: NameId | undefined,
  subjectKey: SubjectKey,
): Pick<Subject, 'username' | 'usernameRule'> {
  const readable = nameId !== undefined && readableFormats.has(nameId.format) ? nameId.value.trim() : ''
  const candidates: readonly (readonly [Subject['usernameRule'], string | undefined])[] = [
    ['uid', fields.get('uid')?.values[0]],
    ['nameId', readable || undefined],
    ['mail', fields.get('mail')?.values[0]],
  ]
  const [usernameRule, name = subjectKey.value] = candidates.find(([, value]) => value?.trim()) ?? ['subjectKey']
  const username = name.trim()
  checkText(username, { maxBytes: usernameLimits.bytesPerValue, at: 'user name', code: 'attribute_invalid' })
  return { username, usernameRule }
}
