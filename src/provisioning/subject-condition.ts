import { LatchkeyError } from '../errors.ts'
import { type Expression, isFault } from '../mapping/expression.ts'
import { withinWorkLimit } from '../mapping/work-limit.ts'
import type { Subject } from './subject.ts'

/** What a condition needs to know of a subject. */
export type JudgedSubject = Pick<Subject, 'fields' | 'groups' | 'roles' | 'username' | 'nameId'>

/**
 * Whether a condition holds for a subject. One that cannot be judged refuses, so that nobody slips through by what did not
 * arrive. Throws `attribute_missing`, `attribute_invalid`.
 */
export function holds(condition: Expression<boolean>, check: string, subject: JudgedSubject): boolean {
  const { reads } = condition
  if (subject.groups === 'unknown' && reads.has('groups') && !reads.has('groupsKnown')) {
    throw new LatchkeyError('attribute_missing', {
      check,
      wanted: 'the groups of the person',
      arrived: 'too many to send, so they are unknown',
      advice:
        'Let the identity provider send only the groups that are assigned to the application, or have the condition look at groupsKnown.',
    })
  }
  const result = withinWorkLimit(`work of ${check}`, () => condition.evaluate(variablesOf(subject)))
  if (!isFault(result)) return result
  throw new LatchkeyError('attribute_invalid', { check, wanted: result.wanted, arrived: 'others' })
}

/** By the names of `mapping/expression-scope.ts`. */
function variablesOf({ fields, groups, roles, username, nameId }: JudgedSubject): Readonly<Record<string, unknown>> {
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
