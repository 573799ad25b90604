import { chooseClass, type WantedAuthnContext } from './authn-context.ts'
import type { EncryptionOptions } from './encryption.ts'
import type { IssuedResponse, KnownServiceProvider, TestIdentityProvider } from './identity-provider.ts'
import { attributesOf, type Person } from './people.ts'
import type { IssuedStatus, SignedPart } from './response.ts'

/** A sign-in somebody asked for: by a request, or from the start page. */
export interface PendingSignIn {
  readonly serviceProvider: KnownServiceProvider & {
    readonly name: string
    readonly encryptionCertificate?: string | undefined
  }
  /** ID of the request; absent: it began here. */
  readonly inResponseTo?: string | undefined
  readonly nameIdFormat?: string | undefined
  readonly authnContext?: WantedAuthnContext | undefined
  readonly relayState?: string | undefined
  /** The request asks for an artifact. */
  readonly isByArtifact?: boolean | undefined
}

/** Who signed in, when, and the name of that session. */
export interface ProviderSession {
  readonly personId: string
  readonly authnInstant: Date
  readonly sessionIndex: string
  /** Whom it led to, by entity ID, and under which name. */
  readonly nameIds: Map<string, { readonly nameId: string; readonly nameIdFormat: string }>
}

const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'
const transient = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient'
const emailAddress = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'
const unspecified = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified'

/** The response that says who it is; a NameID format or a way to sign in that there is not here gives a status. SAML Core 3.4.1. */
export function answerSignIn(
  provider: TestIdentityProvider,
  pending: PendingSignIn,
  options: {
    readonly person: Person
    readonly session: ProviderSession
    readonly sign: SignedPart
    readonly encrypt?: EncryptionOptions | undefined
  },
): IssuedResponse {
  const { person, session, sign, encrypt } = options
  const wanted = pending.nameIdFormat ?? persistent
  const nameIds: Readonly<Record<string, string>> = {
    [persistent]: person.nameId,
    [unspecified]: person.nameId,
    [emailAddress]: person.mail,
    [transient]: `_${session.sessionIndex}`,
  }
  const nameId = nameIds[wanted]
  if (nameId === undefined)
    return answerStatus(provider, pending, { code: 'Requester', subCode: 'InvalidNameIDPolicy' })
  const authnContextClassRef = chooseClass(pending.authnContext)
  if (authnContextClassRef === undefined)
    return answerStatus(provider, pending, { code: 'Responder', subCode: 'NoAuthnContext' })
  const nameIdFormat = wanted === unspecified ? persistent : wanted
  session.nameIds.set(pending.serviceProvider.entityId, { nameId, nameIdFormat })
  return provider.issueResponse({
    ...addressOf(pending),
    authnContextClassRef,
    person: {
      nameId,
      nameIdFormat,
      attributes: attributesOf(person),
    },
    sign,
    ...(encrypt === undefined ? {} : { encrypt }),
    authnInstant: session.authnInstant,
    sessionIndex: session.sessionIndex,
  })
}

/** A signed response that says why there is no assertion. */
export function answerStatus(
  provider: TestIdentityProvider,
  pending: PendingSignIn,
  status: IssuedStatus,
): IssuedResponse {
  return provider.issueResponse({ ...addressOf(pending), person: { nameId: '' }, sign: 'response', status })
}

function addressOf({ serviceProvider, inResponseTo }: PendingSignIn) {
  return { serviceProvider, ...(inResponseTo === undefined ? {} : { inResponseTo }) }
}
