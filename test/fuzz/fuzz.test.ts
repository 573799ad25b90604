import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readWhole } from '../saml/metadata/same-answer.ts'
import { checkCanonicalForm } from './check-canonical-form.ts'
import { checkLogout, receiveAndVerify } from './check-logout.ts'
import { verifyMessage } from './check-message.ts'
import { checkMetadata } from './check-metadata.ts'
import { type InputSource, makeInput, readFixtures } from './inputs.ts'
import { logoutInput } from './logout-input.ts'
import { metadataInput } from './metadata-input.ts'
import { Random } from './random.ts'
import { acsUrl, identityProvider, now, serviceProvider, signedMessage } from './signed-message.ts'
import { certificateOf, makeSigningPair } from './signing-key.ts'

// The fuzzer's own parts; `npm run fuzz` is the run.

const pair = makeSigningPair(new Random('test/key'))
const source: InputSource = {
  seed: 'test',
  fixtures: readFixtures(),
  pair,
  certificate: certificateOf(pair),
  keyFile: '',
}
const message = {
  name: 'message',
  xml: '',
  trust: {
    identityProviderEntityId: identityProvider,
    serviceProviderEntityId: serviceProvider,
    acsUrl,
    signingKeys: [{ key: pair.publicKey, fingerprint: 'fuzz' }],
  },
  now,
  keyFiles: new Map(),
}

test('fuzz: a seed decides every input and the signing key', () => {
  const makeAgain = { ...source, pair: makeSigningPair(new Random('test/key')) }
  for (let index = 0; index < 300; index++) {
    assert.equal(makeInput(source, index).input.xml, makeInput(makeAgain, index).input.xml)
  }
  assert.equal(pair.publicKey.equals(makeAgain.pair.publicKey), true)
  assert.equal(pair.publicKey.asymmetricKeyDetails?.modulusLength, 2048)
})

test('fuzz: what is signed over the canonical form of libxml2 is accepted', () => {
  for (let index = 0; index < 100; index++) {
    const xml = signedMessage(new Random(`message/${index}`), pair)
    const outcome = verifyMessage(Buffer.from(xml), message)
    assert.ok('assertion' in outcome, `${JSON.stringify(outcome)}\n${xml}`)
  }
})

test('fuzz: only what our scanner accepts is compared', () => {
  const counts = { accepted: 0, compared: 0 }
  assert.equal(checkCanonicalForm('<a b="c"/>', new Random('good'), counts), undefined)
  assert.equal(checkCanonicalForm('<a b=c/>', new Random('refused'), counts), undefined)
  assert.deepEqual(counts, { accepted: 2, compared: 4 })
})

test('fuzz: metadata signed over the canonical form of libxml2 is as it was signed, in one and in pieces', () => {
  const counts = { compared: 0, read: 0 }
  for (let index = 0; index < 150; index++) {
    const { kind, xml, metadata } = metadataInput(source, new Random(`metadata/${index}`))
    if (metadata === undefined || kind !== 'metadata') continue
    assert.equal(checkMetadata(xml, metadata, counts), undefined)
    const answer = readWhole(xml, metadata.options)
    const check = 'code' in answer ? answer.detail.check : undefined
    assert.ok(check === undefined || !['XML', 'DigestValue', 'SignatureValue'].includes(check), JSON.stringify(answer))
  }
  assert.ok(counts.compared > 20 && counts.read > 5, JSON.stringify(counts))
})

test('fuzz: a logout message is accepted as it was signed, and any other would be found', () => {
  const counts = { tried: 0, accepted: 0 }
  for (let index = 0; index < 100; index++) {
    const { xml, logout } = logoutInput(pair, new Random(`logout/${index}`))
    assert.ok(logout !== undefined)
    assert.equal(checkLogout(receiveAndVerify(xml, logout), logout, counts), undefined)
    if (logout.binding === 'post') continue
    const { signedXml, relayState, kind } = logout
    const other = { xml: `${signedXml} `, relayState, kind, content: {} }
    assert.ok(checkLogout(other, logout, counts)?.problem.includes('nobody signed'))
  }
  assert.ok(counts.accepted > 20, JSON.stringify(counts))
})
