import type { ASTNode } from '@marcbachmann/cel-js'
import { knownPattern } from './known-pattern.ts'
import { partsOf } from './meter-expression.ts'
import { checkTemplate } from './pattern.ts'
import { refuseSetting } from './setting-fault.ts'

/**
 * What keeps an expression short in time, whatever arrives: only functions of a list, no loop within a loop, little within
 * loops, no lists put together, patterns only as literals. The built-in `matches` runs back-tracking expressions and is not on the list.
 * What can be known only when it runs is counted there: `meter-expression.ts`.
 */

const loops = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])
const patternMethods = new Set(['matchesPattern', 'capturePattern', 'replacePattern'])
export const callable: ReadonlySet<string> = new Set([
  ...loops,
  ...patternMethods,
  'has',
  'first',
  'size',
  'contains',
  'startsWith',
  'endsWith',
  'lowerAscii',
  'upperAscii',
  'trim',
  'indexOf',
  'lastIndexOf',
  'substring',
  'join',
  'string',
  'int',
  'double',
  'bool',
])

/** Nodes within loops, all of them together: what is run for each value. */
const mostLoopNodes = 60

interface Walk {
  readonly at: string
  readonly reads: Set<string>
  readonly loopNodes: ASTNode[]
  readonly isInLoop: boolean
}

/** Gives the names the expression reads. Throws `input_invalid` with the position. The types must have been checked. */
export function checkGuards(ast: ASTNode, at: string): ReadonlySet<string> {
  const reads = new Set<string>()
  walk(ast, { at, reads, loopNodes: [], isInLoop: false })
  return reads
}

function walk(node: ASTNode, context: Walk): void {
  if (context.isInLoop && context.loopNodes.push(node) > mostLoopNodes) {
    refuse(node, `at most ${mostLoopNodes} names, values and operators within loops`, 'more', context)
  }
  if (node.op === 'id') context.reads.add(node.args)
  else if (node.op === 'call') checkCall(node, node.args[0], node.args[1], context)
  else if (node.op === 'rcall') {
    const [name, receiver, args] = node.args
    walk(receiver, context)
    checkCall(node, name, args, context)
  } else {
    if (node.op === '+' && isList(node)) refuse(node, 'no lists put together', 'list + list', context)
    for (const part of partsOf(node.args)) walk(part, context)
  }
}

function checkCall(node: ASTNode, name: string, args: readonly ASTNode[], context: Walk): void {
  if (!callable.has(name)) {
    const advice = name === 'matches' ? 'Use text.matchesPattern("…"): it matches the whole text.' : undefined
    refuse(node, `one of ${[...callable].join(', ')}`, `${name}()`, context, advice)
  }
  if (patternMethods.has(name)) checkPatternCall(name, args, context)
  if (name === 'join') checkSeparator(args[0], context)
  const isLoop = loops.has(name) && args.length > 1
  if (isLoop && context.isInLoop) refuse(node, 'no loop within a loop', `${name}() within another`, context)
  for (const arg of args) walk(arg, isLoop ? { ...context, isInLoop: true } : context)
}

function checkPatternCall(name: string, [pattern, template]: readonly ASTNode[], context: Walk): void {
  const texts = [pattern, template].map((node) => (node?.op === 'value' ? node.args : undefined))
  const [source, by] = texts
  if (pattern === undefined || typeof source !== 'string' || source.length > 500) {
    refuse(pattern, 'a pattern written as a text of at most 500 characters', `${name}() of something else`, context)
  }
  const place = placeOf(pattern, context)
  const compiled = knownPattern(source, place)
  if (template === undefined) return
  if (typeof by !== 'string') refuse(template, 'a replacement written as a text', 'something else', context)
  checkTemplate(by, compiled, place)
}

/** Put between thousands of values, a text that arrived could be made into gigabytes at one stroke. */
function checkSeparator(separator: ASTNode | undefined, context: Walk): void {
  if (separator === undefined || separator.op === 'value') return
  refuse(separator, 'a separator written as a text', 'join() with something else', context)
}

function isList(node: ASTNode): boolean {
  const { checkedType } = node as ASTNode & {
    readonly checkedType?: { readonly kind?: string; readonly name?: string }
  }
  return checkedType === undefined || !/^(?:string|int|uint|double|timestamp|duration)$/.test(checkedType.name ?? '')
}

function placeOf(node: ASTNode | undefined, { at }: Walk): string {
  return `${at}: position ${(node?.start ?? 0) + 1}`
}

function refuse(node: ASTNode | undefined, wanted: string, arrived: string, context: Walk, advice?: string): never {
  return refuseSetting({
    check: 'expression',
    wanted,
    arrived,
    at: placeOf(node, context),
    ...(advice === undefined ? {} : { advice }),
  })
}
