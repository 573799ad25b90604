import type { AccountWithGrants } from '../directory/directory.ts'
import { type AuditEvent, referenceOf, type SignInAttempt, type TraceStep } from '../directory/sign-in.ts'
import { type ErrorCode, errorEntries, type FixSide } from '../errors.ts'
import type { AssumedContent } from '../preview/assume-verified.ts'
import { maskTexts, maskValue } from './mask.ts'

/** With what the person was shown, and who can put it right. */
export interface ExplainedAttempt extends SignInAttempt {
  readonly reference: string
  /** Of a refused one. */
  readonly sentence?: string
  readonly fix?: FixSide
}

/** An attempt as an administrator reads it: with all that it wrote. */
export interface FullAttempt extends ExplainedAttempt {
  /** Without it, personal values are masked. */
  readonly revealed: boolean
  /** Audit events of the same act, names and rules of fields, roles and groups among them. */
  readonly writes: readonly Pick<AuditEvent, 'action' | 'detail'>[]
  readonly fields: readonly ExplainedField[]
  /** What the assertion said, while it is kept: what the rules went by. */
  readonly input?: AssumedContent
}

/** A field the attempt wrote. */
export interface ExplainedField {
  readonly field: string
  readonly before?: readonly string[]
  /** Absent: another sign-in has replaced it since. */
  readonly after?: readonly string[]
  readonly rule?: string
}

export function explainAttempt(attempt: SignInAttempt): ExplainedAttempt {
  const explained = { ...attempt, reference: referenceOf(attempt.id) }
  if (attempt.code === undefined || !isKnown(attempt.code)) return explained
  const { sentence, fix } = errorEntries[attempt.code]
  return { ...explained, sentence, fix }
}

/** An attempt may be older than this list of codes. */
function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(errorEntries, code)
}

export interface AroundAttempt {
  /** The account it led to, as it stands now. */
  readonly account: AccountWithGrants | undefined
  /** What was done to the account in the same act. */
  readonly events: readonly AuditEvent[]
  readonly input?: AssumedContent | undefined
  readonly isRevealed: boolean
}

/** Puts the attempt together from what its trace, the audit and the account each keep. */
export function explainFully(
  attempt: SignInAttempt,
  { account, events, input, isRevealed }: AroundAttempt,
): FullAttempt {
  const fields = explainFields(attempt, account, events)
  const full: FullAttempt = {
    ...explainAttempt(attempt),
    revealed: isRevealed,
    writes: events.map(({ action, detail }) => ({ action, detail })),
    fields,
    ...(input === undefined ? {} : { input }),
  }
  return isRevealed ? full : masked(full)
}

function explainFields(
  { at, trace }: SignInAttempt,
  account: AccountWithGrants | undefined,
  events: readonly AuditEvent[],
): readonly ExplainedField[] {
  const replaced = readReplaced(trace)
  const written = events.flatMap(({ detail }) => (Array.isArray(detail.fields) ? detail.fields.map(String) : []))
  return written.map((field) => {
    const now = account?.account.fields[field]
    const before = replaced[field]
    return {
      field,
      ...(before !== undefined && before.length > 0 ? { before } : {}),
      ...(now?.since.getTime() === at.getTime() ? { after: now.values, rule: now.rule } : {}),
    }
  })
}

/** As `sign-in/trace-facts.ts` notes it. */
function readReplaced(trace: readonly TraceStep[]): Readonly<Record<string, readonly string[]>> {
  const noted = trace.map(({ notes }) => notes?.replaced).find((value) => typeof value === 'object' && value !== null)
  const entries = Object.entries(noted ?? {}).map(([field, values]) => [
    field,
    Array.isArray(values) ? values.map(String) : [],
  ])
  return Object.fromEntries(entries)
}

/** Names stay, values do not. */
function maskInput({ nameId, attributes, ...rest }: AssumedContent): AssumedContent {
  return {
    ...rest,
    ...(nameId === undefined ? {} : { nameId: { ...nameId, value: maskValue(nameId.value) } }),
    attributes: attributes.map((attribute) => ({ ...attribute, values: attribute.values.map(maskValue) })),
  }
}

/** Notes that may hold what a person is called or knows. */
const personalNotes = new Set(['replaced', 'subjectKey', 'gave'])
/** Refusals whose detail says what the person would be called. */
const personalRefusals: ReadonlySet<string | undefined> = new Set(['account_conflict'])

function masked(full: FullAttempt): FullAttempt {
  const isPersonal = (name: string) =>
    personalNotes.has(name) || (name === 'arrived' && personalRefusals.has(full.code))
  const mask = (notes: NonNullable<TraceStep['notes']>) =>
    Object.fromEntries(
      Object.entries(notes).map(([name, value]) => [name, isPersonal(name) ? maskTexts(value) : value]),
    )
  return {
    ...full,
    ...(full.input === undefined ? {} : { input: maskInput(full.input) }),
    trace: full.trace.map(({ notes, ...step }) => ({ ...step, ...(notes && { notes: mask(notes) }) })),
    fields: full.fields.map(({ before, after, ...field }) => ({
      ...field,
      ...(before && { before: maskTexts(before) as readonly string[] }),
      ...(after && { after: maskTexts(after) as readonly string[] }),
    })),
  }
}
