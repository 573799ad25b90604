// What stands encrypted in a message; and SHA-1 and short keys, where they are allowed.
import { encryptedData, wrapOld } from './encrypt.mjs'
import {
  assertion,
  attribute,
  attributeStatement,
  confirmation,
  nameId,
  response,
  saml,
  sp,
  subject,
} from './messages.mjs'
import { insert, signature, signed } from './sign.mjs'

const settings = { signingKeys: ['signer'], decryptionKeys: ['test-only-decryption'] }
const signer = { keyName: 'signer' }
const xenc = 'http://www.w3.org/2001/04/xmlenc#'

const encryptedAssertion = (text, options = {}) =>
  `<saml:EncryptedAssertion xmlns:saml="${saml}">${encryptedData(text, options)}</saml:EncryptedAssertion>`

const accepted = (xml, more = [], moreSettings = {}) => ({
  xml,
  settings: { ...settings, ...moreSettings },
  expect: ['accepted', 'nameId: ada@idp.example', 'attribute groups: staff | admins', ...more],
})
const refused = (xml, code, check, moreSettings = {}) => ({
  xml,
  settings: { ...settings, ...moreSettings },
  expect: [`refused ${code}`, ...(check === undefined ? [] : [`check: ${check}`])],
})

const good = (parts = {}) => signed(assertion(parts), signer)
const bySigner = (part) => `signed: ${part} by signer`
/** The Response says nothing that is signed. */
const inner = (options, text = good()) => response(encryptedAssertion(text, options))
/** The assertion is signed by the Response around it only. */
const outer = (options, text = assertion()) => signed(response(encryptedAssertion(text, options)), signer)

const failed = (options, text) => refused(inner(options, text), 'saml_decryption_failed', 'EncryptedData')
const notAllowed = (options, check) => refused(inner(options), 'saml_encryption_algorithm_not_allowed', check)
const malformed = (xml, check) => refused(xml, 'saml_encryption_malformed', check)
const structure = (xml, check) => refused(xml, 'saml_structure_invalid', check)
const flipped = (at) => (bytes) => {
  bytes[at < 0 ? bytes.length + at : at] ^= 1
  return bytes
}

const oaep = {
  'mgf1p-with-sha1': { digest: 'sha1' },
  'mgf1p-with-sha256': { digest: 'sha256' },
  'mgf1p-with-sha512': { digest: 'sha512' },
  'mgf1p-with-sha256-for-the-mask-too': { digest: 'sha256', mask: 'sha256' },
  defaults: { mgf: 'sha1', noMgf: true },
  'sha256-and-mgf1sha1': { digest: 'sha256', mgf: 'sha1' },
  'sha256-and-mgf1sha256': { digest: 'sha256', mgf: 'sha256' },
  'sha384-and-mgf1sha384': { digest: 'sha384', mgf: 'sha384' },
  'sha512-and-mgf1sha512': { digest: 'sha512', mgf: 'sha512' },
  'sha1-and-mgf1sha512': { digest: 'sha1', mgf: 'sha512' },
  label: { digest: 'sha256', label: 'bGF0Y2hrZXk=' },
}

const transports = Object.fromEntries(
  Object.entries(oaep).map(([name, key]) => [`encrypted-oaep-${name}`, accepted(inner({ key }))]),
)
const contents = Object.fromEntries(
  ['128', '192', '256'].flatMap((bits) => [
    [`encrypted-aes${bits}-gcm`, accepted(inner({ content: `aes-${bits}-gcm` }), [bySigner('assertion')])],
    [
      `encrypted-aes${bits}-cbc-in-signed-response`,
      accepted(outer({ content: `aes-${bits}-cbc` }), [bySigner('response')]),
    ],
    [
      `encrypted-aes${bits}-cbc-in-unsigned-response`,
      notAllowed({ content: `aes-${bits}-cbc` }, 'EncryptedData/EncryptionMethod'),
    ],
  ]),
)

