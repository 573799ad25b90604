import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { SignedXml } from 'xml-crypto'
import { verifySignature } from '../../../src/saml/signature/verify-signature.ts'
import { canonicalize } from '../../../src/saml/xml/canonicalize.ts'
import { childElements, type XmlNode } from '../../../src/saml/xml/element.ts'
import { scan } from '../../../src/saml/xml/scan.ts'
import { messageRules } from '../../../src/saml/xml/scan-rules.ts'
import { randomDocument } from './random-document.ts'

const rootOf = (xml: string) => scan(xml, messageRules).root
const canonical = (xml: string, inclusivePrefixes: readonly string[] = []) =>
  canonicalize(rootOf(xml), { inclusivePrefixes })

const cases: readonly (readonly [name: string, xml: string, wanted: string, prefixes?: readonly string[]])[] = [
  ['closes empty elements', '<a/>', '<a></a>'],
  [
    'orders attributes by namespace, then name',
    '<a xmlns:p="urn:2" xmlns:q="urn:1" p:a="" q:b="" c="" b=""/>',
    '<a xmlns:p="urn:2" xmlns:q="urn:1" b="" c="" q:b="" p:a=""></a>',
  ],
  ['drops declarations that are not used', '<a xmlns:p="urn:p"><b/></a>', '<a><b></b></a>'],
  [
    'declares a prefix where it is first used',
    '<a xmlns:p="urn:p"><p:b/><p:c/></a>',
    '<a><p:b xmlns:p="urn:p"></p:b><p:c xmlns:p="urn:p"></p:c></a>',
  ],
  [
    'does not repeat a declaration',
    '<p:a xmlns:p="urn:p"><p:b xmlns:p="urn:p"/></p:a>',
    '<p:a xmlns:p="urn:p"><p:b></p:b></p:a>',
  ],
  [
    'declares a prefix that changes its meaning',
    '<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"/></p:a>',
    '<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"></p:b></p:a>',
  ],
  ['undeclares the default namespace', '<a xmlns="urn:1"><b xmlns=""/></a>', '<a xmlns="urn:1"><b xmlns=""></b></a>'],
  [
    'orders prefixes by code point',
    '<a xmlns:B="urn:1" xmlns:a="urn:2" a:x="" B:x=""/>',
    '<a xmlns:B="urn:1" xmlns:a="urn:2" B:x="" a:x=""></a>',
  ],
  ['declares listed prefixes at the top', '<a xmlns:p="urn:p"><p:b/></a>', '<a xmlns:p="urn:p"><p:b></p:b></a>', ['p']],
  [
    'declares a listed default namespace',
    '<p:a xmlns="urn:1" xmlns:p="urn:p"/>',
    '<p:a xmlns="urn:1" xmlns:p="urn:p"></p:a>',
    [''],
  ],
  [
    'declares a listed prefix where it is declared',
    '<a><b xmlns:p="urn:p"><c/></b></a>',
    '<a><b xmlns:p="urn:p"><c></c></b></a>',
    ['p'],
  ],
  ['ignores a listed prefix that nobody declares', '<a/>', '<a></a>', ['p', 'xml']],
  ['keeps xml attributes without declaring xml', '<a xml:lang="en"/>', '<a xml:lang="en"></a>'],
  ['escapes text', '<a>&amp;&lt;&gt;"\'&#13;&#9;</a>', '<a>&amp;&lt;&gt;"\'&#xD;\t</a>'],
  ['escapes attributes', '<a b="&amp;&lt;>&quot;\'&#13;&#10;&#9;"/>', '<a b="&amp;&lt;>&quot;\'&#xD;&#xA;&#x9;"></a>'],
  ['turns CDATA into text', '<a><![CDATA[<&>]]></a>', '<a>&lt;&amp;&gt;</a>'],
]

for (const [name, xml, wanted, prefixes] of cases) {
  test(`canonicalize() ${name}`, () => assert.equal(canonical(xml, prefixes), wanted))
}

test('canonicalize() of an inner element declares what it inherits, and leaves out the signature', () => {
  const [inner] = childElements(rootOf('<a xmlns="urn:1" xmlns:p="urn:2" xmlns:q="urn:3"><b p:x="">1<c>2</c>3</b></a>'))
  assert.ok(inner)
  const [without] = childElements(inner)
  assert.ok(without)
  const wanted = '<b xmlns="urn:1" xmlns:p="urn:2" xmlns:q="urn:3" p:x="">13</b>'
  assert.equal(canonicalize(inner, { without, inclusivePrefixes: ['q'] }), wanted)
})

test('canonicalize() keeps what a document means: read again, it is the same tree and the same text', () => {
  for (let seed = 0; seed < 400; seed++) {
    const { xml } = randomDocument(seed, { prefixes: ['p', 'q', 'P'], defaultInPrefixList: true })
    const once = canonical(xml)
    assert.deepEqual(meaningOf(rootOf(once)), meaningOf(rootOf(xml)), xml)
    assert.equal(canonical(once), once)
  }
})

/** Expanded names, values and text: all that prefixes and spelling do not change. */
function meaningOf(node: XmlNode): unknown {
  if (typeof node === 'string') return node
  const attributes = node.attributes.map(({ namespace, localName, value }) => `{${namespace}}${localName}=${value}`)
  return [node.namespace, node.localName, attributes.sort(), node.children.map(meaningOf)]
}

// xml-crypto sorts prefixes without regard to case and does not know #default: neither is asked of it here.
test('verifySignature() accepts what xml-crypto signs, whatever the namespaces and the PrefixList', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  for (let seed = 0; seed < 80; seed++) {
    const { xml, prefixList } = randomDocument(seed, { prefixes: ['p', 'q', 'r'], defaultInPrefixList: false })
    const root = rootOf(signByXmlCrypto(xml, prefixList, pem))
    const signature = childElements(root).find((element) => element.localName === 'Signature')
    assert.ok(signature)
    const content = verifySignature(root, signature, [{ key: publicKey, fingerprint: 'key' }])
    assert.deepEqual(meaningOf(content.root), meaningOf(rootOf(xml)), xml)
  }
})

function signByXmlCrypto(xml: string, prefixList: readonly string[], privateKey: string): string {
  const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
  const signer = new SignedXml({
    privateKey,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: exclusive,
  })
  signer.addReference({
    xpath: '/*',
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', exclusive],
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
    inclusiveNamespacesPrefixList: [...prefixList],
  })
  signer.computeSignature(xml, { prefix: 'ds' })
  return signer.getSignedXml()
}
