import http from 'node:http'
import { inflateRawSync } from 'node:zlib'
import type { Connection, ConnectionSettingsInput } from '../../src/directory/connection.ts'
import { serviceAddresses } from '../../src/directory/service-addresses.ts'
import { createTestIdentityProvider } from '../../src/test-identity-provider/identity-provider.ts'
import { type Served, serve } from '../http/support/serve.ts'
import { newEvent } from '../store/samples.ts'
import { freePort } from '../support/free-port.ts'

export interface Stage extends Served {
  readonly origin: string
  /** Names of the cookies that came with each POST to the ACS. */
  readonly acsCookies: readonly string[][]
}

/**
 * Latchkey, and an identity provider on another site that knows Ada. Two connections lead to it, "By redirect" and "By post":
 * one subject key each, so Ada is somebody new over the second.
 */
export async function openStage(
  t: { after(work: () => Promise<void>): void },
  more: ConnectionSettingsInput = {},
): Promise<Stage> {
  const [port, idpPort] = [await freePort(), await freePort()]
  const origin = `http://latchkey.localhost:${port}`
  const served = await serve(t, { publicUrl: origin, listen: { host: '127.0.0.1', port } })
  const idp = await createTestIdentityProvider({ baseUrl: `http://idp.company-a.localhost:${idpPort}` })
  await served.addOrganization('company-a', 'Company A')
  for (const binding of ['redirect', 'post'] as const) {
    const settings = { ...more, authnRequestBinding: binding }
    const location = `${idp.baseUrl}/sso`
    const added = await served.addConnection('company-a', binding, { name: `By ${binding}`, settings, location })
    const { entityId, certificate } = idp
    const identityProvider = { ...added.identityProvider, entityId, signingCertificates: [certificate] }
    await served.directory.updateConnection({ ...added, identityProvider }, newEvent())
  }
  const acsCookies: string[][] = []
  served.http.server.prependListener('request', ({ method, url, headers }: http.IncomingMessage) => {
    if (method === 'POST' && url?.endsWith('/acs')) acsCookies.push(cookieNames(headers.cookie))
  })
  const issue = (id: string, connectionId: Connection['id']) =>
    idp.issueResponse({
      serviceProvider: serviceAddresses({ id: connectionId }, origin),
      person: { nameId: 'ada', attributes: { uid: 'ada', mail: 'ada@a.example', cn: 'Ada Lovelace', sn: 'Lovelace' } },
      inResponseTo: id,
    }).samlResponse
  const idpServer = http.createServer((request, response) => void answerAsIdentityProvider(request, response, issue))
  await new Promise<void>((resolve) => void idpServer.listen(idpPort, '127.0.0.1', resolve))
  t.after(async () => {
    idpServer.closeAllConnections()
    idpServer.close()
  })
  return { ...served, origin, acsCookies }
}

/** `/sso` redirects to another host, as real ones do; there a form waits that posts the response back. */
async function answerAsIdentityProvider(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  issue: (id: string, connectionId: string) => string,
) {
  const url = new URL(request.url ?? '', `http://${request.headers.host}`)
  if (url.pathname === '/sso') {
    const body = (await request.toArray()).join('')
    const posted = new URLSearchParams(body).get('SAMLRequest')
    const xml =
      posted === null ? inflated(url.searchParams.get('SAMLRequest')) : Buffer.from(posted, 'base64').toString()
    const id = / ID="([^"]+)"/.exec(xml)?.[1] ?? ''
    const acs = / AssertionConsumerServiceURL="([^"]+)"/.exec(xml)?.[1] ?? ''
    const form = `http://login.elsewhere.localhost:${url.port}/form?${new URLSearchParams({ id, acs })}`
    response.writeHead(302, { location: form }).end()
    return
  }
  const acs = url.searchParams.get('acs') ?? ''
  const message = issue(url.searchParams.get('id') ?? '', /\/sso\/([^/]+)\//.exec(acs)?.[1] ?? '')
  response.writeHead(200, { 'content-type': 'text/html' })
  response.end(
    `<form method="post" action="${acs}"><input type="hidden" name="SAMLResponse" value="${message}"><button>Sign in as Ada</button></form>`,
  )
}

function inflated(message: string | null): string {
  return inflateRawSync(Buffer.from(message ?? '', 'base64')).toString()
}

function cookieNames(header: string | undefined): string[] {
  return (header ?? '').split('; ').map((cookie) => cookie.split('=', 1)[0] ?? '')
}
