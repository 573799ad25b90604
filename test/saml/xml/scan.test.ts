import assert from 'node:assert/strict'
import { test } from 'node:test'
import { textOf, type XmlElement } from '../../../src/saml/xml/element.ts'
import { scan } from '../../../src/saml/xml/scan.ts'
import { documentRules, messageRules } from '../../../src/saml/xml/scan-rules.ts'

const refused: readonly (readonly [name: string, xml: string, problem: string, message: RegExp])[] = [
  ['nothing at all', '', 'malformed', /no element/],
  ['text before the root', 'x<a/>', 'malformed', /outside the root/],
  ['text after the root', '<a/>x', 'malformed', /outside the root/],
  ['CDATA after the root', '<a/><![CDATA[x]]>', 'malformed', /outside the root/],
  ['a second root', '<a/><b/>', 'malformed', /second root/],
  ['an element left open', '<a><b></b>', 'malformed', /<a> is not closed/],
  ['a start tag that ends with the text', '<a', 'malformed', /start tag/],
  ['a wrong end tag', '<a></b>', 'malformed', /does not close <a>/],
  ['an end tag that only begins alike', '<a></ab>', 'malformed', /does not close <a>/],
  ['an end tag of another prefix', '<x:a xmlns:x="urn:x" xmlns:y="urn:x"></y:a>', 'malformed', /does not close/],
  ['an end tag without a start', '<a/></a>', 'malformed', /without a start tag/],
  ['an attribute without a value', '<a b/>', 'malformed', /without "="/],
  ['an attribute without quotes', '<a b=1/>', 'malformed', /without quotes/],
  ['an attribute that does not end', '<a b="1/>', 'malformed', /ending quote/],
  ['attributes without a space between', '<a b="1"c="2"/>', 'malformed', /start tag/],
  ['the same attribute twice', '<a b="1" b="2"/>', 'malformed', /b stands twice/],
  ['the same expanded attribute twice', '<a xmlns:x="urn:a" xmlns:y="urn:a" x:b="" y:b=""/>', 'malformed', /twice/],
  ['"<" in an attribute', '<a b="<"/>', 'malformed', /"<" in an attribute/],
  ['"]]>" in text', '<a>]]></a>', 'malformed', /"]]>"/],
  ['a bare "&"', '<a>a & b</a>', 'malformed', /begins no reference/],
  ['an unknown entity', '<a>&nbsp;</a>', 'malformed', /entity/],
  ['an entity named like an object member', '<a>&toString;</a>', 'malformed', /entity/],
  ['a reference to NUL', '<a>&#0;</a>', 'malformed', /does not allow/],
  ['a reference to a surrogate', '<a>&#xD800;</a>', 'malformed', /does not allow/],
  ['a reference past the last character', '<a>&#x110000;</a>', 'malformed', /does not allow/],
  ['a reference that is no number', '<a>&#xZ;</a>', 'malformed', /character reference/],
  ['NUL', '<a>\0</a>', 'malformed', /does not allow/],
  ['a lone high surrogate', '<a>\ud800</a>', 'malformed', /does not allow/],
  ['a lone low surrogate', '<a>\udc00</a>', 'malformed', /does not allow/],
  ['an undeclared prefix', '<x:a/>', 'malformed', /prefix x is not declared/],
  ['an undeclared attribute prefix', '<a x:b=""/>', 'malformed', /prefix x is not declared/],
  ['a prefix after its scope', '<a><b xmlns:x="urn:x"/><x:c/></a>', 'malformed', /prefix x is not declared/],
  ['a prefix declared twice', '<a xmlns:x="urn:x" xmlns:x="urn:x"/>', 'malformed', /declared twice/],
  ['a prefix undeclared', '<a xmlns:x=""/>', 'malformed', /absolute URI/],
  ['a relative namespace', '<a xmlns="b"/>', 'malformed', /absolute URI/],
  ['a namespace that needs escaping', '<a xmlns="urn:a&amp;b"/>', 'malformed', /absolute URI/],
  ['a namespace with a brace', '<a xmlns="urn:a{b"/>', 'malformed', /absolute URI/],
  ['a namespace with half an escape', '<a xmlns="urn:a%2"/>', 'malformed', /absolute URI/],
  ['a namespace with a port that is none', '<a xmlns="http://a:b/"/>', 'malformed', /absolute URI/],
  ['a namespace with a host that is none', '<a xmlns="http://:a.example/"/>', 'malformed', /absolute URI/],
  ['a namespace with two fragments', '<a xmlns="urn:a#b#c"/>', 'malformed', /absolute URI/],
  ['a long namespace', `<a xmlns="urn:${'a'.repeat(1024)}"/>`, 'limit', /URI of a namespace is too long/],
  ['xml bound elsewhere', '<a xmlns:xml="urn:b"/>', 'malformed', /reserved/],
  ['another prefix bound to xml', '<a xmlns:x="http://www.w3.org/XML/1998/namespace"/>', 'malformed', /reserved/],
  ['xmlns declared', '<a xmlns:xmlns="urn:b"/>', 'malformed', /reserved/],
  ['a name with two colons', '<x:y:z xmlns:x="urn:x"/>', 'malformed', /start tag/],
  ['a name that begins with a digit', '<1/>', 'malformed', /name/],
  ['a name that is not ASCII', '<é/>', 'malformed', /name/],
  ['another encoding', '<?xml version="1.0" encoding="ISO-8859-1"?><a/>', 'malformed', /UTF-8/],
  ['a declaration in capitals', '<?XML version="1.0"?><a/>', 'processing-instruction', /processing instruction/],
  ['ENCODING in a declaration', '<?xml version="1.0" ENCODING="utf-8"?><a/>', 'malformed', /UTF-8/],
  ['XML 1.1', '<?xml version="1.1"?><a/>', 'malformed', /1\.0/],
  ['a DOCTYPE', '<!DOCTYPE a [<!ENTITY b "c">]><a/>', 'doctype', /document type/],
  ['a comment', '<a><!-- b --></a>', 'comment', /comment/],
  ['a comment after the root', '<a/><!-- b -->', 'comment', /comment/],
  ['a processing instruction', '<a><?b c?></a>', 'processing-instruction', /processing instruction/],
  ['deep nesting', '<a>'.repeat(49), 'limit', /nested too deeply/],
  ['many elements', `<a>${'<b/>'.repeat(10_000)}</a>`, 'limit', /too many elements/],
  ['many attributes', `<a${attributes(17)}/>`, 'limit', /too many attributes/],
  ['many declarations', `<a${declarations(17)}/>`, 'limit', /declares too many/],
  ['many declarations in scope', `<a${declarations(16)}>`.repeat(6), 'limit', /in scope/],
  ['long text', `<a>${'b'.repeat(256 * 1024)}</a>`, 'limit', /too long/],
]

