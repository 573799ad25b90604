import type { FastifyInstance } from 'fastify'
import type { LogoutRequest } from '../../directory/logout.ts'
import { isLogoutRequestId } from '../../sessions/logout-request.ts'
import { canBeAsked } from '../../sign-out/begin-sign-out.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import { type SignedOutElsewhere, signedOutPage } from '../pages/signed-out.ts'
import { readQuery } from '../parameters.ts'
import { sendPage } from '../send-page.ts'

/** Says what happened to the session that `?request=` names, here and at the identity provider. */
export function addSignedOutRoute(app: FastifyInstance, deps: HttpDependencies): void {
  app.get('/signed-out', async (request, reply) => {
    const id = readQuery(request.url).find('request') ?? ''
    const ended = isLogoutRequestId(id) ? await deps.directory.findLogoutRequest(id, deps.now()) : undefined
    const elsewhere = ended && (await describe(ended, deps))
    const page = signedOutPage({
      publicUrl: deps.publicUrl,
      ...(elsewhere !== undefined && { elsewhere }),
      ...(ended?.returnTo !== undefined && { returnTo: ended.returnTo }),
    })
    return sendPage(reply, page, deps.publicUrl)
  })
}

async function describe(ended: LogoutRequest, { catalog }: HttpDependencies): Promise<SignedOutElsewhere | undefined> {
  const connection = await catalog.connection(ended.connectionId)
  if (connection === undefined) return undefined
  const isAsked = ended.nameId !== undefined && canBeAsked(connection)
  return { connectionName: connection.name, outcome: ended.outcome ?? (isAsked ? 'unanswered' : 'not-asked') }
}
