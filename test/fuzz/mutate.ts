import type { Random } from './random.ts'

/** Changes that keep what a text means, as XML sees it: a signature that was valid stays valid. */
export function rewrite(xml: string, random: Random): string {
  const tokens = tokensOf(xml)
  const rewritten = tokens.map((token) => {
    if (!random.chance(0.15)) return token
    if (token.startsWith('</')) return token.replace('>', random.pick([' >', '\n>', '>']))
    if (token.startsWith('<') && !/^<[?!]/.test(token)) return rewriteTag(token, random)
    return token.startsWith('<') ? token : rewriteText(token, random)
  })
  return rewritten.join('')
}

function tokensOf(xml: string): string[] {
  return xml.match(/<!\[CDATA\[[\s\S]*?\]\]>|<!--[\s\S]*?-->|<[^>]*>|[^<]+/g) ?? []
}

const attributePattern = /\s+([^\s=]+)\s*=\s*("[^"]*"|'[^']*')/g

function rewriteTag(tag: string, random: Random): string {
  const [, name = '', rest = ''] = /^<([^\s/>]+)([\s\S]*)$/.exec(tag) ?? []
  const attributes = [...rest.matchAll(attributePattern)].map(([, attribute, value = '']) => {
    const space = random.pick([' ', '\n', '\t', '  ', '\r\n'])
    return `${space}${attribute}${random.pick(['=', ' = ', '=\n'])}${requote(value, random)}`
  })
  if (random.chance(0.5)) attributes.sort(() => (random.chance(0.5) ? 1 : -1))
  if (random.chance(0.2)) attributes.push(` xmlns:unused${random.below(3)}="urn:unused"`)
  const end = tag.endsWith('/>') ? (random.chance(0.5) ? '/>' : `></${name}>`) : '>'
  return `<${name}${attributes.join('')}${random.pick(['', ' ', '\n'])}${end}`
}

function requote(value: string, random: Random): string {
  const inside = value.slice(1, -1)
  const quote = random.pick(['"', "'"])
  const escaped = inside.replaceAll(quote, quote === '"' ? '&quot;' : '&apos;')
  return quote + (random.chance(0.3) ? someReferences(escaped, random) : escaped) + quote
}

function rewriteText(text: string, random: Random): string {
  if (text.includes('&') || random.chance(0.5)) return someReferences(text, random)
  const at = random.below(text.length + 1)
  return `${text.slice(0, at)}<![CDATA[${text.slice(at)}]]>`
}

/** Some characters as references; what is a reference already is kept, and so is white space. */
function someReferences(text: string, random: Random): string {
  return text.replace(/&[^;]*;|[\s\S]/gu, (character) => {
    if (character.length > 2 || /\s/.test(character) || character === '&' || !random.chance(0.2)) return character
    const code = character.codePointAt(0) ?? 0
    return random.chance(0.5) ? `&#${code};` : `&#x${code.toString(16)};`
  })
}

const nasty = [
  '<',
  '>',
  '&',
  '"',
  "'",
  '=',
  '/',
  ':',
  '\0',
  '\ufeff',
  '\ud800',
  ' ',
  '\r',
  ']]>',
  '<!--',
  '-->',
  '<?x?>',
  '<![CDATA[',
  '&#0;',
  '&lt;',
  'xmlns="urn:evil"',
  ' xmlns:saml="urn:evil"',
  'é',
  '\u0085',
  '<!DOCTYPE a>',
  '&#xD800;',
  '<a/>',
  '+',
  '%00',
]

/** One to three changes that may break anything: characters, tags, whole elements, and the classic ways to wrap a signature. */
export function mutate(xml: string, random: Random): string {
  let mutated = xml
  for (let left = 1 + random.below(3); left > 0; left--) mutated = random.pick(mutations)(mutated, random)
  return mutated
}

type Mutation = (xml: string, random: Random) => string

const insertNasty: Mutation = (xml, random) => {
  const at = random.below(xml.length + 1)
  return xml.slice(0, at) + random.pick(nasty) + xml.slice(at)
}

const removeSome: Mutation = (xml, random) => {
  const at = random.below(xml.length)
  return xml.slice(0, at) + xml.slice(at + 1 + random.below(random.chance(0.5) ? 2 : 60))
}

const changeCharacter: Mutation = (xml, random) => {
  const at = random.below(xml.length)
  const code = xml.charCodeAt(at) ^ (1 << random.below(random.chance(0.9) ? 7 : 16))
  return xml.slice(0, at) + String.fromCharCode(code) + xml.slice(at + 1)
}

const repeatSlice: Mutation = (xml, random) => {
  const from = random.below(xml.length)
  const slice = xml.slice(from, from + 1 + random.below(400))
  const at = random.below(xml.length)
  return xml.slice(0, at) + slice + xml.slice(at)
}

