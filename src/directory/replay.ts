/** What the last accepted sign-in of a person said, sealed. */
export interface SignInInput {
  readonly organizationId: string
  readonly connectionId: string
  readonly accountId: string
  readonly attemptId: string
  readonly at: Date
  /** See `replay/seal-input.ts`. */
  readonly sealed: string
}
