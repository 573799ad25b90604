import type { Connection } from '../directory/connection.ts'
import type { SignInState } from '../directory/sign-in.ts'
import { type ErrorCode, isLatchkeyError, LatchkeyError } from '../errors.ts'
import { decodeResponse } from '../saml/decode-response.ts'
import type { DecodedResponse } from '../saml/decoded-response.ts'
import type { VerifiedAssertion } from '../saml/verified-assertion.ts'
import { verifyResponse } from '../saml/verify-response.ts'
import { trustOf } from '../sign-in/trust-of.ts'
import { type AssumedContent, assumeVerified } from './assume-verified.ts'
import type { PreviewDependencies } from './preview-dependencies.ts'
import { describeRefusal, type RefusalFact } from './refusal-fact.ts'

/** What a preview goes by: an assertion, or why there is none. */
export interface Evidence {
  readonly assertion?: VerifiedAssertion
  /** Why a sign-in would be refused though the assertion can be read: it has run out, for example. */
  readonly findings: readonly RefusalFact[]
  /** Why there is no assertion. */
  readonly refusal?: RefusalFact
  /** What only the storage knows: whether assertion and request have been used. */
  readonly findOnState: (
    state: SignInState,
    connection: Connection,
    deps: PreviewDependencies,
  ) => Promise<readonly RefusalFact[]>
}

const nothingFound = async () => []

/** What is only assumed has never arrived, so nothing of it can have been used. */
export function assumedEvidence(content: AssumedContent, { now }: Pick<PreviewDependencies, 'now'>): Evidence {
  return { assertion: assumeVerified(content, now()), findings: [], findOnState: nothingFound }
}

/**
 * A response as it was posted, base64 or XML. It is verified as at a sign-in; where only the time stands against it, that is a
 * finding, and it is verified anew as of a moment at which it was valid.
 */
export function responseEvidence(text: string, connection: Connection, deps: PreviewDependencies): Evidence {
  const findings: RefusalFact[] = []
  try {
    const response = decodeResponse(asBase64(text))
    const assertion = verifyAtSomeTime(response, connection, deps, (finding) => findings.push(finding))
    return { assertion, findings, findOnState: findUsed(assertion) }
  } catch (error) {
    if (!isLatchkeyError(error)) throw error
    return { findings, refusal: describeRefusal(error), findOnState: nothingFound }
  }
}

function asBase64(text: string): string {
  const isXml = text.trimStart().replace('\ufeff', '').startsWith('<')
  return isXml ? Buffer.from(text.trim(), 'utf8').toString('base64') : text.trim()
}

/** Codes that only say when, and how the moment they name is stepped past. */
const timeCodes: Partial<Record<ErrorCode, number>> = {
  saml_expired: -1,
  saml_session_expired: -1,
  saml_authn_too_old: 0,
  saml_unsolicited_too_old: 0,
  saml_not_yet_valid: 0,
}

/** Conditions, confirmation, session, authentication and issue each have a time of their own. */
const mostTimes = 7

function verifyAtSomeTime(
  response: DecodedResponse,
  connection: Connection,
  deps: PreviewDependencies,
  found: (finding: RefusalFact) => void,
): VerifiedAssertion {
  const trust = trustOf(connection, deps)
  const seen = new Set<string>()
  let at = deps.now()
  for (let times = 1; ; times++) {
    try {
      return verifyResponse(response, trust, at)
    } catch (error) {
      if (!(error instanceof LatchkeyError)) throw error
      const next = times < mostTimes ? momentOf(error) : undefined
      if (next === undefined) throw error
      if (!seen.has(error.code)) found(describeRefusal(error))
      seen.add(error.code)
      at = next
    }
  }
}

/** When the time that refused would not refuse. */
function momentOf({ code, detail }: LatchkeyError): Date | undefined {
  const step = timeCodes[code]
  const time = Date.parse(detail.arrived ?? '')
  return step === undefined || Number.isNaN(time) ? undefined : new Date(time + step)
}

function findUsed(assertion: VerifiedAssertion): Evidence['findOnState'] {
  return async ({ loginRequest }, connection, { directory, now }) => {
    const findings: RefusalFact[] = []
    if (await directory.isAssertionConsumed(connection, assertion.id)) {
      findings.push(fact('assertion_replayed', { check: 'Assertion/ID', wanted: 'not used before', arrived: 'used' }))
    }
    const { inResponseTo } = assertion
    if (inResponseTo !== undefined && (loginRequest === undefined || loginRequest.expiresAt <= now())) {
      const wanted = 'a request begun here in the last minutes and not yet answered'
      findings.push(fact('login_request_unknown', { check: 'InResponseTo', wanted, arrived: inResponseTo }))
    }
    return findings
  }
}

function fact(code: ErrorCode, detail: LatchkeyError['detail']): RefusalFact {
  return describeRefusal(new LatchkeyError(code, detail))
}
