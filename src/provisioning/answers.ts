import type { Ask, CustomField, OrganizationDeclarations } from '../directory/organization-declarations.ts'
import { LatchkeyError } from '../errors.ts'
import { knownPattern } from '../mapping/known-pattern.ts'
import { fieldLimits, findFault } from './check-values.ts'
import { findTypeFault } from './custom-fields.ts'

/** A declared field that the person is asked for. */
export interface Question extends Omit<CustomField, 'ask'> {
  readonly field: string
  readonly ask: Ask
}

/** What is wrong with an answer. */
export type AnswerFault = 'missing' | 'too-long' | 'characters' | 'type' | 'choice' | 'pattern'

/** The question that a field is asked with; `undefined` where it is not asked. */
export function questionOf(field: string, declared: OrganizationDeclarations | undefined): Question | undefined {
  const custom = declared?.customFields
  if (custom === undefined || !Object.hasOwn(custom, field)) return undefined
  const { ask, ...declaredField } = custom[field] ?? {}
  return ask === undefined ? undefined : ({ ...declaredField, field, ask } as Question)
}

/** All that is asked, in the order of the page. */
export function questionsOf(declared: OrganizationDeclarations | undefined): readonly Question[] {
  const questions = Object.keys(declared?.customFields ?? {}).flatMap((field) => questionOf(field, declared) ?? [])
  return questions.sort(byOrder)
}

/** The storage does not keep the order of the declaration. */
function byOrder({ ask: one }: Question, { ask: other }: Question): number {
  const places = (one.order ?? Number.MAX_SAFE_INTEGER) - (other.order ?? Number.MAX_SAFE_INTEGER)
  return places !== 0 ? places : one.label < other.label ? -1 : 1
}

/** An answer as it is judged and kept: without white space around it, in one normal form. */
export function readAnswer(typed: string): string {
  return typed.normalize('NFC').trim()
}

/** Why an answer that was given cannot be kept. Bounded in time, whatever the pattern and the answer. */
export function findAnswerFault(
  { field, ask, ...question }: Question,
  answer: string,
): Exclude<AnswerFault, 'missing'> | undefined {
  if ([...answer].length > ask.maxLength) return 'too-long'
  if (findFault([answer], fieldLimits) !== undefined) return 'characters'
  if (findTypeFault(field, [answer], { customFields: { [field]: question } }) !== undefined) return 'type'
  if (ask.choices !== undefined && !ask.choices.includes(answer)) return 'choice'
  if (ask.pattern !== undefined && !knownPattern(ask.pattern).matches(answer)) return 'pattern'
  return undefined
}

/** The question can be answered: its pattern compiles, and each choice would be taken. Throws `input_invalid` at the setting. */
export function checkQuestion(question: Question, at: string): void {
  const { pattern, choices = [] } = question.ask
  if (pattern !== undefined) knownPattern(pattern, `${at}.pattern`)
  for (const [index, choice] of choices.entries()) {
    const fault = readAnswer(choice) === choice ? findAnswerFault(question, choice) : 'characters'
    if (fault === undefined) continue
    throw new LatchkeyError('input_invalid', {
      check: 'choice',
      wanted: 'a choice of the type of its field, that its pattern and maxLength let through',
      arrived: fault,
      at: `${at}.choices.${index}`,
    })
  }
}
