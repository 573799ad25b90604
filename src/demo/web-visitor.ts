import { request } from 'node:http'

/**
 * A small browser for the unattended check: real HTTP, a cookie jar that keeps the rules sites rely on (host-only,
 * Secure, SameSite on cross-site posts), redirects and forms. Names under `.localhost` lead to this machine, as in a browser.
 */
export interface Page {
  readonly url: URL
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface Form {
  readonly method: 'GET' | 'POST'
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
}

export interface WebVisitor {
  /** Opens an address and follows redirects. */
  open(url: string, options?: { readonly accept?: string }): Promise<Page>
  /** Loads what a page shows in a frame: of the cookies of another site only those that are `SameSite=None` go along. */
  openFrame(url: string, inside: Page): Promise<Page>
  submit(form: Form, from: Page, options?: { readonly accept?: string }): Promise<Page>
}

interface Cookie {
  readonly name: string
  readonly value: string
  readonly host: string
  readonly sameSite: string
}

interface Step {
  readonly url: URL
  readonly method: string
  readonly body?: string
  /** Site the navigation began at; absent when typed into the address bar. */
  readonly fromSite?: string
  readonly isFrame?: boolean
  readonly accept: string
}

const maximumRedirects = 20

export function createWebVisitor(): WebVisitor {
  const jar = new Map<string, Cookie>()

  function cookiesFor(step: Step): string {
    const isCrossSite = step.fromSite !== undefined && step.fromSite !== siteOf(step.url)
    return [...jar.values()]
      .filter((cookie) => cookie.host === step.url.hostname)
      .filter(
        (cookie) =>
          !isCrossSite ||
          cookie.sameSite === 'none' ||
          (cookie.sameSite === 'lax' && step.method === 'GET' && !step.isFrame),
      )
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')
  }

  function keepCookies(url: URL, lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const name = pair.slice(0, pair.indexOf('='))
      const value = pair.slice(pair.indexOf('=') + 1)
      const attribute = (wanted: string) =>
        attributes.find((text) => text.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1)
      const key = `${url.hostname} ${name}`
      if (attribute('max-age') === '0' || new Date(attribute('expires') ?? '9999').getTime() < Date.now())
        jar.delete(key)
      else jar.set(key, { name, value, host: url.hostname, sameSite: attribute('samesite')?.toLowerCase() ?? 'lax' })
    }
  }

  async function go(first: Step): Promise<Page> {
    let step = first
    for (let count = 0; count <= maximumRedirects; count++) {
      const page = await exchange(step, cookiesFor(step))
      keepCookies(step.url, [page.headers['set-cookie'] ?? []].flat())
      const { location } = page.headers
      if (page.status < 300 || page.status > 399 || typeof location !== 'string') return page
      const { fromSite = undefined, isFrame = false, accept } = step
      step = {
        url: new URL(location, step.url),
        method: 'GET',
        isFrame,
        accept,
        ...(fromSite === undefined ? {} : { fromSite }),
      }
    }
    throw new Error(`more than ${maximumRedirects} redirects, the last one to ${step.url.origin}`)
  }

  return {
    open: (url, { accept = 'text/html' } = {}) => go({ url: new URL(url), method: 'GET', accept }),
    openFrame: (url, inside) =>
      go({
        url: new URL(url, inside.url),
        method: 'GET',
        fromSite: siteOf(inside.url),
        isFrame: true,
        accept: 'text/html',
      }),
    submit(form, from, { accept = 'text/html' } = {}) {
      const url = new URL(form.action, from.url)
      const body = new URLSearchParams(form.fields).toString()
      const common = { fromSite: siteOf(from.url), accept }
      if (form.method === 'POST') return go({ url, method: 'POST', body, ...common })
      url.search = body
      return go({ url, method: 'GET', ...common })
    },
  }
}

/** Registrable domain: the last two labels, which is right for names under `.localhost`. */
function siteOf(url: URL): string {
  return url.hostname.split('.').slice(-2).join('.')
}

function exchange(step: Step, cookies: string): Promise<Page> {
  const headers: Record<string, string> = { host: step.url.host, accept: step.accept }
  if (cookies !== '') headers.cookie = cookies
  if (step.body !== undefined) {
    headers['content-type'] = 'application/x-www-form-urlencoded'
    headers['content-length'] = String(Buffer.byteLength(step.body))
  }
  const target = { host: '127.0.0.1', port: step.url.port, path: step.url.pathname + step.url.search }
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...target, method: step.method, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () =>
        resolve({
          url: step.url,
          status: incoming.statusCode ?? 0,
          body: Buffer.concat(chunks).toString('utf8'),
          headers: incoming.headers,
        }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(step.body)
  })
}

/** The forms of a page: hidden fields, and for each submit button a form that carries its name and value. */
export function formsOf(page: Page): readonly Form[] {
  return [...page.body.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].flatMap(([, head = '', inner = '']) => {
    const fields: Record<string, string> = {}
    for (const [tag] of inner.matchAll(/<input\b[^>]*>/gi)) {
      const name = attributeOf(tag, 'name')
      const type = attributeOf(tag, 'type')
      const isLeftOut = (type === 'checkbox' || type === 'radio') && !/\schecked\b/i.test(tag)
      if (name !== undefined && type !== 'submit' && !isLeftOut) fields[name] = attributeOf(tag, 'value') ?? ''
    }
    for (const [, head = '', text = ''] of inner.matchAll(/<textarea\b([^>]*)>([\s\S]*?)<\/textarea>/gi)) {
      const name = attributeOf(head, 'name')
      if (name !== undefined) fields[name] = unescapeHtml(text.replace(/^\r?\n/, ''))
    }
    const form = {
      method: attributeOf(head, 'method')?.toUpperCase() === 'POST' ? ('POST' as const) : ('GET' as const),
      action: attributeOf(head, 'action') ?? page.url.href,
    }
    const buttons = [...inner.matchAll(/<button\b[^>]*>/gi)].flatMap(([tag]) => {
      const name = attributeOf(tag, 'name')
      return name === undefined ? [] : [{ ...form, fields: { ...fields, [name]: attributeOf(tag, 'value') ?? '' } }]
    })
    return buttons.length > 0 ? buttons : [{ ...form, fields }]
  })
}

function attributeOf(tag: string, name: string): string | undefined {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(` ${tag}`)
  return match === null ? undefined : unescapeHtml(match[1] ?? match[2] ?? '')
}

function unescapeHtml(text: string): string {
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" }
  return text.replace(/&(#?\w+);/g, (whole, name: string) => named[name.toLowerCase()] ?? whole)
}
