import type { AccessRule } from '../directory/application.ts'
import type { AccessSubject } from './authorized.ts'

/** Whether a rule lets this account in: `allow` decides alone, else any of the roles or any of the groups; a rule that names none admits nobody. */
export function admits(rule: AccessRule, subject: AccessSubject): boolean {
  if (rule.allow !== undefined) return rule.allow === 'everyone'
  return (
    (rule.roles ?? []).some((role) => subject.roles.has(role)) ||
    (rule.groups ?? []).some((group) => subject.groups.has(group))
  )
}
