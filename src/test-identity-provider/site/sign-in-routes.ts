import { randomBytes, X509Certificate } from 'node:crypto'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { answerSignIn, answerStatus, type PendingSignIn, type ProviderSession } from '../answer.ts'
import { BoundedMap } from '../bounded-map.ts'
import type { EncryptionOptions } from '../encryption.ts'
import type { IssuedResponse } from '../identity-provider.ts'
import type { ArtifactStore } from './artifact-routes.ts'
import type { Browsers } from './browsers.ts'
import { choosePage } from './choose-page.ts'
import { continuePage } from './continue-page.ts'
import { submittedFields } from './forms.ts'
import { type AcceptedRequest, receivePost, receiveRedirect } from './receive-request.ts'
import { sendHandOver, sendPage } from './send.ts'
import { findServiceProvider, type Site } from './site.ts'

/** Signing in: asked for by a service provider (`/sso`), from the start page (`/launch`), or for its own sake (`/sign-in`). */
export function addSignInRoutes(app: FastifyInstance, site: Site, browsers: Browsers, artifacts: ArtifactStore): void {
  const waiting = new BoundedMap<PendingSignIn>(1000)

  function ask(reply: FastifyReply, pending: PendingSignIn): FastifyReply {
    const request = randomBytes(16).toString('hex')
    waiting.set(request, pending)
    const { name } = pending.serviceProvider
    return sendPage(reply, choosePage({ site: site.name, people: site.state.people(), request, asking: name }))
  }

  function answer(reply: FastifyReply, pending: PendingSignIn, session: ProviderSession): FastifyReply {
    const person = site.state.findPerson(session.personId)
    const { sign, encrypt } = site.state.settings()
    const certificate = encrypt === 'always' ? pending.serviceProvider.encryptionCertificate : undefined
    const options = {
      person,
      session,
      sign,
      encrypt: certificate === undefined ? undefined : encryptionFor(certificate),
    }
    return handOver(reply, pending, answerSignIn(site.provider, pending, options))
  }

  function handOver(reply: FastifyReply, pending: PendingSignIn, issued: IssuedResponse): FastifyReply {
    const { serviceProvider, relayState, isByArtifact } = pending
    if (isByArtifact || site.state.settings().binding === 'artifact') {
      return reply.redirect(artifacts.addressFor(pending, issued.xml), 303)
    }
    const fields = {
      SAMLResponse: issued.samlResponse,
      ...(relayState === undefined ? {} : { RelayState: relayState }),
    }
    const { name, acsUrl } = serviceProvider
    return sendHandOver(reply, continuePage({ site: site.name, to: name, acsUrl, fields }))
  }

  function proceed(reply: FastifyReply, accepted: AcceptedRequest, session: ProviderSession | undefined): FastifyReply {
    const { pending, forceAuthn, isPassive } = accepted
    if (session !== undefined && !forceAuthn) return answer(reply, pending, session)
    if (!isPassive) return ask(reply, pending)
    const status = { code: 'Responder', subCode: 'NoPassive' }
    return handOver(reply, pending, answerStatus(site.provider, pending, status))
  }

  app.get('/sso', (request, reply) => {
    const rawQuery = request.raw.url?.split('?').slice(1).join('?') ?? ''
    return proceed(reply, receiveRedirect(site, rawQuery), browsers.find(request))
  })

  // A form posted from another site brings no cookie along; the redirect to a page of our own does.
  const posted = new BoundedMap<AcceptedRequest>(1000)
  app.post('/sso', (request, reply) => {
    const key = randomBytes(16).toString('hex')
    posted.set(key, receivePost(site, submittedFields(request.body)))
    return reply.redirect(`/sso/continue?request=${key}`, 303)
  })
  app.get<{ Querystring: { request?: string } }>('/sso/continue', (request, reply) => {
    const accepted = posted.get(String(request.query.request))
    return accepted === undefined ? reply.redirect('/', 303) : proceed(reply, accepted, browsers.find(request))
  })

  app.get<{ Querystring: { to?: string } }>('/launch', (request, reply) => {
    const serviceProvider = findServiceProvider(site, String(request.query.to))
    const pending = { serviceProvider, relayState: serviceProvider.relayState }
    return proceed(reply, { pending, forceAuthn: false, isPassive: false }, browsers.find(request))
  })

  app.post('/sign-in', (request, reply) => {
    const form = submittedFields(request.body)
    const person = site.state.findPerson(form.person ?? '')
    const session = browsers.signIn(reply, person.id, site.now())
    const pending = waiting.get(form.request ?? '')
    if (pending === undefined) return reply.redirect('/', 303)
    waiting.delete(form.request ?? '')
    return answer(reply, pending, session)
  })

  app.post('/sign-out', (request, reply) => {
    browsers.signOut(request, reply)
    return reply.redirect('/', 303)
  })
}

function encryptionFor(certificate: string): EncryptionOptions {
  return { publicKey: new X509Certificate(Buffer.from(certificate, 'base64')).publicKey }
}