function attributes(count: number): string {
  return Array.from({ length: count }, (_unused, index) => ` a${index}=""`).join('')
}

function declarations(count: number): string {
  return Array.from({ length: count }, (_unused, index) => ` xmlns:p${index}="urn:p"`).join('')
}

const namespaces = [
  'urn:a',
  'urn:',
  'URN:a:%20b',
  'http://a',
  'http://a.example:80/b/',
  'https://u@[::1]:8/a;b=(c)?d/e?#f:/?',
  'a:/b',
  'tag:a@b,2026:c',
]

test('scan() reads absolute URIs as namespaces', () => {
  for (const uri of namespaces) assert.equal(scan(`<a xmlns="${uri}"/>`, messageRules).root.namespace, uri)
})

for (const [name, xml, problem, message] of refused) {
  test(`scan() refuses ${name}`, () => {
    assert.throws(() => scan(xml, messageRules), { name: 'ScanError', problem, message })
  })
}

test('scan() says in which line and column it stopped', () => {
  assert.throws(() => scan('<a>\r\n  <b>\r\n</a>', messageRules), { line: 3, column: 1 })
  assert.throws(() => scan('<a>\n é & </a>', messageRules), { line: 1, column: 4 })
})

test('scan() keeps error messages short when names are long', () => {
  assert.throws(
    () => scan(`<${'a'.repeat(100_000)}>`, messageRules),
    (error: Error) => error.message.length <= 200,
  )
})

const only = (xml: string, rules = messageRules): XmlElement => scan(xml, rules).root

test('scan() joins text, CDATA and references', () => {
  assert.equal(
    textOf(only('<a>1 &lt; <![CDATA[2 & <b>]]>&#33;&#x1F600;\u{1f511}</a>')),
    '1 < 2 & <b>!\u{1f600}\u{1f511}',
  )
})

test('scan() normalizes line ends, and white space in attributes unless it is a reference', () => {
  assert.deepEqual(only('<a>1\r\n2\r3&#13;</a>').children, ['1\n2\n3\r'])
  assert.equal(only('<a b="1\r\n2\t3&#10;4"/>').attributes[0]?.value, '1 2 3\n4')
})

