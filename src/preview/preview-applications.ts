import { authorize } from '../access/authorize.ts'
import type { Application } from '../directory/application.ts'
import type { SessionHolder } from '../directory/session.ts'
import type { SignInState } from '../directory/sign-in.ts'
import { isLatchkeyError } from '../errors.ts'
import type { Plan } from '../provisioning/plan.ts'
import type { IdentityHeader, PreviewDependencies } from './preview-dependencies.ts'
import { describeRefusal, type RefusalFact } from './refusal-fact.ts'

/** What one application would make of the person: let in with these headers, or not. */
export interface ApplicationPreview {
  readonly application: string
  readonly headers?: readonly IdentityHeader[]
  readonly refusal?: RefusalFact
}

/** Of the applications that list the connection. */
export async function previewApplications(
  plan: Plan,
  state: SignInState,
  deps: Pick<PreviewDependencies, 'directory' | 'identityHeaders' | 'now'>,
): Promise<readonly ApplicationPreview[]> {
  const applications = await deps.directory.listApplications()
  const holder = plannedHolder(plan, state, deps.now())
  return applications
    .filter(({ settings }) => settings.connections.includes(plan.connectionId))
    .map((application) => enter(application, plan, holder, deps))
}

function enter(
  application: Application,
  plan: Plan,
  holder: SessionHolder,
  { identityHeaders }: Pick<PreviewDependencies, 'identityHeaders'>,
): ApplicationPreview {
  try {
    authorize(plan, application)
    return { application: application.id, headers: identityHeaders(holder, application) }
  } catch (error) {
    if (isLatchkeyError(error)) return { application: application.id, refusal: describeRefusal(error) }
    throw error
  }
}

/** The visitor there would be after the plan. */
function plannedHolder({ after, connectionId }: Plan, { account }: SignInState, now: Date): SessionHolder {
  const { organizationId, id } = after
  return {
    session: {
      organizationId,
      id: '00000000-0000-0000-0000-000000000000',
      accountId: id,
      connectionId,
      createdAt: now,
      lastSeenAt: now,
      expiresAt: now,
    },
    account: { ...after, createdAt: account?.createdAt ?? now, updatedAt: now, version: account?.version ?? 1 },
    grants: after.grants,
  }
}
