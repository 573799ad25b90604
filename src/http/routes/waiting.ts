import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { visibleText } from '../../admin/clean-note.ts'
import { isLatchkeyError } from '../../errors.ts'
import { hashSecret } from '../../sessions/browser-secret.ts'
import { readBrowserSecret } from '../answer-sign-in.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import { waitingPage } from '../pages/waiting.ts'
import { readParameters, readQuery } from '../parameters.ts'
import { sendPage } from '../send-page.ts'
import { statusOf } from '../status-of.ts'

export const waitingPath = '/waiting'

interface WaitingRoute {
  readonly Body: string | undefined
}

/** How a request for approval stands, and a text to whoever decides: for the person who waits, in the browser they came with. */
export function addWaitingRoutes(app: FastifyInstance, deps: HttpDependencies): void {
  app.get(waitingPath, { exposeHeadRoute: false }, (request, reply) => show(request, reply, deps))

  app.post<WaitingRoute>(waitingPath, async (request, reply) => {
    const pass = passIn(request)
    const text = readParameters(request.body ?? '').find('text') ?? ''
    try {
      await deps.waitingRoom.write(pass, browserOf(request), text)
    } catch (error) {
      if (!isLatchkeyError(error, 'approval_note_invalid')) throw error
      return show(request, reply.code(statusOf.approval_note_invalid), deps, visibleText(text).slice(0, 5000))
    }
    // Read again after a redirect, so that reloading writes nothing.
    return reply.redirect(`${deps.publicUrl}${waitingPath}?request=${encodeURIComponent(pass)}`, 303)
  })
}

/** `unfit`: a text that cannot be kept, to be put right. */
async function show(request: FastifyRequest, reply: FastifyReply, deps: HttpDependencies, unfit?: string) {
  const pass = passIn(request)
  const waiting = await deps.waitingRoom.find(pass, browserOf(request))
  const page = waitingPage({
    ...waiting,
    publicUrl: deps.publicUrl,
    pass,
    ...(unfit !== undefined && { unfit }),
  })
  return sendPage(reply, page, deps.publicUrl)
}

function passIn({ url }: FastifyRequest): string {
  return readQuery(url).get('request')
}

function browserOf({ headers }: FastifyRequest): string | undefined {
  const secret = readBrowserSecret(headers.cookie)
  return secret === undefined ? undefined : hashSecret(secret)
}
