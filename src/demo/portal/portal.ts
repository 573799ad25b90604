import { createServer, type Server, type ServerResponse } from 'node:http'
import { createIdentityReader, type IdentityCheck } from './identity.ts'
import { homePage, missingPage, refusedPage, sectionPage, sections, stylesheet } from './pages.ts'

/**
 * "Company B", a small benefits portal with no sign-in, no passwords and no user table of its own. It stands behind
 * Latchkey's gateway and believes nothing but a valid `X-Latchkey-Assertion`; see `identity.ts` for how little that takes.
 */
export function createPortal(check: IdentityCheck): Server {
  const readIdentity = createIdentityReader(check)

  return createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://portal').pathname
    if (path === '/portal.css') return send(response, 200, 'text/css', stylesheet)
    const visitor = await readIdentity(request)
    if (visitor === undefined) return send(response, 401, 'text/html', refusedPage())
    if (path === '/') return send(response, 200, 'text/html', homePage(visitor))
    if (path === '/me') return send(response, 200, 'application/json', JSON.stringify(visitor))
    const section = sections.find((candidate) => candidate.path === path)
    if (section !== undefined) return send(response, 200, 'text/html', sectionPage(section, visitor))
    return send(response, 404, 'text/html', missingPage(visitor))
  })
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  })
  response.end(body)
}
