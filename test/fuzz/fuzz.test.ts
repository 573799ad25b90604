import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkCanonicalForm } from './check-canonical-form.ts'
import { verifyMessage } from './check-message.ts'
import { type InputSource, makeInput, readFixtures } from './inputs.ts'
import { Random } from './random.ts'
import { acsUrl, identityProvider, now, serviceProvider, signedMessage } from './signed-message.ts'
import { makeSigningPair } from './signing-key.ts'

// The fuzzer's own parts; `npm run fuzz` is the run.

const pair = makeSigningPair(new Random('test/key'))
const source: InputSource = { seed: 'test', fixtures: readFixtures(), pair, keyFile: '' }
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
