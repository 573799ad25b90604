// Signature wrapping: the signed element is kept somewhere, and another one is put where it will be read.
// XSW1 to XSW8 as in Somorovsky et al., "On Breaking SAML: Be Whoever You Want to Be", 2012.
import { assertion, response, saml } from './messages.mjs'
import { insert, signature, signed } from './sign.mjs'

const refused = (code, check) => ({ expect: [`refused ${code}`, ...(check === undefined ? [] : [`check: ${check}`])] })
const structure = (xml) => ({ xml, ...refused('saml_structure_invalid') })
const misplaced = (xml) => ({ xml, ...refused('saml_signature_misplaced', 'Signature') })
const repeatedId = (xml) => ({ xml, ...refused('saml_id_invalid') })

const evil = (id = '_evil') => assertion({ id }).replace('ada@idp.example', 'eve@idp.example')
const good = signed(assertion())
const goodSignature = signature(assertion(), { id: '_assertion1' })
const evilWithGoodSignature = (id) => insert(goodSignature, evil(id))
const object = (inside) => `<ds:Object xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${inside}</ds:Object>`
const extensions = (inside) => `<samlp:Extensions>${inside}</samlp:Extensions>`
const intoSignature = (signatureText, inside) => signatureText.replace('</ds:Signature>', `${inside}</ds:Signature>`)

const originalResponse = response(assertion())
const responseSignature = signature(originalResponse, { id: '_response1' })
const evilResponse = (id = '_evil') => response(evil('_evilAssertion'), { id })

export const wrapping = {
  'xsw1-signed-response-inside-its-signature': structure(
    insert(intoSignature(responseSignature, object(originalResponse)), evilResponse()),
  ),
  'xsw2-signed-response-beside-its-signature': structure(
    insert(object(originalResponse) + responseSignature, evilResponse()),
  ),
  'xsw3-evil-before-signed': structure(response(evil() + good)),
  'xsw3-evil-after-signed': structure(response(good + evil())),
  'xsw4-signed-inside-evil': structure(response(evil().replace('</saml:Assertion>', `${good}</saml:Assertion>`))),
  'xsw5-signature-in-evil-and-original-after': structure(response(evilWithGoodSignature() + assertion())),
  'xsw6-original-inside-signature-of-evil': structure(
    response(insert(intoSignature(goodSignature, object(assertion())), evil())),
  ),
  'xsw7-evil-in-extensions': structure(response(good, { extensions: extensions(evil()) })),
  'xsw7-signed-in-extensions': structure(response(evil(), { extensions: extensions(good) })),
  'xsw8-original-in-object-of-evil': structure(
    response(insert(intoSignature(goodSignature, object(assertion())), evil('_evil'))),
  ),
  'evil-takes-signature': {
    xml: response(evilWithGoodSignature()),
    ...refused('saml_signature_malformed', 'Reference/URI'),
  },
  'evil-takes-signature-and-id': {
    xml: response(evilWithGoodSignature('_assertion1')),
    ...refused('saml_digest_mismatch', 'DigestValue'),
  },
  'evil-response-takes-signature-and-id': {
    xml: insert(responseSignature, evilResponse('_response1')),
    ...refused('saml_digest_mismatch', 'DigestValue'),
  },
  'signed-assertion-in-advice-of-evil': structure(
    response(evil().replace('</saml:Assertion>', `<saml:Advice>${good}</saml:Advice></saml:Assertion>`)),
  ),
  'evil-of-another-namespace': structure(
    response(evil().replaceAll(saml, 'urn:oasis:names:tc:SAML:1.0:assertion') + good),
  ),
  'evil-without-namespace': structure(
    response(
      evil()
        .replaceAll('saml:', '')
        .replace(/ xmlns:saml="[^"]*"/, ' xmlns=""')
        .replace(/ xmlns="[^"]*"/, '') + good,
    ),
  ),
  'same-id-twice': repeatedId(response(good, { id: '_assertion1' })),
  'same-id-in-extensions': repeatedId(
    response(good, { extensions: extensions('<x:y xmlns:x="urn:x" Id="_assertion1"></x:y>') }),
  ),
  'same-id-as-xml-id': repeatedId(
    response(good, { extensions: extensions('<x:y xmlns:x="urn:x" xml:id="_assertion1"></x:y>') }),
  ),
  'same-id-in-a-namespace': repeatedId(response(good, { declarations: ' xmlns:x="urn:x" x:ID="_assertion1"' })),
  'id-missing': {
    xml: response(signed(assertion()).replace(' ID="_assertion1"', '')),
    ...refused('saml_id_invalid', 'Assertion/ID'),
  },
  'id-malformed': { xml: response(signed(assertion({ id: 'a b' }))), ...refused('saml_id_invalid', 'Assertion/ID') },
  'signature-in-extensions': misplaced(response(assertion(), { extensions: extensions(goodSignature) })),
  'signature-in-subject': misplaced(response(assertion().replace('<saml:Subject>', `<saml:Subject>${goodSignature}`))),
  'signature-in-status': misplaced(response(assertion()).replace('<samlp:Status>', `<samlp:Status>${goodSignature}`)),
  'signature-twice': misplaced(response(insert(goodSignature, good))),
  'signature-of-assertion-on-response': {
    xml: insert(goodSignature, response(assertion())),
    ...refused('saml_signature_malformed', 'Reference/URI'),
  },
  'assertions-both-signed': structure(response(good + signed(assertion({ id: '_assertion2' })))),
  'assertion-and-encrypted-assertion': structure(
    response(`${good}<saml:EncryptedAssertion xmlns:saml="${saml}"></saml:EncryptedAssertion>`),
  ),
  'namespace-of-content-changed': {
    xml: response(good)
      .replace(`xmlns:saml="${saml}" ID`, `xmlns:saml="${saml}" xmlns:s2="${saml}" ID`)
      .replaceAll('saml:NameID', 's2:NameID'),
    ...refused('saml_digest_mismatch', 'DigestValue'),
  },
}
