import { performance } from 'node:perf_hooks'
import { normalForm } from '../directory/account.ts'
import {
  type FoundCode,
  type LocalEntry,
  type LocalHolder,
  localConnectionId,
} from '../directory/local-administrator.ts'
import { LatchkeyError } from '../errors.ts'
import { issueSession } from '../sessions/issue-session.ts'
import { sha256Hex } from '../sessions/token-hash.ts'
import { startTrace, type Trace } from '../sign-in/trace.ts'
import type { BreakGlassDependencies, Proof } from './break-glass-dependencies.ts'
import { checkFormToken } from './form-token.ts'
import { readUsedPasskey, siteOf, verifyUsed } from './passkey.ts'
import { recordRefusal } from './record-refusal.ts'
import { readRecoveryCode } from './recovery-code.ts'

/**
 * Letting a local administrator in. As in a sign-in, each step gives what the next one needs, nothing is written before the
 * last, and it writes everything or nothing. Whatever is wrong with what was entered is one and the same refusal for whoever
 * entered it; what it was stands in the recorded attempt. This folder knows neither HTTP nor storage. Start reading here.
 */

/** A local administrator's session ends after this, however it is used. */
const sessionSeconds = 3600

/** What was sent with the form, beside the proof. */
export interface SentForm {
  readonly token: string
  readonly browserSecret: string | undefined
}

export interface Entered {
  /** For the cookie of Latchkey's own host. */
  readonly sessionToken: string
}

/** A proof that was found good: whose it is, and what using it up takes. */
interface CheckedProof {
  readonly by: Proof
  readonly holder: LocalHolder
  readonly proof: LocalEntry['proof']
  /** For the audit: never the proof itself. */
  readonly detail: Readonly<Record<string, unknown>>
}

/** Throws `break_glass_refused`, `break_glass_busy`, `break_glass_form_invalid`. */
export async function enterByCode(
  sent: SentForm & { readonly username: string; readonly code: string },
  deps: BreakGlassDependencies,
): Promise<Entered> {
  checkFormToken(sent.token, { ...sent, purpose: 'enter', secret: deps.secret(), now: deps.now() })
  const trace = startTrace(() => performance.now())
  const usernameKey = normalForm(sent.username)
  let found: FoundCode = {}
  try {
    const codeHash = trace.step('receive', () => checkForm(sent.code, deps))
    checkPace(usernameKey, deps)
    found = await trace.step('read', () => deps.directory.findRecoveryCode({ codeHash, usernameKey }))
    const holder = trace.step('check', () => checkCode(found, usernameKey))
    return await open({ by: 'recovery-code', holder, proof: { codeHash }, detail: {} }, trace, deps)
  } catch (error) {
    throw await recordRefusal(
      error,
      { by: 'recovery-code', holder: found.named ?? found.holder, usernameKey },
      trace,
      deps,
    )
  }
}

/** Throws `break_glass_refused`, `break_glass_form_invalid`. */
export async function enterByPasskey(
  sent: SentForm & { readonly passkey: string },
  deps: BreakGlassDependencies,
): Promise<Entered> {
  const context = { ...sent, purpose: 'enter', secret: deps.secret(), now: deps.now() } as const
  const { until } = checkFormToken(sent.token, context)
  const trace = startTrace(() => performance.now())
  let known: Awaited<ReturnType<typeof deps.directory.findPasskey>>
  try {
    const response = trace.step('receive', () => readUsedPasskey(sent.passkey))
    known = await trace.step('read', () => deps.directory.findPasskey(response.id))
    const { publicKey, counter: before, name, ...holder } = checkKnown(known)
    const site = siteOf(deps.publicUrl)
    if (site === undefined) throw refused('public URL', 'a name', 'an address')
    const verifying = { challenge: sent.token, site }
    const counter = await trace.step('verify', () =>
      verifyUsed(response, { ...holder, publicKey, counter: before }, verifying),
    )
    const proof = { credentialId: response.id, counter, challengeHash: sha256Hex(sent.token), until }
    return await open({ by: 'passkey', holder, proof, detail: { passkey: name } }, trace, deps)
  } catch (error) {
    throw await recordRefusal(error, { by: 'passkey', holder: known }, trace, deps)
  }
}

function checkForm(code: string, deps: BreakGlassDependencies): string {
  const codeHash = readRecoveryCode(code, deps.secret())
  if (codeHash !== undefined) return codeHash
  throw refused('form of the recovery code', 'a code that this installation made', 'another text')
}

/** Only codes that carry our mark come so far: nobody else can use up the tries of an account. */
function checkPace(usernameKey: string, { pace, now }: BreakGlassDependencies): void {
  if (pace.take(usernameKey, now())) return
  throw new LatchkeyError('break_glass_busy', { check: 'tries in this minute', retryAfterSeconds: 60 })
}

function checkCode({ holder, usedAt }: FoundCode, usernameKey: string): LocalHolder {
  if (holder === undefined) throw refused('recovery code', 'one that is kept', 'one that was replaced or removed')
  if (normalForm(holder.username) !== usernameKey) throw refused('user name', 'the one of the code', 'another')
  if (usedAt !== undefined) throw refused('recovery code', 'one that was not used', `used ${usedAt.toISOString()}`)
  checkActive(holder)
  return holder
}

function checkKnown<H extends LocalHolder>(known: H | undefined): H {
  if (known === undefined) throw refused('passkey', 'one that is registered', 'another')
  checkActive(known)
  return known
}

function checkActive({ state }: LocalHolder): void {
  if (state !== 'active') throw refused('state of the account', 'active', state)
}

async function open(
  { by, holder, proof, detail }: CheckedProof,
  trace: Trace,
  deps: BreakGlassDependencies,
): Promise<Entered> {
  const now = deps.now()
  const { organizationId, accountId } = holder
  const absoluteSeconds = Math.min(sessionSeconds, deps.sessionLimits.absoluteSeconds)
  const { token, ...session } = issueSession({ ...deps, now, limits: { ...deps.sessionLimits, absoluteSeconds } })
  trace.note({ by, ...detail })
  const attempt = {
    id: deps.newId(),
    organizationId,
    connectionId: localConnectionId(organizationId),
    at: now,
    outcome: 'accepted',
    accountId,
    trace: trace.steps(),
  } as const
  const target = `account:${accountId}`
  const event = { id: deps.newId(), at: now, actor: target, action: 'break_glass.entered', target }
  const eventDetail = { by, ...detail, attempt: attempt.id, session: session.id }
  const entry = { organizationId, accountId, proof, session, attempt, now, event: { ...event, detail: eventDetail } }
  const opened = await deps.directory.enterLocally(entry)
  if (opened === 'stale') throw refused(by, 'one that counts', 'one that was used or taken away at this very moment')
  const { codesLeft } = opened
  deps.notify({
    event: 'break_glass.entered',
    by,
    organization: organizationId,
    account: accountId,
    attempt: attempt.id,
    codesLeft,
  })
  return { sessionToken: token }
}

function refused(check: string, wanted: string, arrived: string): LatchkeyError {
  return new LatchkeyError('break_glass_refused', { check, wanted, arrived })
}
