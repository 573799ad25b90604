/** Random well-formed documents that try canonicalization hard. The same seed gives the same document. */
export interface RandomDocument {
  readonly xml: string
  readonly prefixList: readonly string[]
}

export interface RandomOptions {
  readonly prefixes: readonly string[]
  /** Whether the default namespace may stand in the PrefixList. */
  readonly defaultInPrefixList: boolean
}

export function randomDocument(seed: number, options: RandomOptions): RandomDocument {
  const random = new Random(seed)
  const scope = new Map<string, string>([['', '']])
  const xml = writeElement(random, scope, options, 0)
  const candidates = [...options.prefixes, ...(options.defaultInPrefixList ? ['#default'] : [])]
  return { xml, prefixList: candidates.filter(() => random.below(3) === 0) }
}

/** Mulberry32. */
class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T
  }
}

const uris = ['urn:example:1', 'urn:example:2', 'http://example.com/ns#']
const texts = ['x', ' ', '\n  ', '&amp;', '&lt;', '&gt;', '&#13;', '&#x9;', '"', "'", '\u00e9', '\u{1f511}', '>', 'a b']
const values = ['', 'x', '&amp;', '&lt;', '&quot;', '&#10;', '&#x9;', '\n', '\t', '\u00e9', '\u{1f511}', '>', "'"]
const localNames = ['a', 'b', 'ab', 'B', 'a-b', 'a.b', '_']

function writeElement(
  random: Random,
  outer: ReadonlyMap<string, string>,
  options: RandomOptions,
  depth: number,
): string {
  const scope = new Map(outer)
  const declarations = writeDeclarations(random, scope, options)
  const prefix = random.pick([...scope.keys()])
  const name = prefix === '' ? random.pick(localNames) : `${prefix}:${random.pick(localNames)}`
  // The root has an ID, so that it can be signed.
  const id = depth === 0 ? ' ID="_root"' : ''
  const start = `${name}${declarations}${id}${writeAttributes(random, scope)}`
  const children = Array.from({ length: depth < 4 ? random.below(5) : 0 }, () =>
    random.below(2) === 0 ? random.pick(texts) : writeElement(random, scope, options, depth + 1),
  )
  if (children.length === 0 && random.below(2) === 0) return `<${start}${random.pick(['', ' ', '\n'])}/>`
  return `<${start}>${children.join('')}</${name}>`
}

function writeDeclarations(random: Random, scope: Map<string, string>, { prefixes }: RandomOptions): string {
  let written = ''
  for (const prefix of ['', ...prefixes]) {
    if (random.below(4) !== 0) continue
    const uri = prefix === '' && random.below(3) === 0 ? '' : random.pick(uris)
    scope.set(prefix, uri)
    written += prefix === '' ? ` xmlns="${uri}"` : ` xmlns:${prefix}="${uri}"`
  }
  return written
}

function writeAttributes(random: Random, scope: ReadonlyMap<string, string>): string {
  const written = new Map<string, string>()
  for (let count = random.below(4); count > 0; count--) {
    const prefix = random.pick([...scope.keys(), ...(random.below(6) === 0 ? ['xml'] : [])])
    const localName = random.pick(localNames)
    const expanded = `${prefix === '' ? '' : (scope.get(prefix) ?? prefix)} ${localName}`
    if (!written.has(expanded)) written.set(expanded, prefix === '' ? localName : `${prefix}:${localName}`)
  }
  return [...written.values()].map((name) => ` ${name}="${random.pick(values)}${random.pick(values)}"`).join('')
}
