import type { Random } from './random.ts'

const parts: readonly (readonly [open: string, close: string])[] = [
  ['<a/>', ''],
  ['<a b="c" d="e"/>', ''],
  ['<a>', '</a>'],
  ['&amp;', ''],
  ['&#x41;', ''],
  ['\r', ''],
  ['\r\n', ''],
  ['<![CDATA[x]]>', ''],
  ['<a xmlns:x="urn:x"/>', ''],
  ['<a xmlns:x="urn:x"><x:b/>', '</a>'],
  ['<a xmlns:x0="urn:0" xmlns:x1="urn:1" xmlns:x2="urn:2"><x0:b x1:c="" x2:c=""/></a>', ''],
  [' ', ''],
  ['é', ''],
  ['😀', ''],
  ['<a ID="_a"/>', ''],
  ['<a b="&#9;&#10;\'"/>', ''],
  ['&', ''],
  ['<', ''],
  [']]', ''],
  ['<!-- -->', ''],
  ['<a b=', ''],
  ['x', ''],
]

/** One thing after another or inside another, up to the longest message there may be: where time or memory may run away. */
export function longDocument(random: Random): string {
  const size = 2 ** (12 + random.below(7)) - random.below(1000)
  const [open, close] = random.pick(parts)
  const [other, otherClose] = random.chance(0.5) ? [open, close] : random.pick(parts)
  const unit = open + other
  const count = Math.max(1, Math.floor(size / (unit.length + close.length + otherClose.length)))
  const nested = random.chance(0.8) ? Math.min(count, 40) : count
  const inside = unit.repeat(count - (close === '' ? 0 : nested))
  if (close === '' && otherClose === '') return place(inside, random)
  return place(unit.repeat(nested) + (close === '' ? inside : '') + (otherClose + close).repeat(nested), random)
}

/** In text, in an attribute's value, among the attributes of a tag, or below namespaces that all of it repeats. */
function place(text: string, random: Random): string {
  const choice = random.below(10)
  if (choice === 0) return `<r a="${text.replaceAll(/[<"]/g, '')}"/>`
  if (choice === 1)
    return `<r${Array.from({ length: text.length >> 4 }, (_unused, index) => ` a${index}="x"`).join('')}/>`
  if (choice === 2)
    return `<r${Array.from({ length: text.length >> 4 }, (_unused, index) => ` xmlns:a${index}="u:x"`).join('')}/>`
  if (choice === 3) return `<r>${'\n'.repeat(text.length)}<${'a'.repeat(text.length >> 2)}/></r>`
  if (choice === 4)
    return `<r xmlns:x="urn:${'a'.repeat(random.below(1100))}" xmlns="urn:${'b'.repeat(random.below(1100))}">${'<x:b/>'.repeat(text.length >> 4)}</r>`
  return `<r>${text}</r>`
}
