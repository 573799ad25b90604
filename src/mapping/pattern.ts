import { RE2JS, RE2JSException } from 're2js'
import { refuseSetting } from './setting-fault.ts'

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
  return {
    matches: (value) => compiled.matcher(value).matches(),
    capture(value) {
      const matcher = compiled.matcher(value)
      if (!matcher.find()) return undefined
      return matcher.group(matcher.groupCount() > 0 ? 1 : 0) ?? undefined
    },
    replace: (value, template) => replaceAll(compiled, value, template),
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

/** Throws `input_invalid` when a template names a group that the pattern does not have. */
export function checkTemplate(template: string, { groups }: Pattern, at: string): void {
  const missing = [...template.matchAll(reference)].find(([, digit]) => Number(digit) > groups)
  if (missing === undefined) return
  refuseSetting({ check: 'pattern', wanted: `$0 to $${groups}`, arrived: missing[0], at })
}

const reference = /\$(\d)/g

function replaceAll(compiled: RE2JS, value: string, template: string): string {
  const matcher = compiled.matcher(value)
  const parts: string[] = []
  let done = 0
  while (matcher.find()) {
    parts.push(
      value.slice(done, matcher.start()),
      template.replace(reference, (_all, digit: string) => matcher.group(Number(digit)) ?? ''),
    )
    done = matcher.end()
  }
  return parts.join('') + value.slice(done)
}
