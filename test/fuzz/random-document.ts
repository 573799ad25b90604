import type { Random } from './random.ts'

/**
 * Any XML, made from the grammar: namespaces that are redeclared, undeclared and shadowed, every way to write a character,
 * and now and then something that is not XML at all.
 */
export function randomDocument(random: Random): string {
  const declaration = random.chance(0.2) ? random.pick(declarations) : ''
  const before = random.chance(0.05) ? random.pick(['\ufeff', '<!-- c -->', '<?p i?>', '\n', '<!DOCTYPE a>']) : ''
  const after = random.chance(0.1) ? random.pick(['\n', '<!-- c -->', '<?p i?>', 'x', '<a/>', '\0']) : ''
  return declaration + before + new DocumentWriter(random).element(0, new Set(['xml'])) + after
}

const declarations = [
  '<?xml version="1.0"?>',
  '<?xml version="1.0" encoding="UTF-8"?>\n',
  "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>",
  '<?xml version="1.1"?>',
  '<?xml version="1.0" encoding="ISO-8859-1"?>',
]
export const prefixNames = ['a', 'b', 'A', 'B', 'a1', 'a-b', 'ds', 'saml', '_', 'xsi', 'x.y', 'zz']
const localNames = ['a', 'b', 'A', 'ID', 'x-y', 'x.y', '_1', 'Value', 'lang', 'Q0']
const uris = ['urn:a', 'urn:b', 'urn:c', 'http://a.example/', 'http://a.example/#', 'URN:a', 'urn:a:%20']
const oddUris = [
  '',
  'relative',
  'urn:a&amp;b',
  'urn:&#x61;',
  'http://www.w3.org/XML/1998/namespace',
  'urn:ä',
  ' urn:a',
  'urn:a\n',
]
const spaces = [' ', ' ', ' ', '\n', '\t', '\r\n', '\r', '  ']
const texts = [
  'x',
  'text',
  ' ',
  '\n',
  '\r\n',
  '\r',
  '\t',
  '>',
  'é',
  '日本',
  '😀',
  '\u0085',
  '\u2028',
  '\u00a0',
  ']]',
  'a=b',
  '"',
  "'",
  '\u0301',
]
const references = [
  '&lt;',
  '&gt;',
  '&amp;',
  '&quot;',
  '&apos;',
  '&#13;',
  '&#xA;',
  '&#9;',
  '&#x20;',
  '&#x1F600;',
  '&#65;',
  '&#x85;',
  '&#x0041;',
  '&#60;',
  '&#38;',
]
const oddTexts = [
  ']]>',
  '&',
  '&x;',
  '&#0;',
  '&#xD800;',
  '&#xFFFE;',
  '&#x110000;',
  '&#;',
  '&lt',
  '\u0001',
  '\ufffe',
  '\ud800',
  '<',
  '&#x;',
  '&#X41;',
  '&amp',
  '\u000b',
]

class DocumentWriter {
  readonly #random: Random
  /** Now and then a document that has something wrong in it. */
  readonly #odd: number

  constructor(random: Random) {
    this.#random = random
    this.#odd = random.chance(0.75) ? 0 : 0.03
  }

  element(depth: number, inScope: ReadonlySet<string>): string {
    const random = this.#random
    const prefixes = new Set(inScope)
    const declared = this.#declarations(prefixes)
    const name = this.#name(prefixes)
    const parts = [...declared, ...this.#attributes(prefixes)]
    if (random.chance(0.3)) parts.reverse()
    const tag = `<${name}${parts.map((part) => random.pick(spaces) + part).join('')}${random.chance(0.1) ? ' ' : ''}`
    if (random.chance(0.15)) return `${tag}/>`
    const end = random.chance(this.#odd) ? 'a' : name
    return `${tag}>${this.#content(depth, prefixes)}</${end}${random.chance(0.05) ? ' ' : ''}>`
  }

  #declarations(prefixes: Set<string>): readonly string[] {
    const random = this.#random
    const chosen = new Set(
      random.times(random.chance(0.5) ? random.below(4) : 0, () => random.pick(['', ...prefixNames])),
    )
    return [...chosen].map((prefix) => {
      const odd = random.chance(this.#odd)
      const uri = prefix === '' && random.chance(0.3) ? '' : random.pick(odd ? oddUris : uris)
      prefixes.add(prefix)
      return `${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}=${this.#quoted(uri)}`
    })
  }

  #name(prefixes: ReadonlySet<string>): string {
    const random = this.#random
    const usable = [...prefixes].filter((prefix) => prefix !== 'xml' && prefix !== '')
    const prefix = random.chance(0.5) || usable.length === 0 ? '' : random.pick(usable)
    const local = random.chance(this.#odd)
      ? random.pick(['é', '1', 'a:b', ':', 'a\u0300', '😀', 'xmlns'])
      : random.pick(localNames)
    return prefix === '' ? local : `${prefix}:${local}`
  }

  #attributes(prefixes: ReadonlySet<string>): readonly string[] {
    const random = this.#random
    const names = random.times(random.below(5), () => {
      const usable = [...prefixes].filter((prefix) => prefix !== '')
      return random.chance(0.5) ? random.pick(localNames) : `${random.pick(usable)}:${random.pick(localNames)}`
    })
    const kept = random.chance(this.#odd) ? names : [...new Set(names)]
    return kept.map((name) => `${name}${random.chance(0.1) ? ' = ' : '='}${this.#quoted(this.#value())}`)
  }

  #value(): string {
    const random = this.#random
    return random.times(random.below(4), () => this.#characters()).join('')
  }

  #characters(): string {
    const random = this.#random
    if (random.chance(this.#odd)) return random.pick(oddTexts)
    return random.pick(random.chance(0.4) ? references : texts)
  }

  #quoted(value: string): string {
    const double = this.#random.chance(0.7)
    const quote = double ? '"' : "'"
    return (
      quote + (this.#random.chance(this.#odd) ? value : value.replaceAll(quote, double ? '&quot;' : '&apos;')) + quote
    )
  }

  #content(depth: number, prefixes: ReadonlySet<string>): string {
    const random = this.#random
    return random
      .times(random.below(5), () => {
        const choice = random.below(20)
        if (choice < 8) return this.#characters()
        if (choice < 10) return this.#section()
        if (choice === 10 && random.chance(0.3))
          return random.pick(['<!---->', '<!-- - -->', '<!-- a -- b -->', '<?p?>', '<?p i ?>'])
        return depth < 6 ? this.element(depth + 1, prefixes) : this.#characters()
      })
      .join('')
  }

  #section(): string {
    const random = this.#random
    return `<![CDATA[${random.times(random.below(3), () => random.pick([...texts, '<', '&', '&amp;', ']', '<!--'])).join('')}]]>`
  }
}
