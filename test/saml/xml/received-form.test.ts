import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { canonicalBytes, canonicalize } from '../../../src/saml/xml/canonicalize.ts'
import { allElements, type XmlElement } from '../../../src/saml/xml/element.ts'
import { scan } from '../../../src/saml/xml/scan.ts'
import { ScanError } from '../../../src/saml/xml/scan-error.ts'
import { messageRules } from '../../../src/saml/xml/scan-rules.ts'
import { plainCanonicalize } from './plain-canonicalize.ts'
import { randomDocument } from './random-document.ts'

// The canonical form copies what was received where that is canonical already. Both ways must give the same, whatever the text.

const lists: readonly (readonly string[])[] = [[], ['p'], ['', 'q', 'xs', 'saml', 'ds', 'xsi']]

/** Every element, alone and with each of its own children left out. */
function checkAll(root: XmlElement, xml: string): number {
  let count = 0
  for (const element of allElements(root)) {
    const children = element.children.filter((node) => typeof node !== 'string')
    for (const without of [undefined, ...children.slice(0, 3)]) {
      for (const inclusivePrefixes of lists) {
        const options = { inclusivePrefixes, ...(without && { without }) }
        assert.equal(canonicalize(element, options), plainCanonicalize(element, options), xml)
        count++
      }
    }
  }
  return count
}

function accepted(xml: string): XmlElement | undefined {
  try {
    return scan(xml, messageRules).root
  } catch (error) {
    if (error instanceof ScanError) return undefined
    throw error
  }
}

const fixtures = fileURLToPath(new URL('../../../../test/fixtures/saml', import.meta.url))
const messages = readdirSync(fixtures)
  .map((name) => readFileSync(`${fixtures}/${name}/response.xml`, 'utf8'))
  .filter((xml) => xml.length < 30_000)

test('every fixture has the canonical form that writing it anew gives', () => {
  let count = 0
  for (const xml of messages) {
    const root = accepted(xml)
    if (root !== undefined) count += checkAll(root, xml)
  }
  assert.ok(count > 10_000, `${count} compared`)
})

/** Each turns canonical spelling into another one, or into one that is nearly canonical. */
const changes: readonly ((xml: string) => string)[] = [
  (xml) => xml.replace(/></, '>\u00e9\u{1f511}<'),
  (xml) => xml.replace(/="([^"<]*)"/g, "='$1'"),
  (xml) => xml.replace(/ (\w+="[^"]*") (\w+="[^"]*")/g, ' $2 $1'),
  (xml) => xml.replace(/<([\w:]+)([^<>]*[^/<>])?><\/\1>/g, '<$1$2/>'),
  (xml) => xml.replace(/>([^<>&]+)</g, '><![CDATA[$1]]><'),
  (xml) => xml.replace(/>([^<>])/g, '>&amp;&#13;&gt;$1'),
  (xml) => xml.replace(/>([^<>])/g, '>&#62;>$1'),
  (xml) => xml.replace(/(Name|Format|Method)="/g, '$1="&amp;&#10;&quot;>'),
  (xml) => xml.replace(/(Name|Format|Method)="/g, '$1="\t&#9;\n'),
  (xml) => xml.replace(/="(?!http|urn)/g, '=\n"'),
  (xml) => xml.replace(/>/g, ' >'),
  (xml) => xml.replace(/>/g, '>\r\n'),
  (xml) => xml.replace(/ xmlns:(\w+)="([^"]*)"/, ' xmlns:zz="urn:z" xmlns:$1="$2"'),
  (xml) => xml.replace(/ xmlns:(\w+)="([^"]*)"([^<>]*)>/g, '$3 xmlns:$1="$2">'),
]

test('so has every fixture that is spelled otherwise', () => {
  let count = 0
  const [first] = messages.filter((xml) => xml.includes('<saml:AttributeValue'))
  assert.ok(first)
  for (const change of changes) {
    const changed = change(first)
    assert.notEqual(changed, first)
    const root = accepted(changed)
    assert.ok(root, changed)
    count += checkAll(root, changed)
  }
  assert.ok(count > 1000, `${count} compared`)
})

test('so has every random document, and what is canonical already is copied byte for byte', () => {
  for (let seed = 1000; seed < 1400; seed++) {
    const { xml } = randomDocument(seed, { prefixes: ['p', 'q', 'P'], defaultInPrefixList: true })
    const root = scan(xml, messageRules).root
    checkAll(root, xml)
    const canonical = canonicalBytes(root)
    assert.deepEqual(canonicalBytes(scan(canonical, messageRules).root), canonical)
  }
})

test('in a long text and in CDATA each character is told from the letters around it, wherever it stands', () => {
  const letters = 'A+/z09=bc'.repeat(20)
  let read = 0
  for (let code = 0; code < 0x100; code++) {
    for (let offset = 0; offset < 12; offset++) {
      const middle = 100 + offset
      const text = `${letters.slice(0, middle)}${String.fromCharCode(code)}${letters.slice(middle)}`
      for (const xml of [
        `<a>${text}</a>`,
        `<a><![CDATA[${text}]]></a>`,
        `<a><![CDATA[${text.slice(90)}]]>${text}</a>`,
      ]) {
        const root = accepted(xml)
        const isForbidden = code < 0x20 && code !== 0x9 && code !== 0xa && code !== 0xd
        const isMarkup = !xml.endsWith(']]></a>') && (code === 0x3c || code === 0x26)
        assert.equal(root === undefined, isForbidden || isMarkup, JSON.stringify(xml))
        if (root !== undefined) read += checkAll(root, xml)
      }
    }
  }
  assert.ok(read > 20_000, `${read} compared`)
})
