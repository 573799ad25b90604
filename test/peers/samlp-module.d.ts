// What we use of `samlp`, which brings no types.
declare module 'samlp' {
  import type { SiteRequest, SiteResponse } from './site.ts'

  interface PassportProfile {
    readonly id: string
    readonly displayName: string
    readonly name: { readonly givenName: string; readonly familyName: string }
    readonly emails: readonly { readonly value: string }[]
    readonly [claim: string]: unknown
  }
  interface Options {
    readonly issuer: string
    readonly cert: string
    readonly key: string
    readonly audience?: string
    readonly destination?: string
    readonly recipient?: string
    readonly signingCert?: string
    readonly encryptionCert?: string
    readonly encryptionPublicKey?: string
    readonly sessionIndex?: string
    readonly getUserFromRequest: (request: SiteRequest) => PassportProfile | undefined
    readonly getPostURL: (
      audience: string,
      requestDom: unknown,
      request: SiteRequest,
      done: (error: Error | null, url: string) => void,
    ) => void
  }
  interface MetadataOptions {
    readonly issuer: string
    readonly cert: string
    readonly redirectEndpointPath: string
    readonly postEndpointPath: string
    readonly logoutEndpointPaths?: { readonly redirect?: string; readonly post?: string }
  }
  interface LogoutStore<State> {
    save(request: SiteRequest, state: State, done: (error: null, handle: string) => void): void
    update(request: SiteRequest, handle: string, state: State, done: (error: null) => void): void
    load(
      request: SiteRequest,
      handle: string,
      options: unknown,
      done?: (error: null, state: State | undefined) => void,
    ): void
  }
  interface LogoutOptions {
    readonly issuer: string
    readonly cert: string
    readonly key: string
    readonly deflate: boolean
    readonly protocolBinding: string
    readonly sessionParticipants: object
    readonly store: LogoutStore<unknown>
    readonly clearIdPSession: (done: () => void) => void
  }
  interface RequestData {
    readonly id?: string
    readonly issuer?: string
    readonly assertionConsumerServiceURL?: string
    readonly destination?: string
  }
  const samlp: {
    auth(options: Options): (request: SiteRequest, response: SiteResponse, next: (error: unknown) => void) => void
    logout(
      options: LogoutOptions,
    ): (request: SiteRequest, response: SiteResponse, next: (error: unknown) => void) => void
    metadata(options: MetadataOptions): (request: SiteRequest, response: SiteResponse) => void
    parseRequest(
      request: SiteRequest,
      options: { readonly signingCert?: string; readonly relayState?: string },
      done: (error: Error | null | undefined, data?: RequestData) => void,
    ): void
  }
  export = samlp
}

declare module 'samlp/lib/sessionParticipants/index.js' {
  interface Participant {
    readonly serviceProviderId: string
    readonly nameId: string
    readonly nameIdFormat: string
    readonly sessionIndex: string
    readonly serviceProviderLogoutURL: string
    readonly cert: string
  }
  class SessionParticipants {
    constructor(participants: Participant[])
    hasElements(): boolean
  }
  export = SessionParticipants
}
