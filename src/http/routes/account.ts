import type { FastifyInstance } from 'fastify'
import type { Application } from '../../directory/application.ts'
import type { SessionHolder } from '../../directory/session.ts'
import { findBrowserSession } from '../browser-session.ts'
import { displayNameOf } from '../display-name.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import { type AccountPage, accountPage } from '../pages/account.ts'
import { anyFormTarget } from '../security-headers.ts'
import { sendPage } from '../send-page.ts'

/** Shows the person what we keep of them. Whoever is not signed in is asked where to sign in. */
export function addAccountRoute(app: FastifyInstance, deps: HttpDependencies): void {
  app.get('/account', async (request, reply) => {
    const holder = await findBrowserSession(request.raw, deps)
    if (holder === undefined) return reply.redirect(`${deps.publicUrl}/`, 303)
    // Signing out may lead on to any identity provider.
    const formAction = anyFormTarget(deps.publicUrl)
    return sendPage(reply, accountPage(await describe(holder, deps)), deps.publicUrl, { formAction })
  })
}

async function describe({ account, session, grants }: SessionHolder, deps: HttpDependencies): Promise<AccountPage> {
  const [organization, connection] = await Promise.all([
    deps.directory.findOrganization(session.organizationId),
    deps.catalog.connection(session.connectionId),
  ])
  const namesOf = (kind: 'role' | 'group') => grants.filter((grant) => grant.kind === kind).map((grant) => grant.name)
  const mail = account.fields.mail?.values[0]
  return {
    publicUrl: deps.publicUrl,
    name: displayNameOf(account),
    username: account.username,
    ...(mail !== undefined && { mail }),
    organizationName: organization?.name ?? session.organizationId,
    connectionName: connection?.name ?? session.connectionId,
    roles: namesOf('role').sort(),
    groups: namesOf('group').sort(),
    createdAt: account.createdAt,
    signedInAt: session.createdAt,
    ...(account.expiresAt !== undefined && { endsAt: account.expiresAt }),
    applications: openTo(session.connectionId, deps.catalog.applications()),
  }
}

/** The applications that this connection leads into; what may be seen there is the policy's to say. */
function openTo(connectionId: string, applications: readonly Application[]): AccountPage['applications'] {
  return applications
    .filter(({ settings }) => settings.connections.includes(connectionId))
    .map(({ name, settings }) => ({ name, url: settings.origin }))
}