const keys = {
  'encrypted-key-beside': accepted(inner({ place: 'beside' })),
  'encrypted-key-by-retrieval-method': accepted(inner({ place: 'retrieval', key: { id: '_key1' } })),
  'encrypted-with-former-key': accepted(inner({ key: { to: 'test-only-former-decryption' } }), [], {
    decryptionKeys: ['test-only-decryption', 'test-only-former-decryption'],
  }),
  'encrypted-for-several-recipients': accepted(
    inner({ keys: [{ to: 'stranger', recipient: 'https://other.example' }, { recipient: sp }], place: 'beside' }),
  ),
  'encrypted-for-several-who-are-not-named': accepted(inner({ keys: [{ to: 'stranger' }, {}, { to: 'stranger' }] })),
  'encrypted-for-us-under-another-name': accepted(inner({ key: { recipient: 'https://other.example' } })),
  'encrypted-for-another-key': failed({ key: { to: 'stranger' } }),
  'encrypted-keys-too-many': refused(
    inner({ keys: Array.from({ length: 13 }, () => ({ to: 'stranger' })) }),
    'saml_limits_exceeded',
    'EncryptedKey',
  ),
  'encrypted-without-key': malformed(inner({ keys: [] }), 'EncryptedKey'),
  'encrypted-and-no-key-of-ours': refused(inner(), 'saml_assertion_encrypted', 'Response', { decryptionKeys: [] }),
  'encrypted-key-by-pkcs1': notAllowed(
    { key: (key) => ({ method: `${xenc}rsa-1_5`, wrapped: wrapOld(key) }) },
    'EncryptedKey/EncryptionMethod',
  ),
  'encrypted-key-by-pkcs1-called-oaep': failed({ key: (key) => ({ wrapped: wrapOld(key) }) }),
  'encrypted-key-by-unknown-digest': notAllowed(
    { key: (key) => ({ digest: 'http://www.w3.org/2001/04/xmldsig-more#md5', wrapped: wrapOld(key) }) },
    'EncryptedKey/DigestMethod',
  ),
  'encrypted-key-by-unknown-mask': notAllowed({ key: { mgf: 'sha1', mgfName: 'md5' } }, 'EncryptedKey/MGF'),
  'encrypted-key-all-zero': failed({ key: { wrapped: Buffer.alloc(256) } }),
  'encrypted-key-above-the-modulus': failed({ key: { wrapped: Buffer.alloc(256, 255) } }),
  'encrypted-key-short': failed({ key: { wrapped: Buffer.alloc(32) } }),
}

const containers = {
  'encrypted-content-changed': failed({ changeContent: flipped(40) }),
  'encrypted-tag-changed': failed({ changeContent: flipped(-1) }),
  'encrypted-content-empty': failed({ changeContent: (bytes) => bytes.subarray(0, 12) }),
  'encrypted-cbc-without-a-block': refused(
    outer({ content: 'aes-128-cbc', changeContent: (bytes) => bytes.subarray(0, 20) }),
    'saml_decryption_failed',
  ),
  'encrypted-by-triple-des': notAllowed({ contentMethod: `${xenc}tripledes-cbc` }, 'EncryptedData/EncryptionMethod'),
  'encrypted-by-nothing': notAllowed({ contentMethod: '' }, 'EncryptedData/EncryptionMethod'),
  'encrypted-elsewhere': malformed(
    inner({
      cipher:
        '<xenc:CipherData><xenc:CipherReference URI="https://evil.example/"></xenc:CipherReference></xenc:CipherData>',
    }),
    'EncryptedData',
  ),
  'encrypted-type-content': malformed(inner({ type: `${xenc}Content` }), 'EncryptedData/Type'),
  'encrypted-data-missing': malformed(
    response(`<saml:EncryptedAssertion xmlns:saml="${saml}"></saml:EncryptedAssertion>`),
    'EncryptedAssertion',
  ),
  'encrypted-twice': structure(response(encryptedAssertion(good()) + encryptedAssertion(good({ id: '_assertion2' })))),
  'encryption-wanted': refused(response(good()), 'saml_encryption_missing', 'Response', {
    wantAssertionsEncrypted: true,
  }),
  'encryption-wanted-and-there': accepted(inner(), [], { wantAssertionsEncrypted: true }),
}

