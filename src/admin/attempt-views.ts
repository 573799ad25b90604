import { z } from 'zod'
import type { SignInAttempt, TraceStep } from '../directory/sign-in.ts'
import type { Administration } from './administration.ts'
import { findAttempt } from './attempts.ts'
import { getConnection } from './connections.ts'
import { explainAttempt } from './explain-attempt.ts'
import { parseInput } from './parse-input.ts'

export const viewAttemptInput = z.strictObject({
  reference: z.string().trim().min(1).max(64),
  view: z.enum(['partner', 'person']),
})

/** What the person may know: one sentence and the reference. */
export interface PersonView {
  readonly view: 'person'
  readonly reference: string
  readonly at: Date
  readonly outcome: SignInAttempt['outcome']
  readonly sentence: string
}

/**
 * What the administrators of the identity provider may know: what they sent and what we wanted of it. Nothing of our accounts,
 * roles or rules.
 */
export interface PartnerView extends Omit<PersonView, 'view'> {
  readonly view: 'partner'
  /** Their entity ID, and ours. */
  readonly identityProvider: string
  readonly serviceProvider: string
  readonly code?: string
  /** Whether it is theirs to put right. */
  readonly isTheirs: boolean
  /** ID of the assertion, and the beginning of the fingerprint of the key that signed it. */
  readonly assertion?: string
  readonly key?: string
  readonly check?: string
  readonly wanted?: string
  readonly arrived?: string
  readonly advice?: string
  readonly arrivedAttributes?: readonly string[]
}

/** An attempt for eyes that may not see all of it. Throws `attempt_not_found`, `connection_not_found`. */
export async function viewAttempt(
  input: z.input<typeof viewAttemptInput>,
  deps: Administration,
): Promise<PersonView | PartnerView> {
  const { reference, view } = parseInput(viewAttemptInput, input)
  const attempt = await findAttempt({ reference }, deps)
  return view === 'person' ? personView(attempt) : partnerView(attempt, deps)
}

function personView(attempt: SignInAttempt): PersonView {
  const { reference, sentence, at, outcome } = explainAttempt(attempt)
  return { view: 'person', reference, at, outcome, sentence: sentence ?? 'You were signed in.' }
}

async function partnerView(attempt: SignInAttempt, deps: Administration): Promise<PartnerView> {
  const connection = await getConnection(attempt.connectionId, deps.directory)
  const { code, fix } = explainAttempt(attempt)
  const isTheirs = fix === 'identity-provider'
  const sent = textsOf(notesOf(attempt.trace), ['assertion', 'key'])
  const { arrivedAttributes, ...refused } = notesOf(attempt.trace)
  return {
    ...personView(attempt),
    view: 'partner',
    identityProvider: connection.identityProvider.entityId,
    serviceProvider: connection.serviceProviderEntityId ?? `${deps.publicUrl}/sso/${connection.id}/metadata`,
    isTheirs,
    ...(code === undefined ? {} : { code }),
    ...sent,
    ...(isTheirs ? textsOf(refused, ['check', 'wanted', 'arrived', 'advice']) : {}),
    ...(isTheirs && Array.isArray(arrivedAttributes) ? { arrivedAttributes: arrivedAttributes.map(String) } : {}),
  }
}

function notesOf(trace: readonly TraceStep[]): Readonly<Record<string, unknown>> {
  return Object.assign({}, ...trace.map(({ notes }) => notes ?? {}))
}

function textsOf(notes: Readonly<Record<string, unknown>>, names: readonly string[]): Readonly<Record<string, string>> {
  const texts = names.map((name) => [name, notes[name]]).filter(([, value]) => typeof value === 'string')
  return Object.fromEntries(texts)
}
