import type { FastifyInstance } from 'fastify'
import type { Account } from '../../directory/account.ts'
import type { Application } from '../../directory/application.ts'
import { isLocalAccount } from '../../directory/local-administrator.ts'
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
  const breakGlass = isLocalAccount(account.id) ? await describeLocal(account, session.expiresAt, deps) : undefined
  return {
    publicUrl: deps.publicUrl,
    name: displayNameOf(account),
    username: account.username,
    ...(mail !== undefined && { mail }),
    organizationName: organization?.name ?? session.organizationId,
    connectionName: breakGlass === undefined ? (connection?.name ?? session.connectionId) : 'Break-glass access',
    ...(breakGlass !== undefined && { breakGlass }),
    roles: namesOf('role').sort(),
    groups: namesOf('group').sort(),
    createdAt: account.createdAt,
    signedInAt: session.createdAt,
    ...(account.expiresAt !== undefined && { endsAt: account.expiresAt }),
    applications: openTo(session.connectionId, deps.catalog.applications()),
  }
}

async function describeLocal(
  { organizationId, id }: Account,
  sessionEndsAt: Date,
  { directory }: HttpDependencies,
): Promise<AccountPage['breakGlass']> {
  const found = await directory.findLocalAdministrator(organizationId, id)
  const codesLeft = found?.codes.filter(({ usedAt }) => usedAt === undefined).length ?? 0
  return { codesLeft, passkeys: found?.passkeys.length ?? 0, sessionEndsAt }
}

/** The applications that this connection leads into; what may be seen there is the policy's to say. */
function openTo(connectionId: string, applications: readonly Application[]): AccountPage['applications'] {
  return applications
    .filter(({ settings }) => settings.connections.includes(connectionId))
    .map(({ name, settings }) => ({ name, url: settings.origin }))
}
