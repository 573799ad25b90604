import { X509Certificate } from 'node:crypto'
import { ServiceProvider } from 'samlify'
import samlp from 'samlp'
import { createSamlpLogout } from './samlp-logout.ts'
import { pem } from './signing-key.ts'
import type { Person, Product, ProductOptions, SiteRequest, SiteResponse } from './site.ts'

export interface SamlpOptions {
  /** Leaves `Destination` to samlp, which writes our entity ID there. */
  readonly saysNoDestination?: boolean
  /** Encrypts with the key of our metadata: AES-256-GCM unless told otherwise. */
  readonly encrypts?: () => boolean
}

const logoutEndpointPaths = { redirect: '/logout', post: '/logout' }

/**
 * `samlp` as its documentation sets it up, with its own profile mapper: claims of WS-Federation, a NameID without a said
 * format, the assertion signed. It reads no metadata, so where responses go is told to it as its operator would.
 */
export function createSamlp({ origin, key, certificate }: ProductOptions, options: SamlpOptions = {}): Product {
  const own = { issuer: `${origin}/metadata`, cert: pem(certificate), key }
  let ours = { entityId: '', acsUrl: '', logoutUrl: '', signingCert: '', encryptionCert: '', wantsSigned: false }
  const logout = createSamlpLogout(own)

  const signingCert = () => (ours.wantsSigned ? { signingCert: ours.signingCert } : {})

  return {
    metadata: (request) =>
      sent((response) =>
        samlp.metadata({ ...own, redirectEndpointPath: '/sso', postEndpointPath: '/sso', logoutEndpointPaths })(
          request,
          response,
        ),
      ),

    register(metadataXml) {
      const { entityMeta } = ServiceProvider({ metadata: metadataXml })
      ours = {
        entityId: entityMeta.getEntityID(),
        acsUrl: String(entityMeta.getAssertionConsumerService('post')),
        logoutUrl: String(entityMeta.getSingleLogoutService('redirect')),
        encryptionCert: pem(String(entityMeta.getX509Certificate('encryption'))),
        signingCert: pem(String(entityMeta.getX509Certificate('signing'))),
        wantsSigned: entityMeta.isAuthnRequestSigned(),
      }
    },

    readRequest: (request) =>
      new Promise((resolve, reject) => {
        samlp.parseRequest(request, signingCert(), (error, data) => {
          if (error || data?.id === undefined) reject(error ?? new Error('no request'))
          else if (data.issuer !== ours.entityId) reject(new Error(`a request of ${data.issuer}`))
          else resolve({ id: data.id })
        })
      }),

    answer(person, asked, relayState) {
      const settings = {
        ...own,
        ...(options.encrypts?.()
          ? { encryptionCert: ours.encryptionCert, encryptionPublicKey: publicKey(ours.encryptionCert) }
          : {}),
        sessionIndex: logout.signedIn(person.id, ours),
        ...(asked === undefined ? { audience: ours.entityId } : signingCert()),
        ...(options.saysNoDestination ? {} : { destination: ours.acsUrl }),
        recipient: ours.acsUrl,
        getUserFromRequest: () => profileOf(person),
        getPostURL: (_: string, __: unknown, ___: SiteRequest, done: (error: null, url: string) => void) =>
          done(null, ours.acsUrl),
      }
      const unasked = { method: 'GET', query: { RelayState: relayState ?? '' }, body: {} }
      const request = asked ?? { ...unasked, originalUrl: '/start', protocol: 'http', headers: {} }
      return sent((response, reject) => samlp.auth(settings)(request, response, reject))
    },

    logOut: logout.answer,
    hasSession: logout.hasSession,
  }
}

/** What `send` was called with. */
function sent(use: (response: SiteResponse, reject: (error: unknown) => void) => void): Promise<string> {
  return new Promise((resolve, reject) => use({ set: () => undefined, send: resolve, redirect: reject }, reject))
}

function publicKey(certificate: string): string {
  return new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'pem' }).toString()
}

/** As Passport, whose profiles `samlp` maps, would know the person. */
function profileOf({ id, displayName, givenName, familyName, mail, groups, roles }: Person) {
  return { id, displayName, name: { givenName, familyName }, emails: [{ value: mail }], groups, roles }
}
