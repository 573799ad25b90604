import { SAML } from '@node-saml/node-saml'
import { decodeResponse, verifyResponse } from '../src/saml/index.ts'
import type { TestIdentityProvider } from '../src/test-identity-provider/identity-provider.ts'
import type { SignedPart } from '../src/test-identity-provider/response.ts'
import { measure, printMeasurements } from './measure.ts'
import { issueResponse, newIdentityProvider, requestId, serviceProvider, trustIn } from './response.ts'

/** Verification of one response, from the form field to the verified content, ours and node-saml's, on the same input. */
export async function runVerify(): Promise<void> {
  const provider = await newIdentityProvider()
  for (const sign of ['assertion', 'response', 'both'] as const) await compare(provider, sign)
}

async function compare(provider: TestIdentityProvider, sign: SignedPart): Promise<void> {
  const samlResponse = issueResponse(provider, sign)
  const kilobytes = (Buffer.from(samlResponse, 'base64').length / 1000).toFixed(1)
  console.log(`verify: RSA-2048, SHA-256, ${kilobytes} KB, 10 attributes, 20 groups, signed: ${sign}`)
  const contenders = [
    { name: 'latchkey', run: () => verifyOurs(provider, samlResponse) },
    { name: '@node-saml/node-saml', run: nodeSaml(provider, sign, samlResponse) },
  ]
  printMeasurements(await measure(contenders, { rounds: 9, millisecondsPerTurn: 300 }))
}

function verifyOurs(provider: TestIdentityProvider, samlResponse: string): void {
  const trust = trusted.get(provider) ?? trustIn(provider)
  trusted.set(provider, trust)
  const assertion = verifyResponse(decodeResponse(samlResponse), trust, new Date())
  if (assertion.inResponseTo !== requestId || assertion.attributes.length !== 10) throw new Error('read wrongly')
}

const trusted = new WeakMap<TestIdentityProvider, ReturnType<typeof trustIn>>()

function nodeSaml(provider: TestIdentityProvider, sign: SignedPart, samlResponse: string): () => Promise<void> {
  const saml = new SAML({
    idpCert: provider.certificate,
    issuer: serviceProvider.entityId,
    callbackUrl: serviceProvider.acsUrl,
    audience: serviceProvider.entityId,
    idpIssuer: provider.entityId,
    wantAuthnResponseSigned: sign !== 'assertion',
    wantAssertionsSigned: sign !== 'response',
  })
  return async () => {
    const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: samlResponse })
    if (profile === null) throw new Error('node-saml read nothing')
  }
}
