import type { CommandResult } from '../../admin/commands.ts'
import { LatchkeyError } from '../../errors.ts'
import { textList, textTable } from '../text-table.ts'

/** Throws `input_invalid`. */
export function readMinutes(text: string | undefined): { readonly minutes?: number } {
  if (text === undefined) return {}
  if (/^\d{1,6}$/.test(text)) return { minutes: Number(text) }
  throw new LatchkeyError('input_invalid', { check: 'minutes', wanted: 'a number', arrived: text, at: '--minutes' })
}

type Shown = CommandResult<'break-glass.show'>

export function localListText(all: readonly Shown[]): string {
  const rows = all.map(({ username, state, codes, passkeys, lastSignInAt }) => [
    username,
    state,
    `${codes.filter(({ usedAt }) => usedAt === undefined).length} of ${codes.length}`,
    String(passkeys.length),
    lastSignInAt ?? 'never',
  ])
  const none =
    'There is no local administrator: while no connection works, nobody can sign in. See: latchkey break-glass create'
  return textTable(['username', 'state', 'codes left', 'passkeys', 'last sign-in'], rows, none)
}

export function localText(shown: Shown): string {
  const about = textList([
    ['account', shown.accountId],
    ['organization', shown.organizationId],
    ['username', shown.username],
    ['state', shown.state],
    ['created', shown.createdAt],
    ['last sign-in', shown.lastSignInAt ?? 'never'],
    ['link for a passkey', shown.enrolmentExpiresAt === undefined ? 'none' : `until ${shown.enrolmentExpiresAt}`],
  ])
  const codes = shown.codes.map(({ number, createdAt, usedAt }) => [String(number), createdAt, usedAt ?? 'not used'])
  const passkeys = shown.passkeys.map(({ reference, name, isSynced, createdAt, lastUsedAt }) => [
    reference,
    name,
    isSynced ? 'may be on several devices' : 'one device',
    createdAt,
    lastUsedAt ?? 'never',
  ])
  return [
    about,
    textTable(['code', 'made', 'used'], codes, 'No recovery codes.'),
    textTable(['passkey', 'name', 'kept', 'registered', 'last used'], passkeys, 'No passkeys.'),
  ].join('\n\n')
}
