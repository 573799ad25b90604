import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ProviderSession } from '../answer.ts'
import { BoundedMap } from '../bounded-map.ts'
import { type ReceivedLogoutMessage, readLogoutForm, readLogoutRedirect } from '../read-logout-message.ts'
import type { Browsers } from './browsers.ts'
import { submittedFields } from './forms.ts'
import { logoutDonePage, logoutPage } from './logout-pages.ts'
import { sendFrame, sendFrames, sendPage } from './send.ts'
import { findServiceProvider, type ServiceProviderLink, type Site } from './site.ts'

/**
 * Single logout. `/slo` takes requests and answers of service providers; `/sign-out-everywhere` ends the session here and
 * asks each service provider, in a frame of its own, to do the same. SAML Profiles 4.4.
 */
export function addLogoutRoutes(app: FastifyInstance, site: Site, browsers: Browsers): void {
  const asked = new BoundedMap<string>(1000)

  app.post('/sign-out-everywhere', (request, reply) => {
    const session = browsers.find(request)
    browsers.signOut(request, reply)
    const frames = session === undefined ? [] : participantsOf(site, session).map((sp) => askToLogOut(sp, session))
    return sendFrames(reply, logoutPage(site.name, frames))
  })

  function askToLogOut(
    serviceProvider: ServiceProviderLink & { readonly logoutUrl: string },
    session: ProviderSession,
  ) {
    const issued = site.provider.issueLogoutRequest({
      serviceProvider,
      ...session.nameIds.get(serviceProvider.entityId),
      nameId: session.nameIds.get(serviceProvider.entityId)?.nameId ?? '',
      sessionIndexes: [session.sessionIndex],
    })
    asked.set(issued.id, serviceProvider.name)
    return { name: serviceProvider.name, url: `${serviceProvider.logoutUrl}?${issued.redirectQuery()}` }
  }

  function answer(reply: FastifyReply, received: ReceivedLogoutMessage, session: ProviderSession | undefined) {
    if (received.kind === 'response') {
      const name = asked.get(received.inResponseTo ?? '')
      const isDone = name !== undefined && received.isSuccess
      return sendFrame(reply, logoutDonePage(site.name, name, isDone))
    }
    const asking = findServiceProvider(site, received.issuer)
    const others = session === undefined ? [] : [...session.nameIds.keys()].filter((id) => id !== asking.entityId)
    if (asking.logoutUrl === undefined) return sendPage(reply, logoutDonePage(site.name, undefined, true))
    const issued = site.provider.issueLogoutResponse({
      serviceProvider: { logoutUrl: asking.logoutUrl },
      inResponseTo: received.id,
      // Others that this session led to are not told: this is said, as the specification wants it.
      status: others.length === 0 ? ['Success'] : ['Success', 'PartialLogout'],
    })
    return reply.redirect(`${asking.logoutUrl}?${issued.redirectQuery(received.relayState)}`, 303)
  }

  app.get('/slo', (request, reply) => {
    const rawQuery = request.raw.url?.split('?').slice(1).join('?') ?? ''
    const received = readLogoutRedirect(rawQuery, (issuer) => findServiceProvider(site, issuer).certificate)
    const session = browsers.find(request)
    if (received.kind === 'request') browsers.signOut(request, reply)
    return answer(reply, received, session)
  })

  // A form posted from another site brings no cookie along: the session is found by what the request names.
  app.post('/slo', (request, reply) => {
    const received = readLogoutForm(submittedFields(request.body))
    const session = received.kind === 'request' ? browsers.endSession(received.sessionIndex) : undefined
    return answer(reply, received, session)
  })
}

/** Those that have got an assertion of this session and can be asked. */
function participantsOf(site: Site, session: ProviderSession) {
  return site
    .serviceProviders()
    .flatMap((sp) =>
      sp.logoutUrl !== undefined && session.nameIds.has(sp.entityId) ? [{ ...sp, logoutUrl: sp.logoutUrl }] : [],
    )
}
