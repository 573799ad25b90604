import assert from 'node:assert/strict'
import { createHash, createPublicKey, type KeyLike, verify, X509Certificate } from 'node:crypto'
import { before, test } from 'node:test'
import { SAML } from '@node-saml/node-saml'
import { SignedXml } from 'xml-crypto'
import {
  createTestIdentityProvider,
  type IssueOptions,
  type TestIdentityProvider,
} from '../../src/test-identity-provider/identity-provider.ts'
import type { SignatureAlgorithm } from '../../src/test-identity-provider/signature.ts'

const serviceProvider = { entityId: 'https://benefits.example/metadata', acsUrl: 'https://benefits.example/acs' }
const awkward = 'Zoë "Ο\'Μάρα" <&> ]]> \u{1F511}\r\n\tend'
const person = {
  nameId: 'nina-7f3a',
  attributes: { cn: awkward, groups: ['staff', 'new, hires'], 'http://schemas.example/a"b': '1' },
}

let rsa: TestIdentityProvider
let ecdsa: TestIdentityProvider
before(async () => {
  rsa = await createTestIdentityProvider({ baseUrl: 'https://idp.company-a.example' })
  ecdsa = await createTestIdentityProvider({ baseUrl: 'https://idp.company-a.example', keyKind: 'ecdsa' })
})

function issue(provider: TestIdentityProvider, options: Partial<IssueOptions> = {}) {
  return provider.issueResponse({ serviceProvider, person, ...options })
}

function nodeSaml(provider: TestIdentityProvider, options: object = {}) {
  return new SAML({
    idpCert: provider.certificate,
    issuer: serviceProvider.entityId,
    callbackUrl: serviceProvider.acsUrl,
    audience: serviceProvider.entityId,
    idpIssuer: provider.entityId,
    wantAuthnResponseSigned: false,
    wantAssertionsSigned: false,
    ...options,
  })
}

for (const sign of ['response', 'assertion', 'both'] as const) {
  test(`a response signed as "${sign}" is accepted by another project's service provider, every character intact`, async () => {
    const { samlResponse } = issue(rsa, { sign })
    const saml = nodeSaml(rsa, {
      wantAuthnResponseSigned: sign !== 'assertion',
      wantAssertionsSigned: sign !== 'response',
    })
    const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: samlResponse })
    assert.equal(profile?.nameID, person.nameId)
    assert.equal(profile?.cn, awkward)
    assert.deepEqual(profile?.groups, person.attributes.groups)
  })
}

test('a response in which nothing is signed is refused there', async () => {
  const { samlResponse } = issue(rsa, { sign: 'none' })
  await assert.rejects(nodeSaml(rsa).validatePostResponseAsync({ SAMLResponse: samlResponse }), /signature/i)
})

const hashes = {
  sha1: 'http://www.w3.org/2000/09/xmldsig#sha1',
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha384: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
}

/** Verifies with the canonicalizer of xml-crypto; the algorithms it lacks are given to it here. */
function verifySignature(xml: string, at: string, certificate: string, algorithm: SignatureAlgorithm): boolean {
  const hash = algorithm.replace(/.*-/, '') as keyof typeof hashes
  const prefix =
    algorithm === 'rsa-sha1' ? 'http://www.w3.org/2000/09/xmldsig#' : 'http://www.w3.org/2001/04/xmldsig-more#'
  class Signature {
    getSignature = () => ''
    getAlgorithmName = () => prefix + algorithm
    verifySignature = (text: string, key: KeyLike, value: string) =>
      verify(
        hash,
        Buffer.from(text),
        { key: createPublicKey(key as string), dsaEncoding: 'ieee-p1363' },
        Buffer.from(value, 'base64'),
      )
  }
  class Hash {
    getHash = (text: string) => createHash(hash).update(text).digest('base64')
    getAlgorithmName = () => hashes[hash]
  }
  const publicKey = new X509Certificate(Buffer.from(certificate, 'base64')).publicKey
  const signed = new SignedXml({
    publicCert: publicKey.export({ type: 'spki', format: 'pem' }),
    getCertFromKeyInfo: () => null,
  })
  signed.SignatureAlgorithms = { [prefix + algorithm]: Signature }
  signed.HashAlgorithms = { [hashes[hash]]: Hash }
  const start = xml.indexOf('<ds:Signature ', xml.indexOf(`<${at} `))
  signed.loadSignature(xml.slice(start, xml.indexOf('</ds:Signature>', start) + '</ds:Signature>'.length))
  return signed.checkSignature(xml)
}

for (const algorithm of [
  'rsa-sha256',
  'rsa-sha384',
  'rsa-sha512',
  'rsa-sha1',
  'ecdsa-sha256',
  'ecdsa-sha384',
  'ecdsa-sha512',
] as const) {
  test(`${algorithm} signatures verify with xml-crypto, and not after one letter has changed`, () => {
    const provider = algorithm.startsWith('rsa') ? rsa : ecdsa
    const { xml } = issue(provider, { sign: 'both', algorithm })
    const changed = xml.replace('nina-7f3a', 'nina-7f3b')
    const otherKey = provider === rsa ? ecdsa.certificate : rsa.certificate
    for (const at of ['samlp:Response', 'saml:Assertion']) {
      assert.equal(verifySignature(xml, at, provider.certificate, algorithm), true, at)
      assert.equal(verifySignature(changed, at, provider.certificate, algorithm), false, at)
      assert.throws(() => verifySignature(xml, at, otherKey, algorithm), /signature/i, at)
    }
  })
}
