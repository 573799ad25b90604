import { compilePattern, type Pattern } from './pattern.ts'

const known = new Map<string, Pattern>()

/** Compiled once. Patterns stand in the configuration and never in an assertion, so they are few. */
export function knownPattern(source: string, at = 'pattern'): Pattern {
  const found = known.get(source)
  if (found !== undefined) return found
  const compiled = compilePattern(source, at)
  if (known.size >= 2000) known.clear()
  known.set(source, compiled)
  return compiled
}
