import type { ModuleAnswer } from '../provisioning/consult-module.ts'
import type { Subject } from '../provisioning/subject.ts'

/** What the mapping made of an assertion. */
export interface DescribedSubject {
  readonly subjectKey: string
  readonly username: string
  readonly usernameRule: string
  readonly fields: readonly { readonly field: string; readonly values: readonly string[]; readonly rule: string }[]
  readonly roles: readonly string[]
  readonly groups: readonly string[] | 'unknown'
  readonly arrivedAttributes: readonly string[]
}

export function describeSubject(subject: Subject): DescribedSubject {
  const { subjectKey, username, usernameRule, roles, groups, arrivedAttributes } = subject
  const fields = Object.entries(subject.fields).map(([field, { values, rule }]) => ({ field, values, rule }))
  return { subjectKey, username, usernameRule, fields, roles, groups, arrivedAttributes }
}

/** A mapping module's part: whole, because only a preview shows it. */
export interface DescribedAnswer {
  readonly module: string
  readonly input: ModuleAnswer['input']
  readonly fields: readonly { readonly field: string; readonly values: readonly string[] }[]
  readonly groups: readonly string[]
  readonly roles: readonly string[]
}

export function describeAnswer({ module, input, fields, groups, roles }: ModuleAnswer): DescribedAnswer {
  return { module, input, fields: fields.map(([field, values]) => ({ field, values })), groups, roles }
}
