import { authorize } from '../access/authorize.ts'
import type { Connection } from '../directory/connection.ts'
import type { SignInState } from '../directory/sign-in.ts'
import { isLatchkeyError } from '../errors.ts'
import { consultModule, type ModuleAnswer, namesModule } from '../provisioning/consult-module.ts'
import { judgeConditions } from '../provisioning/judge-conditions.ts'
import { mapSubject } from '../provisioning/map-subject.ts'
import { planProvisioning } from '../provisioning/plan-provisioning.ts'
import type { Subject } from '../provisioning/subject.ts'
import type { VerifiedAssertion } from '../saml/verified-assertion.ts'
import { signInQuery } from '../sign-in/step-inputs.ts'
import { type DescribedPlan, describePlan } from './describe-plan.ts'
import { type DescribedAnswer, type DescribedSubject, describeAnswer, describeSubject } from './describe-subject.ts'
import type { Evidence } from './evidence.ts'
import { type ApplicationPreview, previewApplications } from './preview-applications.ts'
import type { PreviewDependencies } from './preview-dependencies.ts'
import { describeRefusal, type RefusalFact } from './refusal-fact.ts'

/**
 * Preview: what a sign-in would do, and nothing of it done. The steps are those of the sign-in (`mapSubject`,
 * `planProvisioning`, `authorize`) and this folder only tells what they say; it reads from the storage and has no way to
 * write. Start reading here; `evidence.ts` is where an assertion comes from, `describe-plan.ts` how a plan is told.
 */
export interface Preview {
  readonly connection: string
  /** Of the stored connection. */
  readonly version: number
  /** Whether another configuration than the stored one was asked about. */
  readonly isDraft: boolean
  readonly outcome: 'accepted' | 'refused'
  /** Why the sign-in would be refused as it stands; the plan below is what it would do if these were not so. */
  readonly findings: readonly RefusalFact[]
  /** Why there is no plan. */
  readonly refusal?: RefusalFact
  /** What the mapping module was given, and what it gave. */
  readonly consulted?: DescribedAnswer
  readonly subject?: DescribedSubject
  readonly match?: Match
  readonly plan?: DescribedPlan
  readonly applications: readonly ApplicationPreview[]
}

/** The account an assertion speaks of, and how it was found. */
export interface Match {
  readonly by: 'connection and subject key'
  readonly subjectKey: string
  /** Absent: nobody; a first sign-in. */
  readonly account?: { readonly id: string; readonly username: string; readonly state: string }
}

export interface PreviewOptions {
  /** The configuration to go by: the stored one, or a draft of it. */
  readonly connection: Connection
  readonly isDraft: boolean
  readonly evidence: Evidence
}

/** Refusals of verification, mapping, planning and authorizing are part of the answer; only faults are thrown. */
export async function previewSignIn(
  { connection, isDraft, evidence }: PreviewOptions,
  deps: PreviewDependencies,
): Promise<Preview> {
  const base = { connection: connection.id, version: connection.version, isDraft, applications: [] }
  const { assertion, refusal } = evidence
  if (assertion === undefined) {
    const { findings } = evidence
    return { ...base, outcome: 'refused', findings, ...(refusal === undefined ? {} : { refusal }) }
  }
  const asked = await askModule(assertion, connection, deps)
  if ('refusal' in asked) {
    return { ...base, outcome: 'refused', findings: evidence.findings, refusal: asked.refusal }
  }
  const answer = asked.value
  const consulted = answer === undefined ? {} : { consulted: describeAnswer(answer) }
  const mapped = attempt(() => mapSubject(assertion, connection, answer))
  if ('refusal' in mapped) {
    return { ...base, ...consulted, outcome: 'refused', findings: evidence.findings, refusal: mapped.refusal }
  }
  const subject = mapped.value
  const state = await deps.directory.readSignInState(signInQuery(connection, subject, assertion))
  const findings = [...evidence.findings, ...(await evidence.findOnState(state, connection, deps))]
  const judged = attempt(() => judgeConditions(subject, connection))
  if ('refusal' in judged) findings.push(judged.refusal)
  const told = { ...base, ...consulted, findings, subject: describeSubject(subject), match: matchOf(state, subject) }
  const mustWait = 'value' in judged && judged.value.verdict === 'hold'
  const context = { connection, now: deps.now(), newId: deps.newId, mustWait }
  const planned = attempt(() => planProvisioning(state, subject, context))
  if ('refusal' in planned) return { ...told, outcome: 'refused', refusal: planned.refusal }
  const authorized = attempt(() => authorize(planned.value, undefined))
  if ('refusal' in authorized) findings.push(authorized.refusal)
  return {
    ...told,
    outcome: findings.length > 0 ? 'refused' : 'accepted',
    plan: describePlan(planned.value, state),
    applications: await previewApplications(planned.value, state, deps),
  }
}

/** What a step gives, or the refusal it throws. */
function attempt<T>(step: () => T): { readonly value: T } | { readonly refusal: RefusalFact } {
  try {
    return { value: step() }
  } catch (error) {
    if (isLatchkeyError(error)) return { refusal: describeRefusal(error) }
    throw error
  }
}

/** The answer of the module that the connection names, if it names one. */
async function askModule(
  assertion: VerifiedAssertion,
  connection: Connection,
  { mappingModules }: PreviewDependencies,
): Promise<{ readonly value: ModuleAnswer | undefined } | { readonly refusal: RefusalFact }> {
  if (!namesModule(connection)) return { value: undefined }
  try {
    return { value: await consultModule(assertion, connection, mappingModules) }
  } catch (error) {
    if (isLatchkeyError(error)) return { refusal: describeRefusal(error) }
    throw error
  }
}

function matchOf({ account }: SignInState, { subjectKey }: Subject): Match {
  return {
    by: 'connection and subject key',
    subjectKey,
    ...(account === undefined ? {} : { account: { id: account.id, username: account.username, state: account.state } }),
  }
}
