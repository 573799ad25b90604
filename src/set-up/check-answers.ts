import { type AnswerFault, findAnswerFault, readAnswer } from '../provisioning/answers.ts'
import type { AskedQuestion } from './questions-for.ts'

/** What is wrong with an answer. `taken`: another account has it, and only one may. */
export type Fault = AnswerFault | 'taken'
/** By field. */
export type Faults = ReadonlyMap<string, Fault>

export interface CheckedAnswers {
  /** Field → answer, of those that are right. What was left out is not there. */
  readonly answers: ReadonlyMap<string, string>
  readonly faults: Faults
}

/** Judges every answer, so that a person sees all that is wrong at once. What was not asked is not looked at. */
export function checkAnswers(questions: readonly AskedQuestion[], typed: ReadonlyMap<string, string>): CheckedAnswers {
  const answers = new Map<string, string>()
  const faults = new Map<string, AnswerFault>()
  for (const question of questions) {
    const answer = readAnswer(typed.get(question.field) ?? '')
    const fault = faultOf(question, answer)
    if (fault !== undefined) faults.set(question.field, fault)
    else if (answer !== '') answers.set(question.field, answer)
  }
  return { answers, faults }
}

function faultOf(question: AskedQuestion, answer: string): AnswerFault | undefined {
  if (answer !== '') return findAnswerFault(question, answer)
  return question.mustAnswer ? 'missing' : undefined
}
