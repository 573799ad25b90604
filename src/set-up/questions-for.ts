import type { Account } from '../directory/account.ts'
import type { OrganizationDeclarations } from '../directory/organization-declarations.ts'
import type { SetUp } from '../directory/set-up.ts'
import { type Question, questionOf, questionsOf } from '../provisioning/answers.ts'

/** One question of the page. */
export interface AskedQuestion extends Question {
  /** Without an answer nothing opens. */
  readonly mustAnswer: boolean
}

/**
 * What this account is asked: what it lacks of what the sign-in found missing, and along with it whatever else is asked and
 * not there. In the order of the page. `undefined` when something was found missing that is not asked any more.
 */
export function questionsFor(
  { fields }: Pick<SetUp, 'fields'>,
  account: Pick<Account, 'fields'>,
  declared: OrganizationDeclarations | undefined,
): readonly AskedQuestion[] | undefined {
  const isLacking = (field: string) => !Object.hasOwn(account.fields, field)
  if (fields.some((field) => isLacking(field) && questionOf(field, declared) === undefined)) return undefined
  return questionsOf(declared)
    .filter(({ field }) => isLacking(field))
    .map((question) => ({ ...question, mustAnswer: question.required || fields.includes(question.field) }))
}
