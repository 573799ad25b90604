import type { Connection } from '../directory/connection.ts'
import type { Condition } from '../directory/mapping-settings.ts'
import { type ErrorDetail, LatchkeyError } from '../errors.ts'
import { compiledMapping } from './compiled-mapping.ts'
import type { Subject } from './subject.ts'
import { holds } from './subject-condition.ts'

/** What the conditions of a connection say about a subject that they do not refuse. */
export type Verdict = { readonly verdict: 'allow' } | { readonly verdict: 'hold'; readonly condition: Condition }

/**
 * Whether this person may sign in, judged on the mapped subject alone and so before anything is written: the same for
 * somebody new and somebody known. The first condition that holds decides; when none does, the sign-in goes on. A
 * condition that cannot be judged refuses.
 *
 * Throws `sign_in_denied`, `attribute_missing`, `attribute_invalid`.
 */
export function judgeConditions(subject: Subject, connection: Connection): Verdict {
  const { conditions } = compiledMapping(connection.settings)
  if (conditions.length === 0) return { verdict: 'allow' }
  const holding = conditions.find(
    ({ name, expression }) => expression === undefined || holds(expression, `condition ${name}`, subject),
  )
  if (holding === undefined || holding.verdict === 'allow') return { verdict: 'allow' }
  if (holding.verdict === 'hold') return { verdict: 'hold', condition: holding }
  throw new LatchkeyError('sign_in_denied', { check: `condition ${holding.name}`, ...wordsOf(holding) })
}

/** What a person who is held is told besides. */
export function wordsWhileHeld(verdict: Verdict): WordsForPerson {
  return verdict.verdict === 'hold' ? wordsOf(verdict.condition) : {}
}

type WordsForPerson = Pick<ErrorDetail, 'explanation' | 'contact'>

function wordsOf({ message, contact }: Condition): WordsForPerson {
  return {
    ...(message === undefined ? {} : { explanation: message }),
    ...(contact === undefined ? {} : { contact }),
  }
}
