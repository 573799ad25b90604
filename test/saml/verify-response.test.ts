import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { isLatchkeyError } from '../../src/errors.ts'
import { decodeResponse, type SigningKey, type TrustSettings, verifyResponse } from '../../src/saml/index.ts'
import type { VerifiedAssertion } from '../../src/saml/verified-assertion.ts'

// A folder a case: `response.xml` is decoded and verified with `settings.json`, and every line of `expect.txt` must be in
// the outcome written as text, the first one as its first. `tools/make-saml-fixtures.mjs` makes them.

const fixtures = 'test/fixtures/saml'

interface Case {
  readonly trust: TrustSettings
  readonly now: Date
}

function readSettings(folder: string): Case {
  const {
    now,
    signingKeys,
    decryptionKeys = [],
    ...settings
  } = JSON.parse(readFileSync(`${folder}/settings.json`, 'utf8'))
  for (const key of Object.keys(settings)) assert.ok(known.has(key), `unknown setting ${key}`)
  return {
    now: new Date(now),
    trust: { ...settings, signingKeys: signingKeys.map(readKey), decryptionKeys: decryptionKeys.map(readPrivateKey) },
  }
}

const known = new Set([
  'identityProviderEntityId',
  'serviceProviderEntityId',
  'acsUrl',
  'wantAssertionsSigned',
  'wantResponseSigned',
  'allowIdpInitiated',
  'clockSkewSeconds',
  'maxAuthnAgeSeconds',
  'maxUnsolicitedAgeSeconds',
  'wantAssertionsEncrypted',
  'dangerouslyAllowSha1',
  'dangerouslyAllowWeakKeys',
])

function readKey(name: string): SigningKey {
  return { key: createPublicKey(readFileSync(`test/fixtures/saml-keys/${name}.pem`)), fingerprint: name }
}

function readPrivateKey(name: string) {
  return createPrivateKey(readFileSync(`test/fixtures/saml-keys/${name}.private.pem`))
}

function outcome(folder: string): readonly string[] {
  const { trust, now } = readSettings(folder)
  try {
    const response = decodeResponse(readFileSync(`${folder}/response.xml`).toString('base64'))
    return describeAssertion(verifyResponse(response, trust, now))
  } catch (error) {
    if (!isLatchkeyError(error)) throw error
    const { check, wanted, arrived } = error.detail
    return [`refused ${error.code}`, `check: ${check}`, `wanted: ${wanted}`, `arrived: ${arrived}`]
  }
}

function describeAssertion(assertion: VerifiedAssertion): readonly string[] {
  const { nameId, signed } = assertion
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['id', assertion.id],
    ['issuer', assertion.issuer],
    ['nameId', nameId?.value ?? 'none'],
    ['nameIdFormat', nameId?.format],
    ['nameQualifier', nameId?.nameQualifier],
    ['spNameQualifier', nameId?.spNameQualifier],
    ['inResponseTo', assertion.inResponseTo ?? 'none'],
    ['sessionIndex', assertion.sessionIndex],
    ['sessionNotOnOrAfter', assertion.sessionNotOnOrAfter?.toISOString()],
    ['authnInstant', assertion.authnInstant.toISOString()],
    ['authnContextClassRef', assertion.authnContextClassRef],
    ['replayableUntil', assertion.replayableUntil.toISOString()],
    ['signed', signed.response && `response by ${signed.response}`],
    ['signed', signed.assertion && `assertion by ${signed.assertion}`],
  ]
  const attributes = assertion.attributes.map(({ name, values }) =>
    values.length === 0 ? `attribute ${name} has no value` : `attribute ${name}: ${values.map(visible).join(' | ')}`,
  )
  const described = lines.filter(([, value]) => value !== undefined).map(([name, value]) => `${name}: ${value}`)
  return ['accepted', ...described, ...attributes]
}

function visible(value: string): string {
  return value.replaceAll('\r', '\\r').replaceAll('\n', '\\n').replaceAll('\u2028', '\\u2028')
}

for (const name of readdirSync(fixtures).sort()) {
  test(`verifyResponse() ${name}`, () => {
    const folder = `${fixtures}/${name}`
    const expected = readFileSync(`${folder}/expect.txt`, 'utf8').trimEnd().split('\n')
    const lines = outcome(folder)
    assert.equal(lines[0], expected[0], lines.join('\n'))
    for (const line of expected) assert.ok(lines.includes(line.trimEnd()) || lines.includes(line), lines.join('\n'))
    if (lines[0] !== 'accepted') assert.ok(!lines.some((line) => line.endsWith('undefined')), lines.join('\n'))
  })
}