const swapTokens: Mutation = (xml, random) => {
  const tokens = tokensOf(xml)
  const [one, other] = [random.below(tokens.length), random.below(tokens.length)]
  const kept = tokens[one] ?? ''
  tokens[one] = tokens[other] ?? ''
  tokens[other] = kept
  return tokens.join('')
}

const insertBetweenTokens: Mutation = (xml, random) => {
  const tokens = tokensOf(xml)
  tokens.splice(
    random.below(tokens.length + 1),
    0,
    random.pick(['<!---->', '<?p i?>', '<x/>', '&amp;', '&#x20;', '<![CDATA[]]>', '\n', 'x', '<x xmlns="urn:x"/>']),
  )
  return tokens.join('')
}

const elementNames = [
  'Assertion',
  'Signature',
  'SignedInfo',
  'Reference',
  'Subject',
  'NameID',
  'Issuer',
  'Status',
  'DigestValue',
  'SignatureValue',
  'Transforms',
  'Transform',
  'Conditions',
  'Audience',
  'Attribute',
  'AuthnStatement',
  'Response',
]

/** An element of the message, by its text. Without recursion: SAML names do not stand inside themselves in a good message. */
function someElement(xml: string, random: Random): { readonly at: number; readonly text: string } | undefined {
  const name = random.pick(elementNames)
  const found = [...xml.matchAll(new RegExp(`<((?:[\\w.-]+:)?${name})[\\s>][\\s\\S]*?</\\1\\s*>`, 'g'))]
  if (found.length === 0) return undefined
  const match = random.pick(found)
  return { at: match.index, text: match[0] }
}

const withElement =
  (change: (xml: string, element: { at: number; text: string }, random: Random) => string): Mutation =>
  (xml, random) => {
    const element = someElement(xml, random)
    return element === undefined ? insertNasty(xml, random) : change(xml, element, random)
  }

const evil = (text: string, random: Random): string => {
  const renamed = text.replace(/(<(?:\w+:)?NameID[^>]*>)[^<]*/g, '$1eve@idp.example')
  return random.chance(0.5) ? renamed.replace(/ ID="[^"]*"/, ' ID="_evil"') : renamed
}

const repeatElement = withElement((xml, { at, text }, random) => {
  const copy = random.chance(0.7) ? evil(text, random) : text
  return random.chance(0.5)
    ? xml.slice(0, at) + copy + xml.slice(at)
    : xml.slice(0, at) + text + copy + xml.slice(at + text.length)
})

const removeElement = withElement((xml, { at, text }) => xml.slice(0, at) + xml.slice(at + text.length))

/** Signature wrapping: the element moves somewhere else, and an evil copy may stay in its place. */
const moveElement = withElement((xml, { at, text }, random) => {
  const without = xml.slice(0, at) + (random.chance(0.6) ? evil(text, random) : '') + xml.slice(at + text.length)
  const tags = [...without.matchAll(/<\/?[\w.:-]+[^>]*>/g)]
  if (tags.length === 0) return without
  const place = random.pick(tags)
  const wrapped = random.pick([
    text,
    `<ds:Object xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${text}</ds:Object>`,
    `<x:y xmlns:x="urn:x">${text}</x:y>`,
  ])
  const target = place.index + place[0].length
  return without.slice(0, target) + wrapped + without.slice(target)
})

const changeNames: Mutation = (xml, random) => {
  const from = random.pick([
    'saml:',
    'samlp:',
    'ds:',
    'ID=',
    'Assertion',
    'xmlns:',
    'URI="#',
    'rsa-sha256',
    'xml-exc-c14n#',
    'enveloped-signature',
  ])
  const to = random.pick([
    'saml:',
    'samlp:',
    'ds:',
    '',
    'x:',
    'Id=',
    'xml:id=',
    'hmac-sha256',
    'xml-exc-c14n#WithComments',
    'URI="',
    'REC-xml-c14n-20010315',
    'xml:',
  ])
  return random.chance(0.3) ? xml.replaceAll(from, to) : xml.replace(from, to)
}

const addAttribute: Mutation = (xml, random) => {
  const tags = [...xml.matchAll(/<[\w.:-]+/g)]
  if (tags.length === 0) return xml
  const tag = random.pick(tags)
  const at = tag.index + tag[0].length
  return `${xml.slice(0, at)}${random.pick([' xml:id="_x"', ' xml:lang="en"', ' xml:space="preserve"', ' xml:base="urn:x"', ' x="y"', ' ID="_assertion1"', ' Id="_response1"', ' xmlns=""', ' xmlns:saml="urn:evil"', ' xmlns:ds="urn:evil"', ' xmlns:x="urn:x" x:ID="_assertion1"'])}${xml.slice(at)}`
}

const mutations: readonly Mutation[] = [
  insertNasty,
  removeSome,
  changeCharacter,
  repeatSlice,
  swapTokens,
  insertBetweenTokens,
  repeatElement,
  removeElement,
  moveElement,
  moveElement,
  changeNames,
  addAttribute,
  rewrite,
]
