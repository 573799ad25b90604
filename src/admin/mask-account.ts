import type { Account } from '../directory/account.ts'
import type { Organization } from '../directory/organization.ts'

/** What stands for a value that is not shown. */
export const maskedValue = '•••'

/** Whether its organization declares the field sensitive. */
export function isSensitive(field: string, { declared }: Organization): boolean {
  const custom = declared?.customFields ?? {}
  return Object.hasOwn(custom, field) && custom[field]?.sensitive === true
}

/** An account without the values of fields that its organization declares sensitive; how many there are stays to be seen. */
export function maskAccount(account: Account, organization: Organization): Account {
  if (!Object.keys(account.fields).some((name) => isSensitive(name, organization))) return account
  const fields = Object.entries(account.fields).map(([name, field]) => [
    name,
    isSensitive(name, organization) ? { ...field, values: field.values.map(() => maskedValue) } : field,
  ])
  return { ...account, fields: Object.fromEntries(fields) }
}
