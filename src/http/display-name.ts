import type { Account } from '../directory/account.ts'

/** How a person is addressed: their display name, else their common name, else their user name. */
export function displayNameOf({ fields, username }: Pick<Account, 'fields' | 'username'>): string {
  return fields.displayName?.values[0] ?? fields.cn?.values[0] ?? username
}
