import type { Organization } from '../directory/organization.ts'
import type { Role } from '../directory/role.ts'
import { LatchkeyError } from '../errors.ts'
import { checkQuestion, questionsOf } from '../provisioning/answers.ts'
import { compileAccountTypes } from '../provisioning/choose-account-type.ts'

/**
 * What an organization declares about its accounts can be used: conditions compile, questions can be answered, and default
 * roles are roles of the organization that a sign-in may grant. Throws `input_invalid`, `role_not_found`, `role_not_grantable`.
 */
export function checkDeclarations({ id, declared }: Organization, roles: readonly Role[]): void {
  if (declared === undefined) return
  const place = `organizations.${id}.accountTypes`
  checkConditions(declared, place)
  for (const question of questionsOf(declared)) {
    checkQuestion(question, `organizations.${id}.customFields.${question.field}.ask`)
  }
  for (const [index, { defaultRole, mayHold = [] }] of (declared.accountTypes ?? []).entries()) {
    for (const name of [...(defaultRole === undefined ? [] : [defaultRole]), ...mayHold]) {
      checkRole(name, id, roles, `${place}.${index}`)
    }
  }
}

function checkConditions(declared: NonNullable<Organization['declared']>, place: string): void {
  try {
    compileAccountTypes(declared)
  } catch (error) {
    if (!(error instanceof LatchkeyError)) throw error
    const at = error.detail.at?.replace('accountTypes', place) ?? place
    throw new LatchkeyError(error.code, { ...error.detail, at }, { cause: error })
  }
}

function checkRole(name: string, organizationId: string, roles: readonly Role[], at: string): void {
  const role = roles.find((candidate) => candidate.organizationId === organizationId && candidate.name === name)
  const detail = { check: 'role of an account type', wanted: 'a role of kind application', arrived: name, at }
  if (role === undefined) throw new LatchkeyError('role_not_found', detail)
  if (role.kind === 'administration') throw new LatchkeyError('role_not_grantable', detail)
}
