import { ServiceProvider } from 'samlify'
import samlp from 'samlp'
import type { Person, Product, ProductOptions, SiteRequest, SiteResponse } from './site.ts'

export interface SamlpOptions {
  /** Leaves `Destination` to samlp, which writes our entity ID there. */
  readonly saysNoDestination?: boolean
}

/**
 * `samlp` as its documentation sets it up, with its own profile mapper: claims of WS-Federation, a NameID without a said
 * format, the assertion signed. It reads no metadata, so where responses go is told to it as its operator would.
 */
export function createSamlp({ origin, key, certificate }: ProductOptions, options: SamlpOptions = {}): Product {
  const own = { issuer: `${origin}/metadata`, cert: pem(certificate), key }
  let ours = { entityId: '', acsUrl: '', signingCert: '', wantsSigned: false }

  const signingCert = () => (ours.wantsSigned ? { signingCert: ours.signingCert } : {})

  return {
    metadata: (request) =>
      sent((response) =>
        samlp.metadata({ ...own, redirectEndpointPath: '/sso', postEndpointPath: '/sso' })(request, response),
      ),

    register(metadataXml) {
      const { entityMeta } = ServiceProvider({ metadata: metadataXml })
      ours = {
        entityId: entityMeta.getEntityID(),
        acsUrl: String(entityMeta.getAssertionConsumerService('post')),
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
  }
}

/** What `send` was called with. */
function sent(use: (response: SiteResponse, reject: (error: unknown) => void) => void): Promise<string> {
  return new Promise((resolve, reject) => use({ set: () => undefined, send: resolve }, reject))
}

/** As Passport, whose profiles `samlp` maps, would know the person. */
function profileOf({ id, displayName, givenName, familyName, mail, groups, roles }: Person) {
  return { id, displayName, name: { givenName, familyName }, emails: [{ value: mail }], groups, roles }
}

function pem(base64: string): string {
  const lines = base64.replace(/\s/g, '').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
