import type { LocalHolder } from '../directory/local-administrator.ts'
import { LatchkeyError } from '../errors.ts'
import { hashToken } from '../sessions/token-hash.ts'
import type { BreakGlassDependencies } from './break-glass-dependencies.ts'
import type { SentForm } from './enter.ts'
import { checkFormToken } from './form-token.ts'
import { siteOf, verifyCreated } from './passkey.ts'

/** Registering a passkey with a link that an administrator gave out. The link is used up with the passkey, not before. */

/** Whose link this is. Throws `enrolment_link_invalid`. */
export async function findEnrolment(
  link: string,
  { directory, now }: Pick<BreakGlassDependencies, 'directory' | 'now'>,
): Promise<LocalHolder & { readonly credentialIds: readonly string[] }> {
  const codeHash = hashToken(link)
  const found = codeHash === undefined ? undefined : await directory.findEnrolment(codeHash, now())
  if (found === undefined) throw linkInvalid()
  return found
}

/**
 * Keeps the passkey. Throws `enrolment_link_invalid`, `passkey_invalid`, `passkey_exists`, `break_glass_form_invalid`.
 */
export async function enrolPasskey(
  sent: SentForm & { readonly link: string; readonly name: string; readonly passkey: string },
  deps: BreakGlassDependencies,
): Promise<LocalHolder> {
  checkFormToken(sent.token, { ...sent, purpose: 'enrol', secret: deps.secret(), now: deps.now() })
  const { credentialIds: _known, ...holder } = await findEnrolment(sent.link, deps)
  const site = siteOf(deps.publicUrl)
  if (site === undefined) throw new LatchkeyError('passkey_invalid', { check: 'public URL', wanted: 'a name' })
  const passkey = await verifyCreated(sent.passkey, sent.token, site)
  const { organizationId, accountId } = holder
  const name = nameOf(sent.name)
  const target = `account:${accountId}`
  const detail = { passkey: name, isSynced: passkey.isSynced }
  const event = {
    id: deps.newId(),
    at: deps.now(),
    actor: target,
    action: 'break_glass.passkey_registered',
    target,
    detail,
  }
  const enrolmentHash = hashToken(sent.link) ?? ''
  const added = await deps.directory.addPasskey({ organizationId, accountId, ...passkey, name, enrolmentHash }, event)
  if (!added) throw linkInvalid()
  deps.notify({ event: 'break_glass.passkey_registered', organization: organizationId, account: accountId })
  return holder
}

function nameOf(text: string): string {
  return (
    text
      .replace(/[\p{Cc}\s]+/gu, ' ')
      .trim()
      .slice(0, 100) || 'Passkey'
  )
}

function linkInvalid(): LatchkeyError {
  return new LatchkeyError('enrolment_link_invalid', { check: 'link', wanted: 'one that counts' })
}
