import type { FastifyInstance } from 'fastify'
import { findBrowserSession } from '../browser-session.ts'
import { displayNameOf } from '../display-name.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import { findConnectionPage } from '../pages/find-connection.ts'
import { anyFormTarget } from '../security-headers.ts'
import { sendPage } from '../send-page.ts'

/** Where to sign in. */
export function addIndexRoute(app: FastifyInstance, deps: HttpDependencies): void {
  app.get('/', async (request, reply) => {
    const holder = await findBrowserSession(request.raw, deps)
    const page = findConnectionPage({
      publicUrl: deps.publicUrl,
      ...(holder !== undefined && { signedInAs: displayNameOf(holder.account) }),
    })
    return sendPage(reply, page, deps.publicUrl, { formAction: anyFormTarget(deps.publicUrl) })
  })
}
