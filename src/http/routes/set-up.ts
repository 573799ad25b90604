import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { completeSetUp, type SetUpOutcome } from '../../set-up/complete-set-up.ts'
import { type AnsweredSetUp, type ArrivedTicket, ended, type OpenSetUp, openSetUp } from '../../set-up/open-set-up.ts'
import { readBrowserSecret } from '../answer-sign-in.ts'
import { findBrowserSession } from '../browser-session.ts'
import { browserCookie, sessionCookie } from '../cookies.ts'
import { displayNameOf } from '../display-name.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import { fieldParameter, setUpPage } from '../pages/set-up.ts'
import { readParameters, readQuery } from '../parameters.ts'
import { anyFormTarget } from '../security-headers.ts'
import { sendPage } from '../send-page.ts'

interface SetUpRoute {
  readonly Params: { readonly connection: string }
  readonly Body: string | undefined
}

/** Twenty long answers, percent-encoded. */
const maximumBodyBytes = 256 * 1024

/**
 * The page between a first sign-in and the place it leads to. It may be opened as often as one likes; the ticket in its
 * address, together with the browser's cookie, is what a form of another site cannot have.
 */
export function addSetUpRoutes(app: FastifyInstance, deps: HttpDependencies): void {
  app.get<SetUpRoute>('/sso/:connection/set-up', { exposeHeadRoute: false }, async (request, reply) => {
    const arrived = readTicket(request)
    const found = await openSetUp(arrived, deps)
    if (found.kind === 'answered') return leadOnAgain(request, reply, found, deps)
    return sendForm(reply, arrived, { open: found, typed: new Map(), faults: new Map() }, deps)
  })
  const bounded = { bodyLimit: maximumBodyBytes }
  app.post<SetUpRoute>('/sso/:connection/set-up', bounded, async (request, reply) => {
    const arrived = readTicket(request)
    const form = readParameters(request.body ?? '')
    const typed = (field: string) => form.find(fieldParameter(field))
    const outcome = await completeSetUp({ ...arrived, typed }, deps)
    if (outcome.kind === 'answered') return leadOnAgain(request, reply, outcome, deps)
    if (outcome.kind === 'wrong') return sendForm(reply.code(422), arrived, outcome, deps)
    return reply.header('set-cookie', sessionCookie(outcome.sessionToken)).redirect(outcome.returnTo, 303)
  })
}

/** Throws `request_invalid`. */
function readTicket(request: FastifyRequest<SetUpRoute>): ArrivedTicket {
  return {
    connectionId: request.params.connection,
    ticket: readQuery(request.url).get('ticket'),
    browserSecret: readBrowserSecret(request.headers.cookie),
  }
}

/** Whoever pressed twice or went back, and is signed in, goes on. Throws `set_up_ended` for anybody else. */
async function leadOnAgain(
  request: FastifyRequest,
  reply: FastifyReply,
  answered: AnsweredSetUp,
  deps: HttpDependencies,
): Promise<FastifyReply> {
  const holder = await findBrowserSession(request.raw, deps)
  if (holder?.account.id !== answered.accountId) throw ended('a ticket that was not used', 'one that was', answered)
  return reply.redirect(answered.returnTo, 303)
}

type Shown = Pick<Extract<SetUpOutcome, { kind: 'wrong' }>, 'typed' | 'faults'> & { readonly open: OpenSetUp }

async function sendForm(
  reply: FastifyReply,
  { connectionId, ticket, browserSecret }: ArrivedTicket,
  { open: { setUp, account, connection, questions }, typed, faults }: Shown,
  deps: HttpDependencies,
): Promise<FastifyReply> {
  const { publicUrl, catalog, directory } = deps
  const organization = await directory.findOrganization(setUp.organizationId)
  const application = catalog.applicationByOrigin(new URL(setUp.returnTo).origin)
  const page = setUpPage({
    action: `${publicUrl}/sso/${connectionId}/set-up?ticket=${ticket}`,
    organizationName: organization?.name ?? setUp.organizationId,
    ...(application !== undefined && { applicationName: application.name }),
    name: displayNameOf(account),
    connectionName: connection.name,
    questions,
    typed,
    faults,
  })
  if (browserSecret !== undefined) reply.header('set-cookie', browserCookie(browserSecret))
  // What the form's answer leads to is on a host of its own.
  return sendPage(reply, page, publicUrl, { formAction: anyFormTarget(publicUrl, setUp.returnTo) })
}
