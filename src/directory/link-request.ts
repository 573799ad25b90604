import type { AuditEvent, HandoffBinding } from './sign-in.ts'

/**
 * An identity that was verified, with the user name of an account that it does not lead to. Whoever came with it may show
 * that the account is theirs, by signing in the way they did before, once, in the same browser.
 */
export interface LinkRequest {
  readonly organizationId: string
  /** The connection and subject key that would lead to the account. */
  readonly connectionId: string
  readonly subjectKey: string
  /** UUID version 7. */
  readonly id: string
  readonly accountId: string
  /** SHA-256 (hex) of the random value in the cookie of the browser. */
  readonly browserHash: string
  /** Where the refused sign-in would have led; absolute. */
  readonly returnTo: string
  readonly handoff?: HandoffBinding
  /** The refused sign-in. */
  readonly attemptId: string
  readonly expiresAt: Date
}

/** What is written when it begins; the assertion and the request it answered are consumed. */
export interface LinkRequestWrites extends LinkRequest {
  readonly connectionVersion: number
  readonly assertion: { readonly id: string; readonly rememberUntil: Date }
  readonly loginRequestId: string
}

/** What a login request keeps of the link request that it is to prove. */
export type LinkProof = Pick<LinkRequest, 'id' | 'connectionId' | 'subjectKey' | 'accountId' | 'attemptId'>

/** The same, when it has been proved. */
export interface ProvedLink extends LinkProof {
  readonly event: AuditEvent
}
