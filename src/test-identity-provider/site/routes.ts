import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { LatchkeyError } from '../../errors.ts'
import { addArtifactRoute, createArtifactStore } from './artifact-routes.ts'
import { assets } from './assets.ts'
import { createBrowsers } from './browsers.ts'
import { choosePage } from './choose-page.ts'
import { problemPage } from './continue-page.ts'
import { readPersonChanges, readSettings, submittedFields } from './forms.ts'
import { addLogoutRoutes } from './logout-routes.ts'
import { peoplePage, personPage } from './people-pages.ts'
import { sendPage } from './send.ts'
import { addSignInRoutes } from './sign-in-routes.ts'
import type { Site } from './site.ts'
import { startPage } from './start-page.ts'

/** Every address of the test identity provider's web site. */
export function addRoutes(app: FastifyInstance, site: Site): void {
  const browsers = createBrowsers(site.provider.baseUrl.startsWith('https:'))
  const { state } = site
  app.addHook('onRequest', async (request) => checkOwnForm(request))
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, site, error))
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, site, new LatchkeyError('not_found')))

  for (const [path, { contentType, content }] of Object.entries(assets)) {
    app.get(path, (_request, reply) => reply.header('content-type', contentType).send(content))
  }
  app.get('/metadata', (_request, reply) => {
    const { wantAuthnRequestsSigned } = site
    const text = site.provider.metadata({
      wantAuthnRequestsSigned,
      redirectOnly: wantAuthnRequestsSigned,
      singleLogout: true,
      artifacts: true,
    })
    return reply.header('content-type', 'application/samlmetadata+xml').send(text)
  })
  app.get('/', (request, reply) => {
    const session = browsers.find(request)
    const people = state.people()
    if (session === undefined) return sendPage(reply, choosePage({ site: site.name, people }))
    const person = state.findPerson(session.personId)
    const links = site.serviceProviders()
    return sendPage(reply, startPage({ site: site.name, person, links, settings: state.settings() }))
  })
  app.post('/settings', (request, reply) => {
    state.changeSettings(readSettings(submittedFields(request.body)))
    return reply.redirect('/', 303)
  })
  app.get('/people', (_request, reply) => sendPage(reply, peoplePage(site.name, state.people())))
  app.get<{ Params: { id: string } }>('/people/:id', (request, reply) =>
    sendPage(reply, personPage(site.name, state.findPerson(request.params.id))),
  )
  app.post<{ Params: { id: string } }>('/people/:id', (request, reply) => {
    state.changePerson(request.params.id, readPersonChanges(submittedFields(request.body)))
    return reply.redirect('/', 303)
  })
  const artifacts = createArtifactStore(site)
  addSignInRoutes(app, site, browsers, artifacts)
  addArtifactRoute(app, site, artifacts)
  addLogoutRoutes(app, site, browsers)
}

/** Our own forms are submitted from our own pages; only `/sso`, `/slo` and `/artifact` are posted to from elsewhere. */
function checkOwnForm(request: FastifyRequest): void {
  if (request.method !== 'POST' || ['/sso', '/slo', '/artifact'].includes(request.url)) return
  const from = request.headers['sec-fetch-site']
  if (from === undefined || from === 'same-origin' || from === 'none') return
  throw new LatchkeyError('request_invalid', { check: 'Sec-Fetch-Site', wanted: 'same-origin' })
}

const statuses: Readonly<Record<string, number>> = { account_not_found: 404, not_found: 404 }

function sendProblem(reply: FastifyReply, site: Site, error: unknown): FastifyReply {
  const isOurs = error instanceof LatchkeyError
  const known = isOurs ? error : new LatchkeyError(isClientError(error) ? 'request_invalid' : 'internal')
  const { check, wanted, arrived } = known.detail
  const lines = [
    `Code: ${known.code}`,
    ...Object.entries({ Check: check, Wanted: wanted, Arrived: arrived }).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}: ${value}`],
    ),
  ]
  const status = statuses[known.code] ?? (known.code === 'internal' ? 500 : 400)
  return sendPage(reply, problemPage(site.name, { sentence: known.message, lines }), status)
}

function isClientError(error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error && Number(error.statusCode) < 500
}