const withoutDeclaration = (text) => text.replace(` xmlns:saml="${saml}"`, '')
const plaintexts = {
  'encrypted-nobody-signed': refused(inner({}, assertion()), 'saml_signature_missing', 'Signature'),
  'encrypted-both-signed': accepted(outer({}, good()), [bySigner('response'), bySigner('assertion')]),
  'encrypted-in-signed-response-by-gcm': accepted(outer(), [bySigner('response')]),
  'encrypted-response-signature-wanted': refused(inner(), 'saml_signature_missing', 'Signature', {
    wantResponseSigned: true,
  }),
  'encrypted-assertion-signature-wanted': refused(outer(), 'saml_signature_missing', 'Signature', {
    wantAssertionsSigned: true,
  }),
  'encrypted-assertion-changed-after-signing': refused(
    inner({}, good().replace('ada@', 'eve@')),
    'saml_digest_mismatch',
    'DigestValue',
  ),
  'encrypted-assertion-changed-in-signed-response': refused(
    outer({}, good().replace('ada@', 'eve@')),
    'saml_digest_mismatch',
    'DigestValue',
  ),
  'encrypted-prefix-declared-around': accepted(inner({}, withoutDeclaration(good()))),
  'encrypted-prefix-declared-around-in-signed-response': accepted(outer({}, withoutDeclaration(assertion()))),
  'encrypted-prefix-that-no-signature-covers': refused(
    outer({}, assertion().replaceAll('saml:', 's2:').replace('xmlns:s2', 'xmlns:unused')).replace(
      '<samlp:Response',
      `<samlp:Response xmlns:s2="${saml}"`,
    ),
    'saml_malformed',
    'XML',
  ),
  'encrypted-not-utf8': failed({}, Buffer.from(good().replace('ada', '\u00e9'), 'latin1')),
  'encrypted-not-xml': refused(inner({}, 'hello <'), 'saml_malformed', 'XML'),
  'encrypted-not-xml-by-cbc': refused(outer({ content: 'aes-128-cbc' }, 'hello <'), 'saml_decryption_failed'),
  'encrypted-comment': refused(inner({}, good().replace('ada@', 'ada<!-- -->@')), 'saml_comment_not_allowed', 'XML'),
  'encrypted-doctype': refused(inner({}, `<!DOCTYPE a>${good()}`), 'saml_doctype_not_allowed', 'XML'),
  'encrypted-nothing': structure(inner({}, ' ')),
  'encrypted-text-beside': structure(inner({}, `x${good()}`)),
  'encrypted-two-assertions': structure(inner({}, good() + good({ id: '_assertion2' }))),
  'encrypted-closes-its-container': refused(inner({}, `${good()}</saml:EncryptedAssertion>`), 'saml_malformed', 'XML'),
  'encrypted-closes-and-opens-its-container': structure(
    inner({}, `${good()}</saml:EncryptedAssertion><saml:EncryptedAssertion xmlns:saml="${saml}">`),
  ),
  'encrypted-response-inside': structure(inner({}, response(good()))),
  'encrypted-again-inside': structure(inner({}, encryptedAssertion(good()))),
  'encrypted-name-id-alone': structure(inner({}, nameId())),
  'encrypted-same-id-as-response': refused(inner({}, good({ id: '_response1' })), 'saml_id_invalid'),
  'encrypted-same-id-as-its-data': refused(inner({ dataId: '_assertion1' }), 'saml_id_invalid'),
}

const encryptedId = (text, options) => `<saml:EncryptedID>${encryptedData(text, options)}</saml:EncryptedID>`
const encryptedAttribute = (text, options) =>
  `<saml:EncryptedAttribute>${encryptedData(text, options)}</saml:EncryptedAttribute>`
const named = (inside) => good({ subject: subject(inside + confirmation()) })
const groups = attribute('groups', 'staff', 'admins')
const attributed = (options) => good({ attributes: attributeStatement(encryptedAttribute(groups, options)) })
const parts = {
  'encrypted-id': accepted(response(named(encryptedId(nameId())))),
  'encrypted-id-by-cbc': accepted(response(named(encryptedId(nameId(), { content: 'aes-128-cbc' })))),
  'encrypted-id-in-encrypted-assertion': accepted(inner({}, named(encryptedId(nameId())))),
  'encrypted-id-beside-name-id': structure(response(named(nameId() + encryptedId(nameId()))), 'Subject'),
  'encrypted-id-is-a-confirmation': structure(response(named(encryptedId(confirmation()))), 'EncryptedID'),
  'encrypted-id-for-another-key': refused(
    response(named(encryptedId(nameId(), { key: { to: 'stranger' } }))),
    'saml_decryption_failed',
  ),
  'encrypted-id-nobody-signed': refused(
    response(assertion({ subject: subject(encryptedId(nameId()) + confirmation()) })),
    'saml_signature_missing',
  ),
  'encrypted-attribute': accepted(response(attributed())),
  'encrypted-attribute-by-cbc': accepted(response(attributed({ content: 'aes-256-cbc' }))),
  'encrypted-attribute-is-a-name-id': structure(
    response(good({ attributes: attributeStatement(encryptedAttribute(nameId())) })),
    'EncryptedAttribute',
  ),
  'encrypted-attributes-too-many': refused(
    response(good({ attributes: attributeStatement(encryptedAttribute(groups).repeat(65)) })),
    'saml_limits_exceeded',
  ),
}

