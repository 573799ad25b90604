import type { FastifyInstance, FastifyReply } from 'fastify'
import { errorEntries, isLatchkeyError, LatchkeyError } from '../../errors.ts'
import { displayNameOf } from '../display-name.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import { approvalPage } from '../pages/approval.ts'
import { readParameters, readQuery } from '../parameters.ts'
import { prefersHtml } from '../refusal-response.ts'
import { contextOf } from '../request-context.ts'
import { sendPage } from '../send-page.ts'
import { statusOf } from '../status-of.ts'

interface ApprovalRoute {
  readonly Body: string | undefined
}

/** One request for approval: shown, and decided with one click. The token in the address is what gives the right to. */
export function addApprovalRoutes(app: FastifyInstance, deps: HttpDependencies): void {
  app.get('/approvals', { exposeHeadRoute: false }, async (request, reply) =>
    showRequest(readQuery(request.url).get('request'), reply, deps),
  )
  app.post<ApprovalRoute>('/approvals', async (request, reply) => {
    const decision = readParameters(request.body ?? '').get('decision')
    if (decision !== 'approve' && decision !== 'reject') {
      throw new LatchkeyError('request_invalid', { check: 'decision', wanted: 'approve or reject' })
    }
    const token = readQuery(request.url).get('request')
    try {
      await deps.approvals.decide(token, decision)
    } catch (error) {
      if (!isShownInPlace(error) || !prefersHtml(request.headers.accept)) throw error
      contextOf(request.raw).refused = error.code
      return showRequest(token, reply.code(statusOf[error.code]), deps, errorEntries[error.code].sentence)
    }
    // Read again after a redirect, so that going back or reloading decides nothing.
    return reply.redirect(`${deps.publicUrl}/approvals?request=${encodeURIComponent(token)}`, 303)
  })
}

/** Who decides sees how the request stands, and why the click changed nothing. */
function isShownInPlace(error: unknown): error is LatchkeyError {
  return isLatchkeyError(error, 'account_not_pending') || isLatchkeyError(error, 'seat_limit_reached')
}

async function showRequest(token: string, reply: FastifyReply, deps: HttpDependencies, problem?: string) {
  const { account, grants, note } = await deps.approvals.find(token)
  const organization = await deps.directory.findOrganization(account.organizationId)
  const namesOf = (wanted: 'role' | 'group') => grants.filter(({ kind }) => kind === wanted).map(({ name }) => name)
  const mail = account.fields.mail?.values[0]
  const page = approvalPage({
    publicUrl: deps.publicUrl,
    token,
    name: displayNameOf(account),
    username: account.username,
    ...(mail !== undefined && { mail }),
    ...(note !== undefined && { note: note.text }),
    organizationName: organization?.name ?? account.organizationId,
    roles: namesOf('role').sort(),
    groups: namesOf('group').sort(),
    ...(account.approvalExpiresAt !== undefined && { lapsesAt: account.approvalExpiresAt }),
    state: account.state,
    ...(problem !== undefined && { problem }),
  })
  return sendPage(reply.header('cache-control', 'no-store'), page, deps.publicUrl)
}
