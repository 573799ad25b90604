// Messages that are accepted: every form of signature, and what real identity providers vary.
import { SignedXml } from 'xml-crypto'
import {
  assertion,
  attribute,
  attributeStatement,
  audiences,
  authnStatement,
  conditions,
  confirmation,
  nameId,
  response,
  saml,
  sp,
  subject,
} from './messages.mjs'
import { enveloped, exc, keys, prefixList, signature, signed, transform } from './sign.mjs'

const ok = (...lines) => ['accepted', 'nameId: ada@idp.example', ...lines]
const oneSigned = (given, options) => response(signed(assertion(given), options))
const unsolicited = { subject: subject(nameId() + confirmation({ inResponseTo: undefined })) }

export const accepted = {
  'assertion-signed': {
    xml: oneSigned(),
    expect: ok(
      'id: _assertion1',
      'issuer: https://idp.example/metadata',
      'nameIdFormat: urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
      'inResponseTo: _request1',
      'sessionIndex: _session1',
      'authnInstant: 2026-06-01T11:59:00.000Z',
      'authnContextClassRef: urn:oasis:names:tc:SAML:2.0:ac:classes:Password',
      'attribute uid: ada',
      'attribute groups: staff | admins',
      'replayableUntil: 2026-06-01T12:10:00.000Z',
      'signed: assertion by rsa',
    ),
  },
  'response-signed': { xml: signed(response(assertion())), expect: ok('signed: response by rsa') },
  'response-and-assertion-signed': {
    xml: signed(response(signed(assertion()))),
    settings: { wantAssertionsSigned: true, wantResponseSigned: true },
    expect: ok('signed: response by rsa', 'signed: assertion by rsa'),
  },
  'response-and-assertion-signed-by-different-keys': {
    xml: signed(response(signed(assertion(), { keyName: 'rsa-next' }))),
    settings: { signingKeys: ['rsa', 'rsa-next'] },
    expect: ok('signed: response by rsa', 'signed: assertion by rsa-next'),
  },
  'second-of-two-keys': {
    xml: oneSigned({}, { keyName: 'rsa-next' }),
    settings: { signingKeys: ['rsa', 'rsa-next'] },
    expect: ok('signed: assertion by rsa-next'),
  },
  'rsa-sha384': { xml: oneSigned({}, { hash: 'sha384' }), expect: ok() },
  'rsa-sha512': { xml: oneSigned({}, { hash: 'sha512' }), expect: ok() },
  'rsa-sha256-with-sha512-digest': { xml: oneSigned({}, { digestHash: 'sha512' }), expect: ok() },
  'ecdsa-p256-sha256': ecdsa('p256', 'sha256'),
  'ecdsa-p384-sha384': ecdsa('p384', 'sha384'),
  'ecdsa-p521-sha512': ecdsa('p521', 'sha512'),
  'exclusive-c14n-with-comments': {
    xml: oneSigned({}, { transforms: transform(enveloped) + transform(`${exc}WithComments`) }),
    expect: ok(),
  },
  'key-info-is-ignored': {
    xml: oneSigned({}, { keyInfo: '<ds:KeyInfo><ds:KeyName>somebody</ds:KeyName></ds:KeyInfo>' }),
    expect: ok(),
  },
  'made-by-xml-crypto': {
    xml: byXmlCrypto(response(assertion()), 'Assertion'),
    expect: ok('signed: assertion by rsa'),
  },
  'made-by-xml-crypto-response-signed': {
    xml: byXmlCrypto(response(assertion()), 'Response'),
    expect: ok('signed: response by rsa'),
  },
  'made-by-xml-crypto-pretty-printed': {
    xml: byXmlCrypto(response(assertion()).replaceAll('><', '>\n  <').replaceAll('\n', '\r\n'), 'Assertion'),
    expect: ok('attribute groups: staff | admins'),
  },
  'made-by-xml-crypto-both': {
    xml: byXmlCrypto(byXmlCrypto(response(assertion()), 'Assertion'), 'Response'),
    expect: ok('signed: response by rsa', 'signed: assertion by rsa'),
  },

  'prefix-list-inherited': inheritedPrefix(),
  'prefix-list-default-namespace': defaultNamespace(),
  'prefixes-sorted-by-code-point': {
    xml: oneSigned({
      attributes: attributeStatement(attribute('uid', 'ada')).replace(
        '<saml:AttributeValue>',
        '<saml:AttributeValue xmlns:A="urn:1" xmlns:a="urn:2" A:x="" a:x="">',
      ),
    }),
    expect: ok('attribute uid: ada'),
  },
  'cdata-is-text': {
    xml: oneSigned().replace('ada@idp.example', '<![CDATA[ada]]>@idp.<![CDATA[example]]>'),
    expect: ok(),
  },
  'cdata-long-with-lone-less-than': {
    xml: oneSigned({
      attributes: attributeStatement(attribute('cn', `${'a'.repeat(40)}&lt;${'b'.repeat(40)}`)),
    }).replace(`${'a'.repeat(40)}&lt;${'b'.repeat(40)}`, `<![CDATA[${'a'.repeat(40)}<${'b'.repeat(40)}]]>`),
    expect: ok(`attribute cn: ${'a'.repeat(40)}<${'b'.repeat(40)}`),
  },
  'empty-elements-and-quotes': {
    xml: oneSigned()
      .replaceAll(/><\/saml:SubjectConfirmationData>/g, ' \n/>')
      .replaceAll('Version="2.0"', "Version = '2.0'"),
    expect: ok(),
  },
  'references-and-unicode': {
    xml: oneSigned({
      attributes: attributeStatement(attribute('cn', 'Ada &amp; \u{1f511} L\u00e9vy\u2028&lt;x&gt;&#xD;')),
    }).replace('\u{1f511}', '&#x1F511;'),
    expect: ok('attribute cn: Ada & \u{1f511} L\u00e9vy\\u2028<x>\\r'),
  },
  'xml-declaration-and-trailing-newline': {
    xml: `<?xml version="1.0" encoding="UTF-8"?>\n${oneSigned()}\n`,
    expect: ok(),
  },
  'byte-order-mark': { xml: `\ufeff${oneSigned()}`, expect: ok() },

  unsolicited: {
    xml: response(signed(assertion(unsolicited)), { inResponseTo: undefined }),
    settings: { allowIdpInitiated: true },
    expect: ok('inResponseTo: none'),
  },
  'unsolicited-young-enough': {
    xml: response(signed(assertion(unsolicited)), { inResponseTo: undefined }),
    settings: {
      now: '2026-06-01T12:01:00Z',
      allowIdpInitiated: true,
      maxUnsolicitedAgeSeconds: 60,
      clockSkewSeconds: 0,
    },
    expect: ok('inResponseTo: none'),
  },
  'in-response-to-empty-is-absent': {
    xml: response(signed(assertion({ subject: subject(nameId() + confirmation({ inResponseTo: '' })) })), {
      inResponseTo: '',
    }),
    settings: { allowIdpInitiated: true },
    expect: ok('inResponseTo: none'),
  },
  'in-response-to-of-assertion-only': {
    xml: response(signed(assertion()), { inResponseTo: undefined }),
    expect: ok('inResponseTo: _request1'),
  },
  'in-response-to-of-assertion-though-unsolicited-allowed': {
    xml: response(signed(assertion()), { inResponseTo: undefined }),
    settings: { allowIdpInitiated: true },
    expect: ok('inResponseTo: _request1'),
  },
  'in-response-to-of-signed-response-only': {
    xml: signed(response(assertion(unsolicited))),
    expect: ok('inResponseTo: _request1'),
  },
  'one-of-several-confirmations': {
    xml: oneSigned({
      subject: subject(
        nameId() +
          confirmation({ method: 'urn:oasis:names:tc:SAML:2.0:cm:holder-of-key', recipient: null }) +
          confirmation({ recipient: 'https://other.example/acs' }) +
          confirmation({ inResponseTo: undefined }) +
          confirmation(),
      ),
    }),
    expect: ok('inResponseTo: _request1'),
  },
  'confirmation-not-before-passed': {
    xml: oneSigned({ subject: subject(nameId() + confirmation({ notBefore: '2026-06-01T11:59:00Z' })) }),
    expect: ok(),
  },

  'not-on-or-after-last-second': { xml: oneSigned(), settings: { now: '2026-06-01T12:05:59Z' }, expect: ok() },
  'not-on-or-after-last-millisecond': { xml: oneSigned(), settings: { now: '2026-06-01T12:05:59.999Z' }, expect: ok() },
  'not-before-first-second': { xml: oneSigned(), settings: { now: '2026-06-01T11:54:00Z' }, expect: ok() },
  'no-clock-skew-last-second': {
    xml: oneSigned(),
    settings: { now: '2026-06-01T12:04:59Z', clockSkewSeconds: 0 },
    expect: ok(),
  },
  'times-with-fraction-and-offset': {
    xml: oneSigned({
      conditions: conditions({
        notBefore: '2026-06-01T13:55:00.1234567+02:00',
        notOnOrAfter: '2026-06-01T07:05:00.5-05:00',
      }),
    }),
    expect: ok(),
  },
  'conditions-without-times': {
    xml: oneSigned({ conditions: `<saml:Conditions>${audiences(sp)}</saml:Conditions>` }),
    expect: ok('replayableUntil: 2026-06-01T12:10:00.000Z'),
  },
  'several-audiences-and-restrictions': {
    xml: oneSigned({ conditions: conditions({ inside: audiences('https://other.example', sp) + audiences(sp) }) }),
    expect: ok(),
  },
  'audience-in-white-space': {
    xml: oneSigned({ conditions: conditions({ inside: audiences(`\n  ${sp}\n`) }) }),
    expect: ok(),
  },
  'known-conditions': {
    xml: oneSigned({
      conditions: conditions({
        inside: `${audiences(sp)}<saml:OneTimeUse></saml:OneTimeUse><saml:ProxyRestriction Count="0"></saml:ProxyRestriction>`,
      }),
    }),
    expect: ok(),
  },
  'authentication-young-enough': {
    xml: oneSigned(),
    settings: { maxAuthnAgeSeconds: 60, clockSkewSeconds: 0 },
    expect: ok(),
  },
  'session-end-of-several-statements': {
    xml: oneSigned({
      authn:
        authnStatement({ sessionNotOnOrAfter: '2026-06-01T20:00:00Z' }) +
        authnStatement({ sessionIndex: '_session2', sessionNotOnOrAfter: '2026-06-01T18:00:00Z' }),
    }),
    expect: ok('sessionIndex: _session1', 'sessionNotOnOrAfter: 2026-06-01T18:00:00.000Z'),
  },
  'unsigned-response-without-issuer-or-destination': {
    xml: response(signed(assertion()), { issuer: null, destination: undefined }),
    expect: ok(),
  },
  'issuer-format-entity': {
    xml: oneSigned({ issuerAttributes: ' Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity"' }),
    expect: ok(),
  },
  'no-name-id': { xml: oneSigned({ subject: subject(confirmation()) }), expect: ['accepted', 'nameId: none'] },
  'name-id-empty': {
    xml: oneSigned({ subject: subject(nameId(' ') + confirmation()) }),
    expect: ['accepted', 'nameId: none'],
  },
  'name-id-without-format': {
    xml: oneSigned({
      subject: subject(`<saml:NameID NameQualifier="n" SPNameQualifier="s">x1</saml:NameID>${confirmation()}`),
    }),
    expect: [
      'accepted',
      'nameId: x1',
      'nameIdFormat: urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
      'nameQualifier: n',
      'spNameQualifier: s',
    ],
  },
  'no-attributes': { xml: oneSigned({ attributes: null }), expect: ok() },
  'attribute-repeated': {
    xml: oneSigned({
      attributes:
        attributeStatement(attribute('groups', 'a') + attribute('uid', 'ada') + attribute('groups', 'b', 'c')) +
        attributeStatement(attribute('groups', 'd')),
    }),
    expect: ok('attribute groups: a | b | c | d', 'attribute uid: ada'),
  },
  'attribute-nil-empty-and-absent': {
    xml: oneSigned({
      attributes: attributeStatement(
        attribute('nil', '').replace(
          '<saml:AttributeValue>',
          '<saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true">',
        ) +
          attribute('empty', '') +
          attribute('none'),
      ),
    }),
    expect: ok('attribute nil has no value', 'attribute empty: ', 'attribute none has no value'),
  },
  'attribute-holds-name-id': {
    xml: oneSigned({
      attributes: attributeStatement(attribute('urn:oid:1.3.6.1.4.1.5923.1.1.1.10', '<saml:NameID>x7</saml:NameID>')),
    }),
    expect: ok('attribute urn:oid:1.3.6.1.4.1.5923.1.1.1.10: x7'),
  },
  'attribute-named-like-an-object-member': {
    xml: oneSigned({ attributes: attributeStatement(attribute('__proto__', 'x') + attribute('constructor', 'y')) }),
    expect: ok('attribute __proto__: x', 'attribute constructor: y'),
  },
  'id-begins-with-digit': {
    xml: response(signed(assertion({ id: '0f0c4c2e-5a4f-4c9e-9a64-6c2f0fdb3f0a' }))),
    expect: ok('id: 0f0c4c2e-5a4f-4c9e-9a64-6c2f0fdb3f0a'),
  },
  'extensions-are-ignored': {
    xml: response(signed(assertion()), {
      extensions: '<samlp:Extensions><x:y xmlns:x="urn:x">text</x:y></samlp:Extensions>',
    }),
    expect: ok(),
  },
}

