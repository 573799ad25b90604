import { referenceOf, type SignInAttempt } from '../directory/sign-in.ts'

/** Which sign-in it was, in a line. */
export interface AttemptSummary {
  readonly reference: string
  readonly connection: string
  readonly at: Date
  /** ID of the assertion. */
  readonly assertion?: string
}

export function summarizeAttempt({ id, connectionId, at, trace }: SignInAttempt): AttemptSummary {
  const assertion = trace.map(({ notes }) => notes?.assertion).find((noted) => typeof noted === 'string')
  return {
    reference: referenceOf(id),
    connection: connectionId,
    at,
    ...(typeof assertion === 'string' ? { assertion } : {}),
  }
}
