import type { Account, FieldValue, Grant, Source } from './account.ts'
import type { LinkProof, ProvedLink } from './link-request.ts'
import type { Notice } from './notice.ts'
import type { Role } from './role.ts'
import type { NewSetUp } from './set-up.ts'

/** A sign-in that we began: kept until it is answered or ten minutes have passed. */
export interface LoginRequest {
  readonly organizationId: string
  readonly connectionId: string
  /** ID of the AuthnRequest. */
  readonly id: string
  /** SHA-256 (hex) of the random value in the cookie of the browser that began it. */
  readonly browserHash: string
  /** Absolute address on Latchkey's origin or on an application's origin; at most 8 KB. */
  readonly returnTo: string
  /** Where it began at an application: whose hand-off cookie the way back is bound to. */
  readonly handoff?: HandoffBinding
  /** The request asked for signing in anew: an authentication from before it does not answer it. */
  readonly forceAuthn?: boolean
  /** What it proves when it is answered. */
  readonly linkProof?: LinkProof
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** An address under which somebody may try a connection once. */
export interface TestSignIn {
  readonly organizationId: string
  readonly connectionId: string
  /** SHA-256 (hex) of the code in the address. */
  readonly codeHash: string
  readonly expiresAt: Date
}

/** Ties a one-time code to the browser that asked for it on the application's origin. */
export interface HandoffBinding {
  readonly applicationId: string
  /** SHA-256 (hex) of the random value in the application origin's cookie. */
  readonly browserHash: string
}

/** A one-time way of a session from Latchkey's host to an application's. */
export interface Handoff extends HandoffBinding {
  readonly organizationId: string
  /** SHA-256 (hex) of the code. */
  readonly codeHash: string
  readonly sessionId: string
  readonly returnTo: string
  readonly expiresAt: Date
}

/** What the read of a sign-in asks for. */
export interface SignInQuery {
  readonly organizationId: string
  readonly connectionId: string
  readonly subjectKey: string
  /** Normal form of the user name the subject would have: finds the account it would collide with. */
  readonly usernameKey: string
  readonly loginRequestId?: string
}

/** All that a plan may depend on, read in one round trip. */
export interface SignInState {
  /** Version of the stored connection; another than ours means: load it again and begin anew. */
  readonly connectionVersion: number
  readonly account?: Account
  readonly grants: readonly Grant[]
  /** Another account that holds the user name. */
  readonly usernameHolder?: { readonly accountId: string }
  /** The same account whole, while nobody is known by the subject key: what the two could be linked on. */
  readonly linkCandidate?: LinkCandidate
  readonly roles: readonly Role[]
  /** Only where the organization limits its active accounts. */
  readonly seats?: { readonly limit: number; readonly taken: number }
  readonly loginRequest?: LoginRequest
}

/** An account that holds the user name of somebody unknown. */
export interface LinkCandidate {
  readonly account: Account
  readonly grants: readonly Grant[]
  /** Domains that the organization has proved to own. */
  readonly domains: readonly string[]
  /** Connections that are switched on and over which the account is known. */
  readonly connections: readonly string[]
}

/** What a sign-in writes, everything or nothing, in one call. Made by `planProvisioning` and completed by the sign-in. */
export interface SignInWrites {
  readonly organizationId: string
  readonly connectionId: string
  readonly connectionVersion: number
  /** Consumed once: a second use is `assertion_replayed`. */
  readonly assertion: { readonly id: string; readonly rememberUntil: Date }
  /** What named the response; consumed once, and remembered as long: a second use is `saml_artifact_replayed`. Absent: none did. */
  readonly artifact?: string
  /** Consumed once: a missing one is `login_request_unknown`. */
  readonly loginRequestId?: string
  readonly account: AccountWrites
  readonly session: {
    readonly id: string
    readonly tokenHash: string
    /** What LogoutRequests are compared with. */
    readonly nameId?: string
    /** As it arrived, where that is another text. */
    readonly exactNameId?: string
    readonly sessionIndex?: string
    readonly expiresAt: Date
  }
  readonly handoff?: Omit<Handoff, 'organizationId' | 'sessionId'>
  /** Present: nobody has the session's token, until the person has answered. */
  readonly setUp?: NewSetUp
  /** Another identity that this sign-in proves. */
  readonly linkProof?: ProvedLink
  readonly attempt: SignInAttempt
  readonly now: Date
}

/** What is kept of somebody who must wait for approval: all but a way in. The refusal that follows is recorded by itself. */
export interface WaitingWrites extends Omit<SignInWrites, 'session' | 'handoff' | 'setUp' | 'linkProof' | 'attempt'> {
  /** Only when they begin to wait. */
  readonly notice?: Notice
}

export interface AccountWrites {
  readonly id: string
  /** Absent: the account is created. Present: the version the plan was made for; another means: read and plan anew. */
  readonly expectedVersion?: number
  readonly subjectKey: string
  /** The account is known, and this subject key leads to it from now on. */
  readonly linksIdentity?: true
  readonly username: string
  readonly usernameKey: string
  /** Absent: unchanged. `null`: it no longer ends. */
  readonly expiresAt?: Date | null
  /** With `expiresAt`: the account's type says so, nobody else. */
  readonly endsByType?: true
  /** Absent: active before and after. */
  readonly state?: 'pending' | 'active'
  /** The account becomes active where active accounts are counted: `seat_limit_reached` when none is left. */
  readonly takesSeat?: true
  /** With `pending`: when the request for approval lapses. */
  readonly approvalExpiresAt?: Date
  /** Only the fields that change; `null` removes one. */
  readonly fields: Readonly<Record<string, FieldValue | null>>
  /** Names of all fields whose values must be unique; given when fields change. */
  readonly uniqueFields?: readonly string[]
  readonly grantsAdded: readonly Grant[]
  readonly grantsRemoved: readonly { readonly kind: Grant['kind']; readonly name: string; readonly source: Source }[]
  readonly auditEvents: readonly AuditEvent[]
}

/** The end of an account that an assertion reports after the fact. */
export interface AccountEnding {
  readonly organizationId: string
  readonly connectionId: string
  /** Consumed once: a second use is `assertion_replayed`. */
  readonly assertion: { readonly id: string; readonly rememberUntil: Date }
  readonly accountId: string
  /** The version that was read; another means: read again. */
  readonly expectedVersion: number
  readonly expiresAt: Date
  readonly endsByType?: true
  readonly event: AuditEvent
  readonly now: Date
}

/** An immutable record of who did what to what, and the outcome. */
export interface AuditEvent {
  readonly id: string
  readonly at: Date
  /** `connection:company-a`, `cli`, `system`. */
  readonly actor: string
  /** Dotted: `account.created`, `account.updated`, `role.granted`, `account.suspended`. */
  readonly action: string
  /** `account:UUID`, `connection:company-a`. */
  readonly target: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** One try, accepted or refused, with its trace. */
export interface SignInAttempt {
  /** UUID version 7; `referenceOf` gives what a person is shown. */
  readonly id: string
  readonly organizationId: string
  readonly connectionId: string
  readonly at: Date
  readonly outcome: 'accepted' | 'refused'
  /** The refusal's code. */
  readonly code?: string
  readonly accountId?: string
  readonly trace: readonly TraceStep[]
}

export interface TraceStep {
  /** `decode`, `verify`, `map`, `plan`, `authorize`, `apply`. */
  readonly step: string
  readonly milliseconds: number
  readonly notes?: Readonly<Record<string, unknown>>
}

/** The short name of an attempt that people read out to each other: the random end of its id, `7f3k-92qd-01ab`. */
export function referenceOf(attemptId: string): string {
  return attemptId.slice(-12).replace(/(.{4})(?=.)/g, '$1-')
}
