import { authorize } from '../access/authorize.ts'
import { normalForm } from '../directory/account.ts'
import type { Connection } from '../directory/connection.ts'
import type { ReplayDirectory } from '../directory/directory.ts'
import type { SignInInput } from '../directory/replay.ts'
import type { SignInState } from '../directory/sign-in.ts'
import { type ErrorCode, isLatchkeyError } from '../errors.ts'
import { assumeVerified } from '../preview/assume-verified.ts'
import { type AskedModules, consultModule, namesModule } from '../provisioning/consult-module.ts'
import { judgeConditions } from '../provisioning/judge-conditions.ts'
import { mapSubject } from '../provisioning/map-subject.ts'
import { planProvisioning } from '../provisioning/plan-provisioning.ts'
import type { Subject } from '../provisioning/subject.ts'
import type { VerifiedAssertion } from '../saml/verified-assertion.ts'
import { compareOutcomes, type Outcome, type ReplayedChange } from './compare.ts'
import type { InputSeal } from './seal-input.ts'

/**
 * Replay: what the last sign-in of each person would come to under another configuration, beside what it comes to under the one in
 * force. Both are the sign-in's own steps, `mapSubject`, `judgeConditions`, `planProvisioning` and `authorize`, on the accounts as they stand now; nothing is written.
 * Start reading here; `compare.ts` says what counts as a change, `summarize.ts` adds up.
 */
export interface ReplayOptions {
  readonly stored: Connection
  readonly drafted: Connection
  /** The last account of the page before. */
  readonly after?: string
  readonly limit: number
}

export interface ReplayDependencies {
  readonly directory: Pick<ReplayDirectory, 'listSignInInputs' | 'readSignInStates'>
  readonly inputSeal: InputSeal
  readonly mappingModules?: AskedModules
  readonly now: () => Date
  readonly newId: () => string
}

export interface ReplayPage {
  readonly people: number
  /** Inputs that could not be opened: they were sealed under another secret. */
  readonly unreadable: number
  readonly changes: readonly ReplayedChange[]
  /** Where the next page begins; absent: there is none. */
  readonly next?: string
}

/** People whose accounts are read together: while some are planned, others are on their way. */
const readTogether = 250

export async function replayPage(options: ReplayOptions, deps: ReplayDependencies): Promise<ReplayPage> {
  const { unreadable, ...page } = await replayInputs(options, deps)
  return { ...page, unreadable: unreadable.length }
}

/** Of people whose input cannot be opened, the accounts. */
export type ReplayedInputs = Omit<ReplayPage, 'unreadable'> & { readonly unreadable: readonly string[] }

export async function replayInputs(options: ReplayOptions, deps: ReplayDependencies): Promise<ReplayedInputs> {
  const { stored, after, limit } = options
  const inputs = await deps.directory.listSignInInputs(stored, { limit, ...(after === undefined ? {} : { after }) })
  const parts: Promise<ReplayedPart>[] = []
  for (let start = 0; start < inputs.length; start += readTogether) {
    parts.push(replayPart(inputs.slice(start, start + readTogether), options, deps))
  }
  const replayed = await Promise.all(parts)
  const last = inputs.length === limit ? inputs.at(-1) : undefined
  return {
    people: inputs.length,
    unreadable: replayed.flatMap(({ unreadable }) => unreadable),
    changes: replayed.flatMap(({ changes }) => changes),
    ...(last === undefined ? {} : { next: last.accountId }),
  }
}

type ReplayedPart = Pick<ReplayedInputs, 'unreadable' | 'changes'>

async function replayPart(
  inputs: readonly SignInInput[],
  { stored, drafted }: ReplayOptions,
  deps: ReplayDependencies,
): Promise<ReplayedPart> {
  const now = deps.now()
  const opened = inputs.flatMap((input) => open(input, deps.inputSeal, now))
  const readable = new Set(opened.map(({ input }) => input.accountId))
  const unreadable = inputs.flatMap(({ accountId }) => (readable.has(accountId) ? [] : [accountId]))
  const mapped = await Promise.all(
    opened.map(async ({ input, assertion }) => ({
      input,
      now: await tryMap(assertion, stored, deps),
      drafted: await tryMap(assertion, drafted, deps),
    })),
  )
  const subjects = mapped.flatMap(({ now: one, drafted: other }) => [one, other])
  const states = await readStates(stored, subjects, deps)
  const changes = mapped.flatMap(({ input, now: one, drafted: other }) => {
    const [before, outcome] = [planIn(stored, one, states, deps), planIn(drafted, other, states, deps)]
    const username = before.plan?.after.username ?? outcome.plan?.after.username ?? ''
    return compareOutcomes({ accountId: input.accountId, username }, before, outcome) ?? []
  })
  return { unreadable, changes }
}

function open(input: SignInInput, inputSeal: InputSeal, now: Date) {
  try {
    return [{ input, assertion: assumeVerified(inputSeal.open(input), now) }]
  } catch (error) {
    if (isLatchkeyError(error, 'secret_wrong')) return []
    throw error
  }
}

type Mapped = Subject | { readonly code: ErrorCode }

async function tryMap(
  assertion: VerifiedAssertion,
  connection: Connection,
  { mappingModules }: ReplayDependencies,
): Promise<Mapped> {
  try {
    if (!namesModule(connection)) return mapSubject(assertion, connection)
    return mapSubject(assertion, connection, await consultModule(assertion, connection, mappingModules))
  } catch (error) {
    if (isLatchkeyError(error)) return { code: error.code }
    throw error
  }
}

type States = ReadonlyMap<string, SignInState>

/** Each question once: most people are found by the same keys under both configurations. */
async function readStates(
  connection: Connection,
  mapped: readonly Mapped[],
  { directory }: ReplayDependencies,
): Promise<States> {
  const subjects = mapped.flatMap((one) => ('code' in one ? [] : [one]))
  const asked = new Map(subjects.map((subject) => [keyOf(subject), subject]))
  const keys = [...asked.values()].map(({ subjectKey, username }) => ({
    subjectKey,
    usernameKey: normalForm(username),
  }))
  const states = keys.length === 0 ? [] : await directory.readSignInStates(connection, keys)
  return new Map([...asked.keys()].map((key, index) => [key, states[index] as SignInState]))
}

function keyOf({ subjectKey, username }: Subject): string {
  return JSON.stringify([subjectKey, normalForm(username)])
}

function planIn(connection: Connection, mapped: Mapped, states: States, deps: ReplayDependencies): Outcome {
  if ('code' in mapped) return mapped
  const state = states.get(keyOf(mapped))
  if (state === undefined) return { code: 'internal' }
  try {
    const mustWait = judgeConditions(mapped, connection).verdict === 'hold'
    const plan = planProvisioning(state, mapped, { connection, now: deps.now(), newId: deps.newId, mustWait })
    return { plan: authorize(plan, undefined), state }
  } catch (error) {
    if (isLatchkeyError(error)) return { code: error.code }
    throw error
  }
}
