import { nearestName } from '../nearest-name.ts'
import { callable } from './expression-guards.ts'
import { type ExpressionScope, namesOf } from './expression-scope.ts'
import { refuseSetting } from './setting-fault.ts'

/** Why an expression cannot be saved. */
export interface ExpressionFault {
  readonly wanted: string
  readonly arrived: string
  /** Counted from 1. */
  readonly position: number
  readonly advice?: string
}

/** Throws `input_invalid` with the position in the expression and, where there is one, a hint. */
export function refuseExpression(fault: ExpressionFault, scope: ExpressionScope, at: string): never {
  const { wanted, arrived, position } = fault
  const advice = fault.advice ?? hintFor(arrived, scope)
  refuseSetting({
    check: 'expression',
    wanted,
    arrived,
    at: `${at}: position ${position}`,
    ...(advice === undefined ? {} : { advice }),
  })
}

/** What the parser or the type checker found, with the place it marks. */
export function toExpressionFault(error: unknown, source: string): ExpressionFault {
  if (!(error instanceof Error)) throw error
  const { summary, range } = error as Error & { readonly summary?: string; readonly range?: { readonly start: number } }
  if (range === undefined) throw error
  const marked = source.slice(range.start, range.start + 40)
  return {
    wanted: 'a CEL expression',
    arrived: `${summary ?? 'an error'}${marked === '' ? ', at the end' : `, at “${marked}”`}`,
    position: range.start + 1,
  }
}

function hintFor(arrived: string, scope: ExpressionScope): string | undefined {
  const unknown = /Unknown variable: (\w+)/.exec(arrived)?.[1]
  if (unknown !== undefined) {
    const names = namesOf(scope)
    const near = nearestName(unknown, names)
    return near === undefined ? `It may read ${names.join(', ')}.` : `Did you mean ${near}?`
  }
  const uncalled = /no matching overload for '(?:[^(]*\.)?(\w+)\(/.exec(arrived)?.[1]
  if (uncalled !== undefined) return hintForCall(uncalled)
  if (/^no such overload: \S+ \S+ /.test(arrived))
    return 'Both sides must be of one type: string(…) makes a text of a number, int(…) a number of a text.'
  if (arrived.startsWith('an expression of type')) return 'Use string(…) for a number, or a comparison for a condition.'
  return undefined
}

function hintForCall(name: string): string {
  if (callable.has(name)) return 'There is such a function, for values of other types or another number of them.'
  const near = nearestName(name, [...callable])
  return near === undefined ? `It may call ${[...callable].join(', ')}.` : `Did you mean ${near}?`
}
