import type { Account } from '../directory/account.ts'
import type { Organization } from '../directory/organization.ts'

/** What stands for a value that is not shown. */
export const maskedValue = '•••'

/** An account without the values of fields that its organization declares sensitive; how many there are stays to be seen. */
export function maskAccount(account: Account, { declared }: Organization): Account {
  const custom = declared?.customFields ?? {}
  const isSensitive = (name: string) => Object.hasOwn(custom, name) && custom[name]?.sensitive === true
  if (!Object.keys(account.fields).some(isSensitive)) return account
  const fields = Object.entries(account.fields).map(([name, field]) => [
    name,
    isSensitive(name) ? { ...field, values: field.values.map(() => maskedValue) } : field,
  ])
  return { ...account, fields: Object.fromEntries(fields) }
}
