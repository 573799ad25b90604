import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Connection } from '../../directory/connection.ts'
import {
  type ReceivedLogoutMessage,
  receiveLogoutForm,
  receiveLogoutRedirect,
} from '../../saml/logout/received-message.ts'
import { answerLogoutRequest } from '../../sign-out/answer-logout-request.ts'
import { finishSignOut } from '../../sign-out/finish-sign-out.ts'
import { withNewKeys } from '../../sign-out/with-new-keys.ts'
import { getConnection } from '../get-connection.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import { signedOutPage } from '../pages/signed-out.ts'
import { readParameters } from '../parameters.ts'
import { sendLogoutMessage } from '../send-logout-message.ts'
import { sendPage } from '../send-page.ts'

export const connectionLogoutPath = '/sso/:connection/logout'

interface ConnectionLogoutRoute {
  readonly Params: { readonly connection: string }
  readonly Body: string | undefined
}

/**
 * Our single logout service: requests of an identity provider, and its answers to ours. No cookie is read or written here:
 * a request may come in a frame, and ends sessions of other browsers too. SAML Bindings 3.4 and 3.5, SAML Profiles 4.4.
 */
export function addConnectionLogoutRoutes(app: FastifyInstance, deps: HttpDependencies): void {
  app.get<ConnectionLogoutRoute>(connectionLogoutPath, { exposeHeadRoute: false }, async (request, reply) => {
    const connection = await getConnection(request.params.connection, deps)
    return answer(reply, receiveLogoutRedirect(rawQueryOf(request)), connection, deps)
  })
  app.post<ConnectionLogoutRoute>(connectionLogoutPath, async (request, reply) => {
    const connection = await getConnection(request.params.connection, deps)
    const form = readParameters(request.body ?? '')
    const received = receiveLogoutForm({
      SAMLRequest: form.find('SAMLRequest'),
      SAMLResponse: form.find('SAMLResponse'),
      RelayState: form.find('RelayState'),
    })
    return answer(reply, received, connection, deps)
  })
}

/** As it stood in the request line: its octets are what was signed. */
function rawQueryOf(request: Pick<FastifyRequest, 'raw'>): string {
  const target = request.raw.url ?? ''
  const start = target.indexOf('?')
  return start === -1 ? '' : target.slice(start + 1)
}

async function answer(
  reply: FastifyReply,
  received: ReceivedLogoutMessage,
  connection: Connection,
  deps: HttpDependencies,
): Promise<FastifyReply> {
  if (received.kind === 'response') {
    const finished = await withNewKeys(connection, deps, (current) => finishSignOut(received, current, deps))
    const isDone = finished.outcome === 'success' && finished.returnTo !== undefined
    return reply.redirect(
      isDone ? (finished.returnTo ?? '') : `${deps.publicUrl}/signed-out?request=${finished.id}`,
      303,
    )
  }
  const answered = await withNewKeys(connection, deps, (current) => answerLogoutRequest(received, current, deps))
  for (let ended = 0; ended < answered.sessionsEnded; ended++) deps.metrics.sessionEnded()
  if (answered.answer === undefined)
    return sendPage(reply, signedOutPage({ publicUrl: deps.publicUrl }), deps.publicUrl)
  return sendLogoutMessage(reply, answered.answer, connection, { publicUrl: deps.publicUrl, inFrame: true })
}
