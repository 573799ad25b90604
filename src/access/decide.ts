import type { AccessRule, Application } from '../directory/application.ts'
import { admits } from './admits.ts'
import type { AccessSubject } from './authorized.ts'
import { foldPath, readPath } from './read-path.ts'

/**
 * Who may enter what: pure functions on an application's policy. This folder knows neither HTTP nor storage; the gateway
 * asks `decideAccess` for every request, a sign-in asks `authorize` once. Start reading here, then `read-path.ts`.
 */

export interface AccessRequest {
  /** As it stands in the request line. */
  readonly method: string
  /** Request target as it came, not decoded. */
  readonly path: string
}

export type AccessDecision = AccessAllowed | AccessRefused

export interface AccessAllowed {
  readonly allowed: true
  readonly rule: AccessRule
}

export type AccessRefusal =
  /** The application does not list the connection the account came by. */
  | 'connection_not_listed'
  /** Applications may read this path in several ways, and not every one is admitted. */
  | 'path_ambiguous'
  /** No rule speaks of this path. */
  | 'path_without_rule'
  /** The rules of this path speak of other methods. */
  | 'method_without_rule'
  /** Nobody may enter here. */
  | 'closed'
  /** Others may enter here: see `wouldAdmit`. */
  | 'not_admitted'

export interface AccessRefused {
  readonly allowed: false
  readonly reason: AccessRefusal
  /** The rule that decided. */
  readonly rule?: AccessRule
  /** Any one of these roles or groups would have been enough. */
  readonly wouldAdmit: { readonly roles: readonly string[]; readonly groups: readonly string[] }
  /** One sentence for the page that says no. */
  readonly explanation: string
}

/**
 * Decides one request. First the path: the longest prefix of whole segments decides, and no shorter one is asked after it,
 * so that a method nobody thought of never falls through to a more open rule. Then the method: at that prefix, rules that
 * name the method come before rules that name none (HEAD counts as GET). Among the rules left, one that says `nobody`
 * refuses, else one that admits is enough. What no rule speaks of is refused.
 */
export function decideAccess(application: Application, subject: AccessSubject, request: AccessRequest): AccessDecision {
  const { connections, policy } = application.settings
  if (!connections.includes(subject.connectionId)) {
    return refused('connection_not_listed', 'People of your organization do not enter this application.')
  }
  const readings = readPath(request.path)
  if (readings === undefined) return ambiguous()

  const decision = decideReading(policy, subject, { method: request.method, path: readings.literal, shape: asWritten })
  if (!decision.allowed) return decision
  const folded = decideReading(policy, subject, { method: request.method, path: readings.folded, shape: foldRulePath })
  return folded.allowed ? decision : ambiguous(folded.rule)
}

interface Reading extends AccessRequest {
  /** How a rule's path is brought into the form of this reading. */
  readonly shape: (rulePath: string) => string
}

function decideReading(policy: readonly AccessRule[], subject: AccessSubject, reading: Reading): AccessDecision {
  const nearest = nearestRules(policy, reading)
  if (nearest[0] === undefined) return refused('path_without_rule', 'No rule opens this address to anybody.')
  const deciding = rulesOfMethod(nearest, reading.method)
  if (deciding[0] === undefined) {
    return refused('method_without_rule', 'No rule allows this kind of request at this address.', nearest[0])
  }
  const closed = deciding.find((rule) => rule.allow === 'nobody')
  if (closed !== undefined) return refused('closed', 'Nobody may enter this address.', closed)
  const rule = deciding.find((candidate) => admits(candidate, subject))
  return rule === undefined ? notAdmitted(deciding) : { allowed: true, rule }
}

/** The rules whose path is the longest prefix, in whole segments, of the path asked for. */
function nearestRules(policy: readonly AccessRule[], { path, shape }: Reading): readonly AccessRule[] {
  let longest = -1
  let nearest: AccessRule[] = []
  for (const rule of policy) {
    const prefix = shape(rule.path)
    if (!(path === prefix || path.startsWith(prefix === '/' ? '/' : `${prefix}/`)) || prefix.length < longest) continue
    if (prefix.length > longest) nearest = []
    longest = prefix.length
    nearest.push(rule)
  }
  return nearest
}

function rulesOfMethod(rules: readonly AccessRule[], method: string): readonly AccessRule[] {
  const naming = rules.filter(
    ({ methods }) => methods?.includes(method) || (method === 'HEAD' && methods?.includes('GET')),
  )
  return naming.length > 0 ? naming : rules.filter((rule) => rule.methods === undefined)
}

/** A rule speaks of whole segments, so a slash at its end says nothing. */
function asWritten(rulePath: string): string {
  return rulePath.length > 1 && rulePath.endsWith('/') ? rulePath.slice(0, -1) : rulePath
}

function foldRulePath(rulePath: string): string {
  return foldPath(rulePath) ?? asWritten(rulePath)
}

function notAdmitted(deciding: readonly AccessRule[]): AccessRefused {
  const roles = [...new Set(deciding.flatMap((rule) => rule.roles ?? []))]
  const groups = [...new Set(deciding.flatMap((rule) => rule.groups ?? []))]
  const wanted = [
    ...(roles.length > 0 ? [`the role ${roles.join(' or ')}`] : []),
    ...(groups.length > 0 ? [`the group ${groups.join(' or ')}`] : []),
  ]
  const explanation =
    wanted.length === 0 ? 'Nobody may enter this address.' : `This address asks for ${wanted.join(', or ')}.`
  return { ...refused('not_admitted', explanation, deciding[0]), wouldAdmit: { roles, groups } }
}

function ambiguous(rule?: AccessRule): AccessRefused {
  return refused('path_ambiguous', 'This address is written in a way that applications read differently.', rule)
}

function refused(reason: AccessRefusal, explanation: string, rule?: AccessRule): AccessRefused {
  const wouldAdmit = { roles: [], groups: [] }
  return { allowed: false, reason, explanation, wouldAdmit, ...(rule === undefined ? {} : { rule }) }
}