test('scan() resolves prefixes, also redeclared and undeclared ones', () => {
  const root = only('<a xmlns="urn:1" xmlns:p="urn:2"><p:b xmlns:p="urn:3" p:c=""/><p:d/><e xmlns=""/></a>')
  const children = root.children as readonly XmlElement[]
  assert.deepEqual(
    [root, ...children].map((element) => element.namespace),
    ['urn:1', 'urn:3', 'urn:2', ''],
  )
  assert.equal(children[0]?.attributes[0]?.namespace, 'urn:3')
})

test('scan() reads an XML declaration and both kinds of quotes', () => {
  assert.equal(only(`<?xml version='1.0' encoding='utf8'?><a b=""/>`).attributes[0]?.value, '')
  assert.equal(only(`<?xml version='1.0' encoding="utf-8" standalone='yes' ?>\n<a b='"'/>`).attributes[0]?.value, '"')
})

test('scan() of a document ignores comments and processing instructions but no DOCTYPE', () => {
  const root = only('<?xml-stylesheet href="x"?><a>1<!-- 2 -->3<?b <c> ?>4</a><!-- end -->', documentRules)
  assert.deepEqual(root.children, ['134'])
  assert.throws(() => scan('<!-- a -->\n<!DOCTYPE a><a/>', documentRules), { problem: 'doctype', line: 2 })
  assert.throws(() => scan('<a><!-- a -- b --></a>', documentRules), { problem: 'malformed' })
  assert.throws(() => scan('<a><?xml version="1.0"?></a>', documentRules), { problem: 'malformed' })
})

test('scan() reads bytes as it reads text', () => {
  const xml = '<a b="\u00e9">\u{1f511}<c/>&lt;\u2028</a>'
  const [fromText, fromBytes] = [only(xml), scan(Buffer.from(xml), messageRules).root]
  assert.deepEqual(fromBytes.children[0], '\u{1f511}')
  assert.deepEqual(fromBytes.children[2], '<\u2028')
  assert.equal(fromBytes.attribute('b'), '\u00e9')
  for (const root of [fromText, fromBytes]) assert.equal((root.children[1] as XmlElement).position, xml.indexOf('<c'))
})

for (const [name, bytes] of [
  ['a byte that begins nothing', [0x80]],
  ['a character written too long', [0xc0, 0xbc]],
  ['half of a pair written as UTF-8', [0xed, 0xa0, 0x80]],
  ['a character cut off', [0xe2, 0x82]],
  ['U+FFFE', [0xef, 0xbf, 0xbe]],
  ['U+FFFF', [0xef, 0xbf, 0xbf]],
  ['a control character', [0x1f]],
] as const) {
  for (const [where, before, after] of [
    ['in text', '<a>', '</a>'],
    ['in a value', '<a b="', '"/>'],
    ['in CDATA', '<a><![CDATA[', ']]></a>'],
    ['in a comment', '<a><!--', '--></a>'],
    ['in an instruction', '<a><?b ', '?></a>'],
    ['behind the root', '<a/>', ''],
  ]) {
    test(`scan() refuses ${name} ${where}`, () => {
      const xml = Buffer.concat([Buffer.from(before ?? ''), Buffer.from(bytes), Buffer.from(after ?? '')])
      assert.throws(() => scan(xml, documentRules), { name: 'ScanError', problem: 'malformed' })
    })
  }
}

test('scan() knows an attribute by its namespace, whatever the prefix', () => {
  const root = only('<a xmlns:x="urn:x" xmlns:y="urn:y" x:b="1" y:b="2" b="3"/>')
  assert.equal(root.attributeIn('urn:y', 'b'), '2')
  assert.equal(root.attributeIn('', 'b'), '3')
  assert.equal(root.attributeIn('urn:z', 'b'), undefined)
  assert.equal(root.attribute('x:b'), '1')
  assert.equal(root.attribute('xmlns:x'), undefined)
})

test('scan() tells namespaces apart that are declared again, nearly alike, or in great number', () => {
  const many = Array.from({ length: 40 }, (_unused, index) => `<p:b xmlns:p="urn:${index}"/>`).join('')
  const namespaces = (only(`<a>${many}${many}</a>`).children as readonly XmlElement[]).map(({ namespace }) => namespace)
  assert.deepEqual(
    namespaces,
    [...Array(80).keys()].map((index) => `urn:${index % 40}`),
  )
  const spelled = only('<p:a xmlns:p="urn:&#97;"><p:b xmlns:p="urn:a"/></p:a>')
  assert.equal((spelled.children[0] as XmlElement).namespace, spelled.namespace)
})
