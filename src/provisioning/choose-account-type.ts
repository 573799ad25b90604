import type { AccountType, OrganizationDeclarations } from '../directory/organization-declarations.ts'
import { compileCondition, type Expression } from '../mapping/expression.ts'
import { holds, type JudgedSubject } from './subject-condition.ts'

/** Where an account keeps its type. */
export const accountTypeField = 'accountType'
export const accountTypeRule = 'account-type'

interface CompiledAccountType {
  readonly type: AccountType
  /** Absent: it is for everybody who is left. */
  readonly condition?: Expression<boolean>
}

const compiled = new WeakMap<OrganizationDeclarations, readonly CompiledAccountType[]>()

/** The first type that fits, for accounts that are new and for those that exist. Throws what judging a condition throws. */
export function chooseAccountType(
  declared: OrganizationDeclarations | undefined,
  subject: JudgedSubject,
): AccountType | undefined {
  if (declared?.accountTypes === undefined) return undefined
  return compileAccountTypes(declared).find(
    ({ type, condition }) => condition === undefined || holds(condition, `account type ${type.name}`, subject),
  )?.type
}

/** Throws `input_invalid` at the declaration. */
export function compileAccountTypes(declared: OrganizationDeclarations): readonly CompiledAccountType[] {
  const known = compiled.get(declared)
  if (known !== undefined) return known
  const types = (declared.accountTypes ?? []).map((type, index) => ({
    type,
    ...(type.when === undefined
      ? {}
      : { condition: compileCondition(type.when, 'subject', `accountTypes.${index}.when`) }),
  }))
  compiled.set(declared, types)
  return types
}
