// Signatures that are missing, broken, by the wrong key, or built otherwise than SAML allows.
import { assertion, response } from './messages.mjs'
import { enveloped, exc, keys, prefixList, signature, signed, transform } from './sign.mjs'

const refused = (code, check) => [`refused ${code}`, `check: ${check}`]
const withOptions = (options) => response(signed(assertion(), options))
const withChange = (change) => withOptions({ change })
const notAllowed = (options, check) => ({
  xml: withOptions(options),
  expect: refused('saml_signature_algorithm_not_allowed', check),
})
const malformed = (options, check) => ({
  xml: withOptions(options),
  expect: refused('saml_signature_malformed', check),
})
const ds = 'http://www.w3.org/2000/09/xmldsig#'
const publicPem = (name) => keys[name].publicKey.export({ type: 'spki', format: 'pem' })
const inclusive = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
const standardTransforms = transform(enveloped) + transform(exc)
const tamper = (xml) => xml.replace('ada@idp.example', 'eve@idp.example')

export const signatures = {
  unsigned: { xml: response(assertion()), expect: refused('saml_signature_missing', 'Signature') },
  'response-signature-wanted': {
    xml: response(signed(assertion())),
    settings: { wantResponseSigned: true },
    expect: refused('saml_signature_missing', 'Signature'),
  },
  'assertion-signature-wanted': {
    xml: signed(response(assertion())),
    settings: { wantAssertionsSigned: true },
    expect: refused('saml_signature_missing', 'Signature'),
  },
  'tampered-assertion': {
    xml: tamper(response(signed(assertion()))),
    expect: refused('saml_digest_mismatch', 'DigestValue'),
  },
  'tampered-in-signed-response': {
    xml: tamper(signed(response(assertion()))),
    expect: refused('saml_digest_mismatch', 'DigestValue'),
  },
  'tampered-response-around-good-assertion': {
    xml: signed(response(signed(assertion()))).replace(
      'InResponseTo="_request1" IssueInstant',
      'InResponseTo="_request2" IssueInstant',
    ),
    expect: refused('saml_digest_mismatch', 'DigestValue'),
  },
  'broken-assertion-signature-in-good-response': {
    xml: signed(response(signed(assertion(), { keyName: 'attacker' }))),
    expect: refused('saml_signature_invalid', 'SignatureValue'),
  },
  'broken-response-signature-around-good-assertion': {
    xml: signed(response(signed(assertion())), { keyName: 'attacker' }),
    expect: refused('saml_signature_invalid', 'SignatureValue'),
  },
  'attribute-added-after-signing': {
    xml: response(signed(assertion())).replace('<saml:Subject>', '<saml:Subject x="">'),
    expect: refused('saml_digest_mismatch', 'DigestValue'),
  },
  'signature-value-changed': {
    xml: withChange((text) => text.replace(/<ds:SignatureValue>./, '<ds:SignatureValue>/')),
    expect: refused('saml_signature_invalid', 'SignatureValue'),
  },
  'digest-value-changed': {
    xml: withChange((text) => text.replace(/<ds:DigestValue>[^<]*/, `<ds:DigestValue>${'A'.repeat(43)}=`)),
    expect: refused('saml_signature_invalid', 'SignatureValue'),
  },
  'digest-value-short': malformed(
    { signedInfo: (info) => info.replace(/<ds:DigestValue>[^<]*/, '<ds:DigestValue>') },
    'DigestValue',
  ),
  'digest-value-truncated': {
    xml: withOptions({ signedInfo: (info) => info.replace(/<ds:DigestValue>[^<]*/, '<ds:DigestValue>AAAA') }),
    expect: refused('saml_digest_mismatch', 'DigestValue'),
  },
  'signature-value-not-base64': {
    xml: withChange((text) => text.replace(/<ds:SignatureValue>../, '<ds:SignatureValue>-_')),
    expect: refused('saml_signature_malformed', 'SignatureValue'),
  },
  'signature-value-empty': {
    xml: withChange((text) => text.replace(/<ds:SignatureValue>[^<]*/, '<ds:SignatureValue>')),
    expect: refused('saml_signature_malformed', 'SignatureValue'),
  },

  'key-unknown': {
    xml: withOptions({ keyName: 'attacker' }),
    expect: refused('saml_signature_invalid', 'SignatureValue'),
  },
  'key-named-in-message': {
    xml: withOptions({
      keyName: 'attacker',
      keyInfo: `<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${modulus('attacker')}</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>`,
    }),
    expect: refused('saml_signature_invalid', 'SignatureValue'),
  },
  'key-too-weak': {
    xml: withOptions({ keyName: 'rsa-weak' }),
    settings: { signingKeys: ['rsa-weak'] },
    expect: refused('saml_key_too_weak', 'SigningKey'),
  },
  'key-too-weak-among-others': {
    xml: withOptions({ keyName: 'rsa-weak' }),
    settings: { signingKeys: ['rsa', 'rsa-weak'] },
    expect: refused('saml_key_too_weak', 'SigningKey'),
  },
  'curve-not-accepted': {
    xml: withOptions({ keyName: 'k256' }),
    settings: { signingKeys: ['k256'] },
    expect: refused('saml_key_too_weak', 'SigningKey'),
  },
  'key-of-another-type': {
    xml: withOptions({ keyName: 'p256' }),
    expect: refused('saml_signature_invalid', 'SignatureValue'),
  },
  'rsa-signature-called-ecdsa': {
    xml: withOptions({ method: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256' }),
    expect: refused('saml_signature_invalid', 'SignatureValue'),
  },
  'ecdsa-signature-in-der': {
    xml: withOptions({ keyName: 'p256', derSignature: true }),
    settings: { signingKeys: ['p256'] },
    expect: refused('saml_signature_malformed', 'SignatureValue'),
  },

  'rsa-sha1': notAllowed({ hash: 'sha1' }, 'SignatureMethod'),
  'digest-sha1': notAllowed({ digestHash: 'sha1' }, 'DigestMethod'),
  'hmac-with-public-key': notAllowed({ method: `${ds}hmac-sha256`, hmac: publicPem('rsa') }, 'SignatureMethod'),
  'hmac-called-rsa': {
    xml: withOptions({ hmac: publicPem('rsa') }),
    expect: refused('saml_signature_invalid', 'SignatureValue'),
  },
  'rsa-pss': notAllowed({ method: 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1' }, 'SignatureMethod'),
  'signature-method-unknown': notAllowed({ method: 'urn:example:none' }, 'SignatureMethod'),
  'signature-method-named-like-an-object-member': notAllowed({ method: 'constructor' }, 'SignatureMethod'),
  'signature-method-missing-algorithm': notAllowed(
    { signedInfo: (info) => info.replace(/<ds:SignatureMethod [^>]*>/, '<ds:SignatureMethod>') },
    'SignatureMethod',
  ),
  'digest-method-unknown': notAllowed({ digestMethod: 'urn:example:none' }, 'DigestMethod'),
  'canonicalization-inclusive': notAllowed({ canonicalization: inclusive }, 'CanonicalizationMethod'),
  'transform-inclusive': notAllowed({ transforms: transform(enveloped) + transform(inclusive) }, 'Transform'),
  'transform-xslt': notAllowed(
    { transforms: transform('http://www.w3.org/TR/1999/REC-xslt-19991116') + transform(exc) },
    'Transform',
  ),
  'transform-xpath': notAllowed(
    {
      transforms:
        transform(enveloped) + transform('http://www.w3.org/TR/1999/REC-xpath-19991116', '<ds:XPath>1</ds:XPath>'),
    },
    'Transform',
  ),
  'transforms-reversed': notAllowed({ transforms: transform(exc) + transform(enveloped) }, 'Transform'),
  'transforms-many': malformed({ transforms: standardTransforms + transform(exc).repeat(100) }, 'Transforms'),
  'transforms-only-enveloped': malformed({ transforms: transform(enveloped) }, 'Transforms'),
  'transforms-none': malformed({ transforms: '' }, 'Transforms'),
  'transform-has-content': malformed(
    { transforms: transform(enveloped, '<ds:XPath>1</ds:XPath>') + transform(exc) },
    'Transform',
  ),
  'prefix-list-long': malformed(
    {
      transforms:
        transform(enveloped) +
        transform(exc, prefixList(Array.from({ length: 81 }, (_unused, i) => `p${i}`).join(' '))),
    },
    'PrefixList',
  ),
  'reference-empty': malformed({ uri: '' }, 'Reference/URI'),
  'reference-elsewhere': malformed({ uri: '#_response1' }, 'Reference/URI'),
  'reference-xpointer': malformed({ uri: '#xpointer(/)' }, 'Reference/URI'),
  'reference-external': malformed({ uri: 'https://idp.example/assertion' }, 'Reference/URI'),
  'reference-missing': malformed(
    { signedInfo: (info) => info.replace(/<ds:Reference.*<\/ds:Reference>/, '') },
    'SignedInfo',
  ),
  'reference-twice': malformed(
    { signedInfo: (info) => info.replace(/(<ds:Reference.*<\/ds:Reference>)/, '$1$1') },
    'SignedInfo',
  ),
  'digest-value-twice': malformed(
    { signedInfo: (info) => info.replace(/(<ds:DigestValue>.*<\/ds:DigestValue>)/, '$1$1') },
    'Reference',
  ),
  'digest-value-holds-an-element': malformed(
    { signedInfo: (info) => info.replace('<ds:DigestValue>', '<ds:DigestValue><ds:X></ds:X>') },
    'DigestValue',
  ),
  'hmac-output-length': malformed(
    {
      signedInfo: (info) =>
        info.replace('</ds:SignatureMethod>', '<ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>'),
    },
    'SignatureMethod',
  ),
  'signed-info-twice': {
    xml: withChange((text) => text.replace(/(<ds:SignedInfo>.*<\/ds:SignedInfo>)/, '$1$1')),
    expect: refused('saml_signature_malformed', 'Signature'),
  },
  'signed-info-forged-before': {
    xml: forgedSignedInfo((forged, original) => forged + original),
    expect: refused('saml_signature_malformed', 'Signature'),
  },
  'signed-info-forged-after': {
    xml: forgedSignedInfo((forged, original) => original + forged),
    expect: refused('saml_signature_malformed', 'Signature'),
  },
  'signature-has-object': {
    xml: withChange((text) =>
      text.replace('</ds:Signature>', '<ds:KeyInfo></ds:KeyInfo><ds:Object></ds:Object></ds:Signature>'),
    ),
    expect: refused('saml_signature_malformed', 'Signature'),
  },
  'signature-has-text': {
    xml: withChange((text) => text.replace('</ds:SignedInfo>', '</ds:SignedInfo>text')),
    expect: refused('saml_signature_malformed', 'Signature'),
  },
  'signature-empty': {
    xml: withChange(() => `<ds:Signature xmlns:ds="${ds}"></ds:Signature>`),
    expect: refused('saml_signature_malformed', 'Signature'),
  },
  'signature-of-another-namespace': {
    xml: withChange((text) => text.replaceAll(ds, 'http://www.w3.org/2000/09/xmldsig')),
    expect: refused('saml_signature_missing', 'Signature'),
  },
  'signature-value-before-signed-info': {
    xml: withChange((text) =>
      text.replace(/(<ds:SignedInfo>.*<\/ds:SignedInfo>)(<ds:SignatureValue>.*<\/ds:SignatureValue>)/, '$2$1'),
    ),
    expect: refused('saml_signature_malformed', 'Signature'),
  },
  'comment-in-digest-value': {
    xml: withChange((text) => text.replace('<ds:DigestValue>', '<ds:DigestValue><!--forged-->')),
    expect: refused('saml_comment_not_allowed', 'XML'),
  },
}

function modulus(name) {
  return Buffer.from(keys[name].publicKey.export({ format: 'jwk' }).n, 'base64url').toString('base64')
}

/** The signed SignedInfo stays, and one with the digest of a changed assertion joins it. */
function forgedSignedInfo(arrange) {
  const infoOf = (text) => /<ds:SignedInfo>.*<\/ds:SignedInfo>/.exec(text)[0]
  const good = signature(assertion(), { id: '_assertion1' })
  const evil = signature(tamper(assertion()), { id: '_assertion1', keyName: 'attacker' })
  const both = good.replace(infoOf(good), arrange(infoOf(evil), infoOf(good)))
  return response(tamper(assertion()).replace('</saml:Issuer>', `</saml:Issuer>${both}`))
}
