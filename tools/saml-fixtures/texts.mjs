// Texts the scanner refuses, each made from a message that was acceptable before.
import { assertion, attribute, attributeStatement, response } from './messages.mjs'
import { signed } from './sign.mjs'

const good = response(signed(assertion()))
const goodResponse = signed(response(assertion()))
const inNameId = (text, xml = good) => xml.replace('ada@idp.example', text)
const refused = (code) => [`refused ${code}`, 'check: XML']
const malformed = (xml) => ({ xml, expect: refused('saml_malformed') })
const limit = (xml) => ({ xml, expect: refused('saml_limits_exceeded') })
const comment = (xml) => ({ xml, expect: refused('saml_comment_not_allowed') })
const doctype = (xml) => ({ xml, expect: refused('saml_doctype_not_allowed') })
const instruction = (xml) => ({ xml, expect: refused('saml_processing_instruction_not_allowed') })
const laughs = Array.from({ length: 9 }, (_unused, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('')
const count = (length, make) => Array.from({ length }, (_unused, index) => make(index)).join('')

export const texts = {
  'comment-in-name-id': comment(inNameId('ada@idp.example<!---->.evil.example')),
  'comment-in-name-id-of-signed-response': comment(inNameId('ada@idp<!-- -->.example', goodResponse)),
  'comment-before-root': comment(`<!-- -->${good}`),
  'comment-after-root': comment(`${good}<!-- -->`),
  'processing-instruction-in-name-id': instruction(inNameId('ada@idp<?x y?>.example')),
  'processing-instruction-before-root': instruction(`<?xml-stylesheet href="x"?>${good}`),
  'processing-instruction-xml-inside': instruction(inNameId('ada<?xml version="1.0"?>')),
  'doctype-empty': doctype(`<!DOCTYPE samlp:Response>${good}`),
  'doctype-internal-entity': doctype(`<!DOCTYPE r [<!ENTITY e "eve">]>${inNameId('&e;')}`),
  'doctype-external-entity': doctype(`<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>${inNameId('&e;')}`),
  'doctype-billion-laughs': doctype(`<!DOCTYPE r [<!ENTITY l0 "lol">${laughs}]>${inNameId('&l9;')}`),
  'doctype-default-attribute': doctype(`<!DOCTYPE r [<!ATTLIST r ID CDATA "_assertion1">]>${good}`),
  'entity-undeclared': malformed(inNameId('&eve;')),
  'cdata-open': malformed(inNameId('<![CDATA[ada')),
  'nul-character': malformed(inNameId('ada\0@idp.example')),
  'nul-reference': malformed(inNameId('ada&#0;@idp.example')),
  'control-character': malformed(inNameId('ada\x08@idp.example')),
  'noncharacter-reference': malformed(inNameId('ada&#xFFFF;')),
  'end-tag-wrong': malformed(good.replace('</saml:NameID>', '</saml:NameId>')),
  'truncated-xml': malformed(good.slice(0, -20)),
  'second-root': malformed(good + good),
  'text-after-root': malformed(`${good}text`),
  'attribute-twice': malformed(good.replace(' ID="_response1"', ' ID="_response1" ID="_response2"')),
  'prefix-undeclared': malformed(good.replace(/ xmlns:samlp="[^"]*"/, '')),
  'namespace-relative': malformed(good.replace('<saml:Subject>', '<saml:Subject xmlns:x="x">')),
  'namespace-undeclared-by-prefix': malformed(good.replace('<saml:Subject>', '<saml:Subject xmlns:saml="">')),
  'encoding-latin1': malformed(`<?xml version="1.0" encoding="ISO-8859-1"?>${good}`),
  'empty-text': { xml: ' ', expect: ['refused saml_malformed'] },
  'not-xml': malformed('SAMLResponse=abc'),
  'utf-8-invalid': { xml: utf8Invalid(), expect: ['refused saml_malformed', 'check: SAMLResponse', 'wanted: UTF-8'] },
  'utf-16': { xml: Buffer.from(`\ufeff${good}`, 'utf16le'), expect: ['refused saml_malformed', 'check: SAMLResponse'] },
  'two-byte-order-marks': malformed(`\ufeff\ufeff${good}`),

  'nested-deeply': limit(inNameId('<a>'.repeat(100) + '</a>'.repeat(100))),
  'elements-many': limit(response(`${'<a/>'.repeat(10_001)}${signed(assertion())}`)),
  'attributes-many': limit(good.replace('<saml:Subject>', `<saml:Subject${count(17, (i) => ` a${i}=""`)}>`)),
  'declarations-many': limit(
    good.replace('<saml:Subject>', `<saml:Subject${count(17, (i) => ` xmlns:a${i}="urn:a"`)}>`),
  ),
  'declarations-many-in-scope': limit(
    inNameId(count(6, (i) => `<a${count(16, (j) => ` xmlns:a${i}x${j}="urn:a"`)}>`) + '</a>'.repeat(6)),
  ),
  'attribute-value-huge-and-signed': {
    xml: response(signed(assertion({ attributes: attributeStatement(attribute('uid', 'x'.repeat(100_000))) }))),
    expect: ['accepted', 'nameId: ada@idp.example'],
  },
}

function utf8Invalid() {
  const bytes = Buffer.from(good)
  bytes[bytes.indexOf('ada@idp.example')] = 0xff
  return bytes
}
