import { type Profile, SAML, ValidateInResponseTo } from '@node-saml/node-saml'
import type { TrustSettings } from '../../src/saml/trust-settings.ts'
import type { Assertion, Attribute } from '../../src/saml/verified-assertion.ts'

/** node-saml in the place of our decoding and verifying, as strict as it can be set, giving what the next steps need. */

/** node-saml decodes what it verifies. */
export function decodeResponse(samlResponse: string): string {
  return samlResponse
}

export async function verifyResponse(samlResponse: string, trust: TrustSettings): Promise<Assertion> {
  const { profile } = await verifierFor(trust).validatePostResponseAsync({ SAMLResponse: samlResponse })
  const parsed = profile?.getAssertion?.()
  if (profile === null || parsed === undefined) throw new Error('node-saml read nothing')
  return toAssertion(profile, parsed as unknown as ParsedAssertion)
}

const verifiers = new WeakMap<TrustSettings, SAML>()

function verifierFor(trust: TrustSettings): SAML {
  const known = verifiers.get(trust)
  if (known !== undefined) return known
  const verifier = new SAML({
    idpCert: trust.signingKeys.map(({ key }) => key.export({ type: 'spki', format: 'pem' }).toString()),
    issuer: trust.serviceProviderEntityId,
    callbackUrl: trust.acsUrl,
    audience: trust.serviceProviderEntityId,
    idpIssuer: trust.identityProviderEntityId,
    acceptedClockSkewMs: (trust.clockSkewSeconds ?? 60) * 1000,
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    validateInResponseTo: ValidateInResponseTo.never,
  })
  verifiers.set(trust, verifier)
  return verifier
}

/** What node-saml keeps of the assertion beside the profile, as xml2js gives it. */
interface ParsedAssertion {
  readonly Assertion: {
    readonly $: { readonly ID: string }
    readonly Conditions: readonly [{ readonly $: { readonly NotOnOrAfter: string } }]
    readonly AuthnStatement: readonly [{ readonly $: { readonly AuthnInstant: string } }]
  }
}

function toAssertion(profile: Profile, { Assertion: assertion }: ParsedAssertion): Assertion {
  const { sessionIndex } = profile
  return {
    id: assertion.$.ID,
    issuer: profile.issuer,
    nameId: { value: profile.nameID, format: profile.nameIDFormat },
    ...(sessionIndex === undefined ? {} : { sessionIndex }),
    authnInstant: new Date(assertion.AuthnStatement[0].$.AuthnInstant),
    attributes: Object.entries(profile.attributes as Record<string, string | string[]>).map(toAttribute),
    replayableUntil: new Date(Date.parse(assertion.Conditions[0].$.NotOnOrAfter) + 300_000),
    signed: { assertion: 'by the one configured key' },
  }
}

function toAttribute([name, value]: readonly [string, string | string[]]): Attribute {
  return { name, values: typeof value === 'string' ? [value] : value }
}
