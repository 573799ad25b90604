import { refuseExpression, toExpressionFault } from './expression-fault.ts'
import { checkGuards } from './expression-guards.ts'
import { type ExpressionScope, environmentOf } from './expression-scope.ts'
import { meterExpression } from './meter-expression.ts'
import type { Malformed } from './outcome.ts'
import { withinWorkLimit } from './work-limit.ts'

/**
 * Expressions in CEL (the Common Expression Language), type-checked when they are compiled. What they may read is a scope;
 * what they may call is bounded by `expression-guards.ts`, how long they may take by `work-limit.ts`. See docs/decisions/0201.
 */
export interface Expression<Result> {
  /** Names of variables it reads. */
  readonly reads: ReadonlySet<string>
  /**
   * What it gives for these variables, or why it gives nothing: a key that is not there, a number that is none. Throws
   * `attribute_invalid` when it takes too much work.
   */
  evaluate(variables: Readonly<Record<string, unknown>>): Result | Malformed
}

export function isFault(result: boolean | readonly string[] | Malformed): result is Malformed {
  return typeof result === 'object' && !Array.isArray(result)
}

/** Gives true or false. Throws `input_invalid` at the setting, with the position. */
export function compileCondition(source: string, scope: ExpressionScope, at: string): Expression<boolean> {
  const { run, reads } = compile(source, scope, ['bool'], 'true or false', at)
  return { reads, evaluate: (variables) => attempt(() => run(variables) as boolean) }
}

/** Gives a text or a list of texts. Throws `input_invalid` at the setting, with the position. */
export function compileValues(source: string, scope: ExpressionScope, at: string): Expression<readonly string[]> {
  const { run, reads } = compile(source, scope, ['string', 'list<string>'], 'a text or a list of texts', at)
  return { reads, evaluate: (variables) => attempt(() => [run(variables) as string | readonly string[]].flat()) }
}

function compile(source: string, scope: ExpressionScope, types: readonly string[], wanted: string, at: string) {
  const environment = environmentOf(scope)
  let parsed: ReturnType<typeof environment.parse>
  try {
    parsed = environment.parse(source)
  } catch (error) {
    return refuseExpression(toExpressionFault(error, source), scope, at)
  }
  const checked = parsed.check()
  if (!checked.valid) return refuseExpression(toExpressionFault(checked.error, source), scope, at)
  const reads = checkGuards(parsed.ast, at)
  if (!types.includes(checked.type ?? '')) {
    return refuseExpression({ wanted, arrived: `an expression of type ${checked.type}`, position: 1 }, scope, at)
  }
  meterExpression(parsed.ast)
  return { run: parsed, reads }
}

/** Only the library's own errors say that the values do not fit; anything else is a fault of ours. */
function attempt<Result>(evaluate: () => Result): Result | Malformed {
  try {
    return withinWorkLimit('work of an expression', evaluate)
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'EvaluationError') throw error
    const { code = 'evaluation_error' } = error as Error & { readonly code?: string }
    // Not the expression itself: the partner's administrators read this, and it is ours.
    return { wanted: `values that the expression can use (${code})` }
  }
}
