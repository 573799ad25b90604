import { type ASTNode, EvaluationError } from '@marcbachmann/cel-js'
import { spend } from './work-limit.ts'

type Evaluate = (evaluator: unknown, node: unknown, context: unknown) => unknown

/** How cel-js 8 keeps what evaluates a node; not in its types. */
interface MeteredNode {
  readonly meta: { readonly evaluate: Evaluate }
  setMeta(key: 'evaluate', evaluate: Evaluate): void
}

/**
 * Has each part of an expression count what it gives, each time it is evaluated: functions take time by the length of what
 * they are given, and what they are given is what other parts gave. The types must have been checked.
 *
 * The library's `int` takes an empty text for 0, and so would take what did not arrive for a number; here it is a fault.
 */
export function meterExpression(ast: ASTNode, isForNumber = false): void {
  const node = ast as unknown as MeteredNode
  const { evaluate } = node.meta
  node.setMeta('evaluate', (evaluator, self, context) => {
    const value = evaluate(evaluator, self, context)
    spend(sizeOf(value))
    if (isForNumber && typeof value === 'string' && !/^[+-]?\d+$/.test(value)) throw noNumber()
    return value
  })
  const isNumberCall = ast.op === 'call' && ast.args[0] === 'int'
  for (const part of partsOf(ast.args)) meterExpression(part, isNumberCall)
}

function noNumber(): EvaluationError {
  return new EvaluationError({ code: 'int_conversion_error', message: 'int() of a text that is no number' })
}

function sizeOf(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length + 1 : 1
}

/** The nodes among a node's arguments, however they are nested in lists. */
export function partsOf(args: unknown): readonly ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(partsOf)
  return typeof args === 'object' && args !== null && 'op' in args ? [args as ASTNode] : []
}
