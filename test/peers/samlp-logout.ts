import { randomUUID } from 'node:crypto'
import samlp from 'samlp'
import SessionParticipants from 'samlp/lib/sessionParticipants/index.js'
import type { SiteAnswer, SiteRequest } from './site.ts'

interface OwnKey {
  readonly issuer: string
  readonly cert: string
  readonly key: string
}

interface ServiceProvider {
  readonly entityId: string
  readonly logoutUrl: string
  readonly signingCert: string
}

const bindings = 'urn:oasis:names:tc:SAML:2.0:bindings'

/** Single logout of `samlp` as its documentation sets it up, with one session, which everybody who comes shares. */
export function createSamlpLogout(own: OwnKey) {
  const participants: ConstructorParameters<typeof SessionParticipants>[0] = []
  const states = new Map<string, unknown>()
  let isSignedIn = false

  return {
    hasSession: () => isSignedIn,

    /** Remembers whom to tell; gives the index of the session. */
    signedIn(nameId: string, { entityId, logoutUrl, signingCert }: ServiceProvider): string {
      const sessionIndex = randomUUID()
      isSignedIn = true
      participants.push({
        serviceProviderId: entityId,
        nameId,
        nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
        sessionIndex,
        serviceProviderLogoutURL: logoutUrl,
        cert: signingCert,
      })
      return sessionIndex
    },

    answer(request: SiteRequest): Promise<SiteAnswer> {
      const isRedirect = request.method === 'GET'
      const handle = samlp.logout({
        ...own,
        deflate: isRedirect,
        protocolBinding: `${bindings}:${isRedirect ? 'HTTP-Redirect' : 'HTTP-POST'}`,
        sessionParticipants: new SessionParticipants(participants),
        clearIdPSession(done) {
          isSignedIn = false
          done()
        },
        store: storeIn(states),
      })
      return new Promise((resolve, reject) => {
        const send = (body: unknown) => resolve({ body: typeof body === 'string' ? body : 'signed out' })
        handle(request, { set: () => undefined, send, redirect: (location: string) => resolve({ location }) }, reject)
      })
    },
  }
}

/** What it must remember from one request to the next. */
function storeIn(states: Map<string, unknown>) {
  type Load = (error: null, state: unknown) => void
  return {
    save(_: SiteRequest, state: unknown, done: (error: null, handle: string) => void) {
      const handle = randomUUID()
      states.set(handle, state)
      done(null, handle)
    },
    update(_: SiteRequest, handle: string, state: unknown, done: (error: null) => void) {
      states.set(handle, state)
      done(null)
    },
    load(_: SiteRequest, handle: string, options: unknown, done?: Load) {
      const state = states.get(handle)
      if (typeof options === 'function') options(null, state)
      else done?.(null, state)
    },
  }
}
