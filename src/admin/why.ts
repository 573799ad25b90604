import { z } from 'zod'
import { accountInput, showAccount } from './accounts.ts'
import type { Administration } from './administration.ts'
import { type AttemptSummary, summarizeAttempt } from './attempt-summary.ts'
import { parseInput } from './parse-input.ts'

export const whyInput = accountInput.extend({
  /** Name of a role, a group or a field. */
  what: z.string().min(1).max(1024),
})

/** One reason why an account has something. */
export interface Reason {
  readonly kind: 'role' | 'group' | 'field'
  readonly name: string
  /** Of a field. */
  readonly values?: readonly string[]
  readonly source: string
  readonly rule: string
  readonly since: Date
  /** The sign-in that wrote it, while attempts are kept. */
  readonly attempt?: AttemptSummary
  /** Other sources of the same: while one is left, the account keeps it. */
  readonly alsoFrom: readonly string[]
}

export interface Provenance {
  readonly account: { readonly organizationId: string; readonly id: string; readonly username: string }
  readonly what: string
  /** Empty: the account has no such thing. */
  readonly reasons: readonly Reason[]
}

/** Why an account has a role, a group or a field: by whom, by which rule, since when, by which assertion. Throws `account_not_found`, `organization_not_found`. */
export async function explainWhy(input: z.input<typeof whyInput>, deps: Administration): Promise<Provenance> {
  const { what, ...which } = parseInput(whyInput, input)
  const { account, grants } = await showAccount(which, deps)
  const { organizationId, id, username } = account
  const held = grants.filter(({ name }) => name === what)
  const field = Object.hasOwn(account.fields, what) ? account.fields[what] : undefined
  const facts = [
    ...held.map((grant) => ({
      ...grant,
      alsoFrom: held.filter((other) => other.kind === grant.kind && other !== grant).map(({ source }) => source),
    })),
    ...(field === undefined ? [] : [{ kind: 'field' as const, name: what, ...field, alsoFrom: [] }]),
  ]
  const reasons: Reason[] = []
  for (const fact of facts) {
    const attempt = await deps.directory.findAttemptAt(account, fact.since)
    reasons.push({ ...fact, ...(attempt && { attempt: summarizeAttempt(attempt) }) })
  }
  return { account: { organizationId, id, username }, what, reasons }
}