function ecdsa(keyName, hash) {
  return {
    xml: oneSigned({}, { keyName, hash }),
    settings: { signingKeys: ['rsa', keyName] },
    expect: ok(`signed: assertion by ${keyName}`),
  }
}

/** Signed by a library that knows nothing of ours: its canonical form must be the same. */
function byXmlCrypto(xml, localName) {
  const signer = new SignedXml({
    privateKey: keys.rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: exc,
  })
  signer.addReference({
    xpath: `//*[local-name(.)='${localName}']`,
    transforms: [enveloped, exc],
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
    inclusiveNamespacesPrefixList: ['saml', 'samlp'],
  })
  const issuer = `/*[local-name(.)='Response']${localName === 'Response' ? '' : "/*[local-name(.)='Assertion']"}/*[local-name(.)='Issuer']`
  signer.computeSignature(xml, { prefix: 'ds', location: { reference: issuer, action: 'after' } })
  return signer.getSignedXml()
}

/** A prefix that is declared on the Response, used only inside a value, and named by the PrefixList. */
function inheritedPrefix() {
  const plain = assertion()
  const xs = 'http://www.w3.org/2001/XMLSchema'
  const canonical = plain.replace(' xmlns:saml=', ` xmlns:saml=`).replace(`"${saml}"`, `"${saml}" xmlns:xs="${xs}"`)
  const made = signature(canonical, {
    id: '_assertion1',
    transforms: transform(enveloped) + transform(exc, prefixList('xs')),
  })
  const withSignature = plain.replace('</saml:Issuer>', `</saml:Issuer>${made}`)
  return {
    xml: response(withSignature, { declarations: '' }).replace(' xmlns:samlp=', ` xmlns:xs="${xs}" xmlns:samlp=`),
    expect: ok(),
  }
}

/** The default namespace of the Response, unused in the assertion, named by the PrefixList as #default. */
function defaultNamespace() {
  const plain = assertion()
  const canonical = plain.replace(' xmlns:saml=', ' xmlns="urn:example:unused" xmlns:saml=')
  const made = signature(canonical, {
    id: '_assertion1',
    transforms: transform(enveloped) + transform(exc, prefixList('#default saml')),
  })
  const withSignature = plain.replace('</saml:Issuer>', `</saml:Issuer>${made}`)
  return {
    xml: response(withSignature).replace(' xmlns:samlp=', ' xmlns="urn:example:unused" xmlns:samlp='),
    expect: ok(),
  }
}
