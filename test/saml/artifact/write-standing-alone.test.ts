import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeStandingAlone } from '../../../src/saml/artifact/write-standing-alone.ts'
import { readMessage } from '../../../src/saml/read-message.ts'
import { canonicalize } from '../../../src/saml/xml/canonicalize.ts'
import { allElements, type XmlElement } from '../../../src/saml/xml/element.ts'

const lists: readonly (readonly string[])[] = [[], ['a'], ['', 'a', 'b'], ['c'], ['', 'a', 'b', 'c', 'unknown']]

const texts: Readonly<Record<string, string>> = {
  'prefixes around it': '<a:e xmlns:a="urn:a" xmlns:b="urn:b"><a:it k="a:v"><b:in/></a:it></a:e>',
  'a default namespace around it': '<e xmlns="urn:d" xmlns:a="urn:a"><a:it><in/><a:in/></a:it></e>',
  'a default namespace that ends at it': '<e xmlns="urn:d"><it xmlns=""><in xmlns="urn:d"/><in/></it></e>',
  'a default namespace that ends inside': '<e xmlns="urn:d"><it><in xmlns=""><deep/></in></it></e>',
  'a prefix that changes': '<a:e xmlns:a="urn:a"><a:it xmlns:a="urn:b"><a:in xmlns:a="urn:a"/><a:in/></a:it></a:e>',
  'the same again': '<a:e xmlns:a="urn:a"><a:it xmlns:a="urn:a"><a:in xmlns:a="urn:a" a:k="&lt;&#10;"/></a:it></a:e>',
  'prefixes inside only': '<e><it><c:in xmlns:c="urn:c"/><in xmlns:c="urn:d" k="c:v"/></it></e>',
  'attributes and white space': '<e xml:lang="en" xmlns:b="urn:b"><it\n b:z="1" a="2">\n x &amp; y\r\n<in/></it></e>',
}

for (const [what, text] of Object.entries(texts)) {
  test(`an element on its own has the canonical forms it had in place, and so has all inside: ${what}`, () => {
    const it = readMessage(text).children.find((node): node is XmlElement => typeof node === 'object')
    assert.ok(it)
    const alone = [...allElements(readMessage(writeStandingAlone(it)))]
    const inPlace = [...allElements(it)]
    assert.equal(alone.length, inPlace.length)
    for (const [index, element] of inPlace.entries()) {
      for (const inclusivePrefixes of lists) {
        const wanted = canonicalize(element, { inclusivePrefixes })
        assert.equal(
          canonicalize(alone[index] ?? element, { inclusivePrefixes }),
          wanted,
          `${index} ${inclusivePrefixes}`,
        )
      }
    }
  })
}
