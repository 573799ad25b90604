import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { BreakGlassDependencies } from '../../break-glass/break-glass-dependencies.ts'
import { enrolPasskey, findEnrolment } from '../../break-glass/enrol.ts'
import { creationOptions, siteOf } from '../../break-glass/passkey.ts'
import { errorEntries, isLatchkeyError } from '../../errors.ts'
import { readBrowserSecret } from '../answer-sign-in.ts'
import { breakGlassOf } from '../break-glass.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import { enrolledPage, enrolPage } from '../pages/break-glass.ts'
import { readParameters, readQuery } from '../parameters.ts'
import { prefersHtml } from '../refusal-response.ts'
import { contextOf } from '../request-context.ts'
import { sendPage } from '../send-page.ts'
import { statusOf } from '../status-of.ts'
import { type BreakGlassRoute, issueToken, smallBodyBytes } from './break-glass.ts'

/** Where a link that an administrator gave out leads: registers one passkey. Opening it uses nothing up. */
export function addEnrolPasskeyRoutes(app: FastifyInstance, deps: HttpDependencies): void {
  const glass = breakGlassOf(deps)
  app.get('/break-glass/enrol', { exposeHeadRoute: false }, async (request, reply) =>
    show(request, reply, { link: readQuery(request.url).get('link') }, { ...deps, glass }),
  )
  app.post<BreakGlassRoute>('/break-glass/enrol', { bodyLimit: smallBodyBytes }, async (request, reply) => {
    const form = readParameters(request.body ?? '')
    const link = form.get('link')
    const browserSecret = readBrowserSecret(request.headers.cookie)
    const sent = { token: form.get('token'), browserSecret, link, name: form.find('name') ?? '' }
    try {
      const { username } = await enrolPasskey({ ...sent, passkey: form.get('passkey') }, glass)
      return sendPage(reply, enrolledPage({ publicUrl: deps.publicUrl, username }), deps.publicUrl)
    } catch (error) {
      const canGoOn = ['passkey_invalid', 'passkey_exists', 'break_glass_form_invalid'] as const
      const code = canGoOn.find((one) => isLatchkeyError(error, one))
      if (code === undefined || !prefersHtml(request.headers.accept)) throw error
      contextOf(request.raw).refused = code
      reply.code(statusOf[code])
      return show(request, reply, { link, problem: errorEntries[code].sentence }, { ...deps, glass })
    }
  })
}

async function show(
  request: FastifyRequest,
  reply: FastifyReply,
  { link, problem }: { readonly link: string; readonly problem?: string },
  deps: HttpDependencies & { readonly glass: BreakGlassDependencies },
): Promise<FastifyReply> {
  const { publicUrl } = deps
  const holder = await findEnrolment(link, deps)
  const organization = await deps.directory.findOrganization(holder.organizationId)
  const { token } = issueToken(request, reply, 'enrol', deps.glass)
  const site = siteOf(publicUrl)
  const page = enrolPage({
    publicUrl,
    link,
    token,
    username: holder.username,
    organizationName: organization?.name ?? holder.organizationId,
    ...(site !== undefined && { passkey: creationOptions(token, holder, site) }),
    ...(problem !== undefined && { problem }),
  })
  const sent = sendPage(reply, page, publicUrl, { script: page.usesPasskeys === true })
  return sent.header('cross-origin-opener-policy', 'same-origin')
}
