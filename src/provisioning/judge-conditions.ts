import type { Connection } from '../directory/connection.ts'
import type { Condition } from '../directory/mapping-settings.ts'
import { type ErrorDetail, LatchkeyError } from '../errors.ts'
import { isFault } from '../mapping/expression.ts'
import { type CompiledCondition, compiledMapping } from './compiled-mapping.ts'
import type { Subject } from './subject.ts'

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
  const variables = subjectVariables(subject)
  const holding = conditions.find((condition) => holds(condition, variables, subject))
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

function holds(
  { name, expression }: CompiledCondition,
  variables: Readonly<Record<string, unknown>>,
  { groups }: Subject,
): boolean {
  if (expression === undefined) return true
  if (groups === 'unknown' && expression.reads.has('groups') && !expression.reads.has('groupsKnown')) {
    throw new LatchkeyError('attribute_missing', {
      check: `condition ${name}`,
      wanted: 'the groups of the person',
      arrived: 'too many to send, so they are unknown',
      advice:
        'Let the identity provider send only the groups that are assigned to the application, or have the condition look at groupsKnown.',
    })
  }
  const result = expression.evaluate(variables)
  if (!isFault(result)) return result
  const check = `condition ${name}`
  throw new LatchkeyError('attribute_invalid', { check, wanted: result.wanted, arrived: 'others' })
}

/** By the names of `mapping/expression-scope.ts`. */
function subjectVariables({ fields, groups, roles, username, nameId }: Subject): Readonly<Record<string, unknown>> {
  return {
    fields: new Map(Object.entries(fields).map(([field, { values }]) => [field, values])),
    groups: groups === 'unknown' ? [] : groups,
    groupsKnown: groups !== 'unknown',
    roles,
    username,
    nameId: nameId?.value ?? '',
    nameIdFormat: nameId?.format ?? '',
  }
}
