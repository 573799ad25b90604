import { RE2JS, RE2JSException } from 're2js'
import { refuseSetting } from './setting-fault.ts'
import { spend } from './work-limit.ts'

/**
 * Regular expressions of an administrator, run by RE2: in time linear to the value, whatever the pattern. No look-around
 * and no back-references, therefore. See docs/decisions/0200.
 */
export interface Pattern {
  /** Whether the pattern matches the whole value. */
  matches(value: string): boolean
  /** The first group of the first match, the match itself without groups; nothing where there is no match. */
  capture(value: string): string | undefined
  /** Every match replaced; `$1` to `$9` stand for groups, `$0` for the match. */
  replace(value: string, template: string): string
  readonly groups: number
}

/** Throws `input_invalid` at the setting when it is no pattern of RE2. */
export function compilePattern(source: string, at: string): Pattern {
  const compiled = compile(source, at)
  const size = checkedSize(compiled, at)
  const spendOn = (value: string) => spend(size * value.length)
  return {
    matches(value) {
      spendOn(value)
      return compiled.matcher(value).matches()
    },
    capture(value) {
      spendOn(value)
      const matcher = compiled.matcher(value)
      if (!matcher.find()) return undefined
      return matcher.group(matcher.groupCount() > 0 ? 1 : 0) ?? undefined
    },
    replace(value, template) {
      spendOn(value)
      return replaceAll(compiled, value, template)
    },
    groups: compiled.groupCount(),
  }
}

function compile(source: string, at: string): RE2JS {
  try {
    return RE2JS.compile(source)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    return refuseSetting({
      check: 'pattern',
      wanted: 'a regular expression of RE2: no look-around, no back-references',
      arrived: error.message.replace(/^error parsing regexp: /, '').slice(0, 200),
      at,
    })
  }
}

/** Instructions, in which counted repetitions are written out. `[A-Z]{2,4}` has 8, a pattern for mail addresses some hundred. */
const mostInstructions = 5000

function checkedSize(compiled: RE2JS, at: string): number {
  const size = compiled.programSize()
  if (size <= mostInstructions) return size
  return refuseSetting({
    check: 'pattern',
    wanted: `at most ${mostInstructions} steps, with counted repetitions like {1000} written out`,
    arrived: `${size} steps`,
    at,
  })
}

/** Throws `input_invalid` when a template names a group that the pattern does not have. */
export function checkTemplate(template: string, { groups }: Pattern, at: string): void {
  const missing = [...template.matchAll(reference)].find(([, digit]) => Number(digit) > groups)
  if (missing === undefined) return
  refuseSetting({ check: 'pattern', wanted: `$0 to $${groups}`, arrived: missing[0], at })
}

const reference = /\$(\d)/g
/** Finding the next match, or a group of it, takes about as long as going through this many characters. */
const unitsForMatch = 50

function replaceAll(compiled: RE2JS, value: string, template: string): string {
  const matcher = compiled.matcher(value)
  const each = unitsForMatch * (1 + (template.match(reference)?.length ?? 0))
  const parts: string[] = []
  let done = 0
  while (matcher.find()) {
    const put = template.replace(reference, (_all, digit: string) => matcher.group(Number(digit)) ?? '')
    spend(each + put.length)
    parts.push(value.slice(done, matcher.start()), put)
    done = matcher.end()
  }
  return parts.join('') + value.slice(done)
}
