import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Connection } from '../../directory/connection.ts'
import { createConnectionFinder } from '../connection-finder.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import { chooseConnectionPage } from '../pages/choose-connection.ts'
import { findConnectionPage } from '../pages/find-connection.ts'
import { readParameters } from '../parameters.ts'
import { anyFormTarget } from '../security-headers.ts'
import { sendPage } from '../send-page.ts'
import { type Entry, entryUrl, readEntry } from './enter.ts'

/** Longest e-mail address there is, and then some. */
const maximumLength = 320

/** Answers the question which organization a person belongs to; on the way into an application if they came from one. */
export function addFindRoute(app: FastifyInstance, deps: HttpDependencies): void {
  const finder = createConnectionFinder(deps)
  app.post<{ readonly Body: string | undefined }>('/find', async (request, reply) => {
    const form = readParameters(request.body ?? '')
    const text = (form.find('organization') ?? '').trim()
    const applicationId = form.find('application')
    const entry = applicationId === undefined ? undefined : readEntry(applicationId, form, deps)
    if (text === '') return askAgain(reply, 'empty', entry, deps)
    const among = entry?.application.settings.connections
    const found = text.length > maximumLength ? [] : await finder.find(text, among)
    const [first, ...others] = found
    if (first === undefined) return askAgain(reply, 'unknown', entry, deps)
    if (others.length === 0) return reply.redirect(signInUrl(first, entry, deps), 303)
    const choices = found.map((connection) => ({ name: connection.name, url: signInUrl(connection, entry, deps) }))
    return sendPage(reply, chooseConnectionPage(choices, entry?.application.name), deps.publicUrl)
  })
}

function signInUrl({ id }: Connection, entry: Entry | undefined, { publicUrl }: HttpDependencies): string {
  return entry === undefined ? `${publicUrl}/sso/${id}/login` : entryUrl(entry, publicUrl, id)
}

function askAgain(reply: FastifyReply, problem: 'unknown' | 'empty', entry: Entry | undefined, deps: HttpDependencies) {
  const { publicUrl } = deps
  const page = findConnectionPage({
    publicUrl,
    problem,
    ...(entry !== undefined && {
      application: { ...entry, id: entry.application.id, name: entry.application.name },
    }),
  })
  reply.code(problem === 'empty' ? 400 : 404)
  return sendPage(reply, page, publicUrl, { formAction: anyFormTarget(publicUrl) })
}
