import assert from 'node:assert/strict'
import { test } from 'node:test'
import { satisfiesAuthnContext } from '../../src/saml/authn-context.ts'
import { buildAuthnRequest } from '../../src/saml/authn-request.ts'

const order = ['password', 'transport', 'token', 'card']

// What is asked for, and which of the classes then are enough.
const cases = [
  { classRefs: ['transport'], enough: ['transport'] },
  { classRefs: ['transport', 'card'], comparison: 'exact', enough: ['transport', 'card'] },
  { classRefs: ['transport'], comparison: 'minimum', order, enough: ['transport', 'token', 'card'] },
  { classRefs: ['token', 'transport'], comparison: 'minimum', order, enough: ['transport', 'token', 'card'] },
  { classRefs: ['transport'], comparison: 'maximum', order, enough: ['password', 'transport'] },
  { classRefs: ['password', 'token'], comparison: 'maximum', order, enough: ['password', 'transport', 'token'] },
  { classRefs: ['transport'], comparison: 'better', order, enough: ['token', 'card'] },
  { classRefs: ['password', 'token'], comparison: 'better', order, enough: ['card'] },
  { classRefs: ['card'], comparison: 'better', order, enough: [] },
  { classRefs: ['transport'], comparison: 'minimum', enough: [] },
  { classRefs: ['smoke signal'], comparison: 'maximum', order, enough: [] },
] as const

for (const { enough, ...requested } of cases) {
  const title = `${'comparison' in requested ? requested.comparison : 'exact by default'} of ${requested.classRefs.join(', ')}`
  test(`${title}: ${enough.join(', ') || 'nothing'} is enough`, () => {
    const arrived = [...order, 'unheard of', undefined]
    assert.deepEqual(
      arrived.filter((classRef) => satisfiesAuthnContext(classRef, requested)),
      enough,
    )
  })
}

test('buildAuthnRequest() asks for a way to sign in, behind the NameIDPolicy, as the schema orders them', () => {
  const xml = buildAuthnRequest({
    id: '_1',
    issueInstant: new Date(0),
    destination: 'd',
    issuer: 'i',
    acsUrl: 'a',
    isPassive: true,
    requestedAuthnContext: { classRefs: ['urn:a&b', 'urn:c'], comparison: 'minimum', order: ['urn:a&b', 'urn:c'] },
  })
  const assertion = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
  assert.ok(
    xml.endsWith(
      '</samlp:NameIDPolicy><samlp:RequestedAuthnContext Comparison="minimum">' +
        `<saml:AuthnContextClassRef ${assertion}>urn:a&amp;b</saml:AuthnContextClassRef>` +
        `<saml:AuthnContextClassRef ${assertion}>urn:c</saml:AuthnContextClassRef>` +
        '</samlp:RequestedAuthnContext></samlp:AuthnRequest>',
    ),
    xml,
  )
  assert.match(xml, / IsPassive="true" /)
  assert.doesNotMatch(xml, /Scoping|ForceAuthn/)
})
