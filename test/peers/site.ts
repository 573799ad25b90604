import { createServer, type IncomingMessage } from 'node:http'
import { formsOf, type Page, type WebVisitor } from '../../src/demo/web-visitor.ts'
import { escapeHtml } from '../../src/http/html.ts'
import { freePort } from '../support/free-port.ts'
import { newKey } from './signing-key.ts'

/**
 * The web site that identity providers from npm leave to whoever uses them: metadata, a page that asks who you are, and the
 * form that carries the response on. What SAML is in it comes from the product alone; `samlp.ts` and `samlify.ts` are two.
 */
export interface Product {
  metadata(request: SiteRequest): Promise<string>
  /** Takes a service provider's metadata in, as the product's operator would. */
  register(metadataXml: string): void
  /** Verifies and reads a request, and throws when it would not answer it. */
  readRequest(request: SiteRequest): Promise<{ readonly id: string }>
  /** A page with a form that posts the response; `asked` is the request that came in, if one did. */
  answer(person: Person, asked: SiteRequest | undefined, relayState: string | undefined): Promise<string>
  /** What its single logout does with a request, for a product that has one. */
  logOut?(request: SiteRequest): Promise<SiteAnswer>
  /** Whether somebody is signed in there, for a product that keeps sessions. */
  hasSession?(): boolean
}

/** A page, or where else to go. */
export type SiteAnswer = { readonly body: string } | { readonly location: string }

export interface Person {
  readonly id: string
  readonly mail: string
  readonly givenName: string
  readonly familyName: string
  readonly displayName: string
  readonly groups: readonly string[]
  readonly roles: readonly string[]
}

/** A request as Express would show it. */
export interface SiteRequest {
  readonly method: string
  readonly originalUrl: string
  readonly protocol: string
  readonly headers: IncomingMessage['headers']
  readonly query: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, string>>
}

/** The methods of an Express response that products use. */
export interface SiteResponse {
  set(name: string, value: string): void
  send(body: string): void
  redirect(location: string): void
}

export interface PeerSite {
  readonly origin: string
  readonly metadataUrl: string
  /** Where somebody begins at the identity provider. */
  readonly startUrl: string
  /** IDs of the requests that the product has accepted. */
  readonly requestIds: readonly string[]
  readonly product: Product
  /** Signs with a new key from now on, and its metadata lists that one alone. Whoever was registered is forgotten. */
  replaceKey(): void
}

export interface ProductOptions {
  readonly origin: string
  /** PEM. */
  readonly key: string
  readonly certificate: string
}

export const people: Readonly<Record<string, Person>> = {
  grace: {
    id: 'grace-4711',
    mail: "Grace.O'Neil@example.org",
    givenName: 'Grace',
    familyName: 'Møller & <Sons>',
    displayName: 'Grace Møller 张',
    groups: ['staff', 'engineering, night shift'],
    roles: ['manager'],
  },
}

interface Cleanup {
  after(work: () => Promise<void>): void
}

export async function startPeer(t: Cleanup, create: (options: ProductOptions) => Product): Promise<PeerSite> {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  let product = create({ origin, ...newKey() })
  const requestIds: string[] = []
  const waiting = new Map<string, SiteRequest>()
  const server = createServer((incoming, outgoing) => {
    answer(incoming, origin).then(
      (answered) => {
        if ('location' in answered) outgoing.writeHead(302, answered).end()
        else outgoing.writeHead(200, { 'content-type': typeOf(answered.body) }).end(answered.body)
      },
      (error: unknown) => outgoing.writeHead(400, { 'content-type': 'text/plain' }).end(String(error)),
    )
  })

  async function answer(incoming: IncomingMessage, at: string): Promise<SiteAnswer> {
    const request = await readRequest(incoming, at)
    const { pathname } = new URL(request.originalUrl, at)
    if (pathname === '/logout' && product.logOut !== undefined) return product.logOut(request)
    return { body: await pageAt(pathname, request) }
  }

  async function pageAt(pathname: string, request: SiteRequest): Promise<string> {
    if (pathname === '/metadata') return product.metadata(request)
    if (pathname === '/start') return askWho('', request.query.RelayState ?? '')
    if (pathname === '/login') return logIn(request.body)
    const { id } = await product.readRequest(request)
    requestIds.push(id)
    waiting.set(id, request)
    return askWho(id, { ...request.query, ...request.body }.RelayState ?? '')
  }

  function logIn({ asked = '', person = '', relayState }: SiteRequest['body']): Promise<string> {
    const known = people[person]
    if (known === undefined) throw new Error(`nobody here is called ${person}`)
    return product.answer(known, waiting.get(asked), relayState || undefined)
  }

  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  t.after(async () => {
    server.close()
    server.closeAllConnections()
  })
  return {
    origin,
    get product() {
      return product
    },
    requestIds,
    metadataUrl: `${origin}/metadata`,
    startUrl: `${origin}/start`,
    replaceKey() {
      product = create({ origin, ...newKey() })
    },
  }
}

/** Documents that begin with a descriptor are metadata, all else are pages. */
function typeOf(body: string): string {
  return /^<(\?xml|EntityDescriptor)/.test(body) ? 'application/samlmetadata+xml' : 'text/html; charset=utf-8'
}

async function readRequest(incoming: IncomingMessage, origin: string): Promise<SiteRequest> {
  const { method = 'GET', url: originalUrl = '/', headers } = incoming
  const body = Object.fromEntries(new URLSearchParams((await incoming.toArray()).join('')))
  const query = Object.fromEntries(new URL(originalUrl, origin).searchParams)
  return { method, originalUrl, protocol: 'http', headers, query, body }
}

function askWho(asked: string, relayState: string): string {
  const hidden = Object.entries({ asked, relayState })
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`)
    .join('')
  const buttons = Object.keys(people).map((name) => `<button name="person" value="${name}">${name}</button>`)
  return `<form method="post" action="/login">${hidden}${buttons.join('')}</form>`
}

/** A page with a form that posts a response. */
export function responsePage(action: string, fields: Readonly<Record<string, string | undefined>>): string {
  const inputs = Object.entries(fields).map(([name, value]) =>
    value === undefined ? '' : `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
  )
  return `<form method="post" action="${escapeHtml(action)}">${inputs.join('')}</form>`
}

/** Says who one is; gives the page with the response, not yet posted. */
export async function chooseAt(visitor: WebVisitor, page: Page, person: string): Promise<Page> {
  const form = formsOf(page).find(({ fields }) => fields.person === person)
  if (form === undefined) throw new Error(`no page to choose ${person} on: ${page.status} ${page.body}`)
  return visitor.submit(form, page)
}
