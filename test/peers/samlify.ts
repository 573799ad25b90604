import { randomUUID } from 'node:crypto'
import samlify from 'samlify'
import { type Person, type Product, type ProductOptions, responsePage, type SiteRequest } from './site.ts'

/**
 * `samlify` as an identity provider, as its documentation sets it up: an e-mail address as NameID, attributes in a template,
 * one attribute element for each value. It reads our metadata itself, and whether the assertion is signed follows from there.
 */
export interface SamlifyOptions {
  readonly wantAuthnRequestsSigned?: boolean
  /** Signs the Response, also where the assertion is signed already. */
  readonly signMessage?: boolean
}

const { Constants, IdentityProvider, SamlLib, ServiceProvider } = samlify
const { binding, format } = Constants.namespace
const named = { email: 'mail', firstName: 'givenName', lastName: 'familyName', displayName: 'displayName' }
const basic = 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic'

samlify.setSchemaValidator({ validate: async () => 'skipped: no schema at hand' })

export function createSamlify(options: SamlifyOptions = {}): (product: ProductOptions) => Product {
  return ({ origin, key, certificate }) => {
    const { wantAuthnRequestsSigned = false, signMessage = false } = options
    const both = [binding.redirect, binding.post].map((Binding) => ({ Binding, Location: `${origin}/sso` }))
    const provider = (attributes: readonly TemplateAttribute[] = []) =>
      IdentityProvider({
        entityID: `${origin}/metadata`,
        privateKey: key,
        signingCert: certificate,
        requestSignatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
        wantAuthnRequestsSigned,
        nameIDFormat: [format.emailAddress],
        singleSignOnService: both,
        singleLogoutService: [{ Binding: binding.redirect, Location: `${origin}/logout` }],
        loginResponseTemplate: { context: SamlLib.defaultLoginResponseTemplate.context, attributes: [...attributes] },
      })
    let ours = ''
    const registered = () => ServiceProvider({ metadata: ours, wantMessageSigned: signMessage })
    const idOf = async (request: SiteRequest) => {
      const { extract } = await provider().parseLoginRequest(registered(), bindingOf(request), envelope(request))
      return String(extract.request?.id)
    }
    return {
      metadata: async () => provider().getMetadata(),
      register(metadataXml) {
        ours = metadataXml
      },
      readRequest: async (request) => ({ id: await idOf(request) }),
      async answer(person, asked, relayState) {
        const { attributes, tags } = describe(person)
        const known = { inResponseTo: asked && (await idOf(asked)), issuer: `${origin}/metadata`, tags }
        const from = registered()
        const acsUrl = String(from.entityMeta.getAssertionConsumerService('post'))
        const { context } = await provider(attributes).createLoginResponse(
          from,
          { extract: {} },
          'post',
          { email: person.mail },
          {
            customTagReplacement: (template) =>
              fillIn(template, { ...known, acsUrl, mail: person.mail, audience: from.entityMeta.getEntityID() }),
          },
        )
        return responsePage(acsUrl, { SAMLResponse: context, RelayState: relayState })
      },
    }
  }
}

const bindingOf = ({ method }: SiteRequest) => (method === 'POST' ? 'post' : 'redirect')

/** What samlify wants to see of a request; it verifies a redirect's signature over the very text of the query. */
function envelope({ query, body, originalUrl }: SiteRequest) {
  const octetString = /SAMLRequest=.*(?=&Signature=)/.exec(originalUrl)?.[0] ?? ''
  return { query, body, octetString }
}

interface TemplateAttribute {
  readonly name: string
  readonly nameFormat: string
  readonly valueTag: string
  readonly valueXsiType: string
}

/** Attributes for the template, and the values for their tags. */
function describe(person: Person): { attributes: TemplateAttribute[]; tags: Record<string, string> } {
  const values: (readonly [name: string, value: string])[] = [
    ...Object.entries(named).map(([name, of]) => [name, String(person[of as keyof Person])] as const),
    ...person.groups.map((group) => ['groups', group] as const),
    ...person.roles.map((role) => ['role', role] as const),
  ]
  const attributes = values.map(([name], index) => ({
    name,
    nameFormat: basic,
    valueTag: `value${index}`,
    valueXsiType: 'xs:string',
  }))
  return { attributes, tags: Object.fromEntries(values.map(([, value], index) => [`attrValue${index}`, value])) }
}

interface Known {
  readonly issuer: string
  readonly audience: string
  readonly acsUrl: string
  readonly mail: string
  readonly inResponseTo: string | undefined
  readonly tags: Readonly<Record<string, string>>
}

/** The values that samlify itself would fill in, with an authentication statement, which its template leaves to us. */
function fillIn(template: string, { issuer, audience, acsUrl, mail, inResponseTo = '', tags }: Known) {
  const now = new Date().toISOString()
  const inFiveMinutes = new Date(Date.now() + 300_000).toISOString()
  const statement =
    `<saml:AuthnStatement AuthnInstant="${now}" SessionIndex="_${randomUUID()}"><saml:AuthnContext><saml:AuthnContextClassRef>` +
    'urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>'
  const id = `_${randomUUID()}`
  const context = SamlLib.replaceTagsByValue(template.replace('{AuthnStatement}', statement), {
    ID: id,
    AssertionID: `_${randomUUID()}`,
    Issuer: issuer,
    IssueInstant: now,
    Destination: acsUrl,
    Audience: audience,
    SubjectRecipient: acsUrl,
    SubjectConfirmationDataNotOnOrAfter: inFiveMinutes,
    ConditionsNotBefore: now,
    ConditionsNotOnOrAfter: inFiveMinutes,
    StatusCode: Constants.StatusCode.Success,
    NameIDFormat: format.emailAddress,
    NameID: mail,
    InResponseTo: inResponseTo,
    ...tags,
  })
  return { id, context }
}
