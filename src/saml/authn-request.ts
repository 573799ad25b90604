import type { RequestedAuthnContext } from './authn-context.ts'
import { xmlElement, xmlText, xmlTime } from './write-xml.ts'

/** The request with which a sign-in begins at our side. SAML Core 3.4.1, SAML Profiles 4.1.4.1. */
export interface AuthnRequestOptions {
  /** From `newRequestId`. */
  readonly id: string
  readonly issueInstant: Date
  /** Where it is sent: the SingleSignOnService's Location. */
  readonly destination: string
  /** Our entity ID. */
  readonly issuer: string
  /** Where the response, or its artifact, must come to. */
  readonly acsUrl: string
  /** How it must come. Default `post`. */
  readonly responseBinding?: ResponseBinding | undefined
  /** URI of a NameID format. Absent: the identity provider chooses. */
  readonly nameIdFormat?: string | undefined
  /** The person must sign in again, even with a session at the identity provider. Default false. */
  readonly forceAuthn?: boolean | undefined
  /** The identity provider must answer without showing anything to the person; without a session there, it refuses. Default false. */
  readonly isPassive?: boolean | undefined
  /** How the person must sign in. Absent: the identity provider chooses. */
  readonly requestedAuthnContext?: RequestedAuthnContext | undefined
}

/** How a response comes: as a whole, in a form, or as an artifact, for which we ask the identity provider. */
export type ResponseBinding = 'post' | 'artifact'

/** SAML Bindings 3.5.2, 3.6.2. */
export const responseBindings: Readonly<Record<ResponseBinding, string>> = {
  post: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
  artifact: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact',
}

/**
 * Gives the AuthnRequest as XML. It asks for the response by one of the two bindings we read responses from, and lets
 * the identity provider make a new identifier for the person (`AllowCreate`): without that there is no first sign-in.
 * Scoping is left out: which identity provider it is, the connection says. See docs/decisions/0140.
 * Throws `input_invalid` when a value holds a character that XML cannot carry.
 */
export function buildAuthnRequest(options: AuthnRequestOptions): string {
  return xmlElement(
    'samlp:AuthnRequest',
    {
      'xmlns:samlp': 'urn:oasis:names:tc:SAML:2.0:protocol',
      ID: options.id,
      Version: '2.0',
      IssueInstant: xmlTime(options.issueInstant),
      Destination: options.destination,
      AssertionConsumerServiceURL: options.acsUrl,
      ForceAuthn: options.forceAuthn ? 'true' : undefined,
      IsPassive: options.isPassive ? 'true' : undefined,
      ProtocolBinding: responseBindings[options.responseBinding ?? 'post'],
    },
    xmlElement('saml:Issuer', { 'xmlns:saml': 'urn:oasis:names:tc:SAML:2.0:assertion' }, xmlText(options.issuer)),
    xmlElement('samlp:NameIDPolicy', { AllowCreate: 'true', Format: options.nameIdFormat }),
    options.requestedAuthnContext && writeAuthnContext(options.requestedAuthnContext),
  )
}

/** SAML Core 3.3.2.2.1. The order of strength is ours alone: the specification has no place for it. */
function writeAuthnContext({ classRefs, comparison = 'exact' }: RequestedAuthnContext): string {
  return xmlElement(
    'samlp:RequestedAuthnContext',
    { Comparison: comparison },
    ...classRefs.map((classRef) =>
      xmlElement(
        'saml:AuthnContextClassRef',
        { 'xmlns:saml': 'urn:oasis:names:tc:SAML:2.0:assertion' },
        xmlText(classRef),
      ),
    ),
  )
}

/** A new ID: 160 random bits in a form that is an xs:ID. SAML Core 1.3.4 asks for at least 128. */
export function newRequestId(randomBytes: (size: number) => Buffer): string {
  return `_${randomBytes(20).toString('hex')}`
}