const evil = (id = '_evil') => assertion({ id }).replace('ada@idp.example', 'eve@idp.example')
const goodSignature = signature(assertion(), { id: '_assertion1', ...signer })
const object = (inside) => `<ds:Object xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${inside}</ds:Object>`
const holding = (signatureText, inside) => signatureText.replace('</ds:Signature>', `${object(inside)}</ds:Signature>`)
const encryptedOriginal = response(encryptedAssertion(assertion()))
const responseSignature = signature(encryptedOriginal, { id: '_response1', ...signer })
const evilResponse = () => response(encryptedAssertion(evil('_evilAssertion')), { id: '_evil' })
const wrapping = {
  'encrypted-xsw1': structure(insert(holding(responseSignature, encryptedOriginal), evilResponse())),
  'encrypted-xsw2': structure(insert(object(encryptedOriginal) + responseSignature, evilResponse())),
  'encrypted-xsw3-evil-encrypted': structure(response(encryptedAssertion(evil()) + good())),
  'encrypted-xsw3-signed-encrypted': structure(response(evil() + encryptedAssertion(good()))),
  'encrypted-xsw3-both-inside': structure(inner({}, evil() + good())),
  'encrypted-xsw4': structure(inner({}, evil().replace('</saml:Assertion>', `${good()}</saml:Assertion>`))),
  'encrypted-xsw5': structure(inner({}, insert(goodSignature, evil()) + assertion())),
  'encrypted-xsw6': structure(inner({}, insert(holding(goodSignature, assertion()), evil()))),
  'encrypted-xsw7': structure(
    response(encryptedAssertion(good()), { extensions: `<samlp:Extensions>${evil()}</samlp:Extensions>` }),
  ),
  'encrypted-xsw7-signed-in-extensions': structure(
    response(encryptedAssertion(evil()), { extensions: `<samlp:Extensions>${good()}</samlp:Extensions>` }),
  ),
  'encrypted-xsw8': structure(inner({}, insert(holding(goodSignature, good()), evil('_evil')))),
  'encrypted-evil-takes-signature': refused(
    inner({}, insert(goodSignature, evil())),
    'saml_signature_malformed',
    'Reference/URI',
  ),
  'encrypted-evil-takes-signature-and-id': refused(
    inner({}, insert(goodSignature, evil('_assertion1'))),
    'saml_digest_mismatch',
    'DigestValue',
  ),
  'encrypted-signature-outside-of-assertion': refused(
    response(
      `<saml:EncryptedAssertion xmlns:saml="${saml}">${encryptedData(assertion())}${goodSignature}</saml:EncryptedAssertion>`,
    ),
    'saml_signature_misplaced',
  ),
  'encrypted-exchanged-in-signed-response': refused(
    insert(responseSignature, response(encryptedAssertion(evil()))),
    'saml_digest_mismatch',
    'DigestValue',
  ),
}

const ecdsaSha1 = 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1'
const sha1 = { signingKeys: ['signer'], dangerouslyAllowSha1: true }
const weak = (keyName) => response(signed(assertion(), { keyName }))
const switches = {
  'sha1-allowed': { ...accepted(response(signed(assertion(), { ...signer, hash: 'sha1' }))), settings: sha1 },
  'sha1-digest-allowed': {
    ...accepted(response(signed(assertion(), { ...signer, digestHash: 'sha1' }))),
    settings: sha1,
  },
  'sha1-allowed-and-broken': {
    ...refused(
      response(signed(assertion(), { ...signer, hash: 'sha1' }).replace('ada@', 'eve@')),
      'saml_digest_mismatch',
    ),
    settings: sha1,
  },
  'sha1-by-ecdsa-allowed': {
    ...accepted(response(signed(assertion(), { keyName: 'signer-p256', hash: 'sha1', method: ecdsaSha1 }))),
    settings: { ...sha1, signingKeys: ['signer-p256'] },
  },
  'sha1-not-allowed-by-weak-keys': {
    ...refused(
      response(signed(assertion(), { ...signer, hash: 'sha1' })),
      'saml_signature_algorithm_not_allowed',
      'SignatureMethod',
    ),
    settings: { signingKeys: ['signer'], dangerouslyAllowWeakKeys: true },
  },
  'weak-key-allowed': {
    ...accepted(weak('signer-1024')),
    settings: { signingKeys: ['signer-1024'], dangerouslyAllowWeakKeys: true },
  },
  'weak-key-not-allowed-by-sha1': {
    ...refused(weak('signer-1024'), 'saml_key_too_weak', 'SigningKey'),
    settings: { signingKeys: ['signer-1024'], dangerouslyAllowSha1: true },
  },
  'weak-key-weaker-than-allowed': {
    ...refused(weak('signer-512'), 'saml_key_too_weak', 'SigningKey'),
    settings: { signingKeys: ['signer-512'], dangerouslyAllowWeakKeys: true },
  },
}

export const encrypted = {
  ...contents,
  ...transports,
  ...keys,
  ...containers,
  ...plaintexts,
  ...parts,
  ...wrapping,
  ...switches,
}
