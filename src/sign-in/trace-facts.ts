import type { SignInState } from '../directory/sign-in.ts'
import { shorten } from '../provisioning/check-values.ts'
import type { ModuleAnswer } from '../provisioning/consult-module.ts'
import type { Plan } from '../provisioning/plan.ts'
import type { VerifiedAssertion } from '../saml/verified-assertion.ts'

/**
 * What a trace keeps of single steps: only what is known nowhere else. Every sign-in pays for it, so what audit events and the
 * account itself say (`admin/explain-attempt.ts` puts it together again) is not written twice.
 */

/** Longest list of one kind. */
const mostNoted = 50
/** Of one field that a module gave. */
const mostValues = 5
const mostCharacters = 200

/** Which assertion, and which of the identity provider's keys signed it. */
export function assertionFacts({ id, signed }: VerifiedAssertion): Readonly<Record<string, unknown>> {
  const key = signed.assertion ?? signed.response
  return { assertion: id.slice(0, 256), ...(key === undefined ? {} : { key: key.slice(0, 16) }) }
}

/** Which module was asked and the beginning of what it gave: also what the plan then sets aside. */
export function moduleFacts({ module, fields, groups, roles }: ModuleAnswer): Readonly<Record<string, unknown>> {
  const gave = fields.slice(0, mostNoted).map(([field, values]) => [field, begin(values.slice(0, mostValues))])
  return {
    module,
    gave: Object.fromEntries(gave),
    gaveGroups: begin(groups.slice(0, mostNoted)),
    gaveRoles: begin(roles.slice(0, mostNoted)),
  }
}

function begin(texts: readonly string[]): readonly string[] {
  return texts.map((text) => shorten(text, mostCharacters))
}

/** What kind of plan, what it set aside, and of an account that was there the values that were replaced. */
export function planFacts(plan: Plan, { account }: SignInState): Readonly<Record<string, unknown>> {
  const changed = account === undefined ? [] : Object.keys(plan.writes.fields)
  const replaced = changed.slice(0, mostNoted).map((field) => [field, account?.fields[field]?.values ?? []])
  return {
    kind: plan.kind,
    changes: plan.changes,
    ...(plan.setUp === undefined ? {} : { setUp: plan.setUp.slice(0, mostNoted) }),
    ...(plan.notes.length === 0 ? {} : { setAside: plan.notes.slice(0, mostNoted) }),
    ...(replaced.length === 0 ? {} : { replaced: Object.fromEntries(replaced) }),
  }
}
