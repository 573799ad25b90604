import { STATUS_CODES } from 'node:http'
import { type ErrorCode, LatchkeyError } from '../../errors.ts'
import { statusOf } from '../status-of.ts'

/** RFC 9457, with our code and, for whoever holds a token, what was checked, wanted and what arrived. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ErrorCode
  readonly fix: string
  /** Names the request in the log. */
  readonly reference: string
  readonly check?: string
  readonly wanted?: string
  readonly arrived?: string
  readonly at?: string
  readonly advice?: string
}

export interface ProblemContext {
  readonly publicUrl: string
  readonly reference: string
  /** What is told to nobody else. */
  readonly hasToken: boolean
}

/** Anything that is not a `LatchkeyError` becomes `internal`: the caller logs it. What went wrong on our side is told to the log alone. */
export function problemOf(error: unknown, { publicUrl, reference, hasToken }: ProblemContext): Problem {
  const { code, message, fix, detail } = error instanceof LatchkeyError ? error : new LatchkeyError('internal')
  const status = statusOf[code]
  const { check, wanted, arrived, at, advice } = detail
  const told = Object.entries({ check, wanted, arrived, at, advice }).filter(([, value]) => value !== undefined)
  return {
    type: `${publicUrl}/api/v1/problems/${code}`,
    title: message,
    status,
    code,
    fix,
    reference: detail.reference ?? reference,
    ...(hasToken && status < 500 ? Object.fromEntries(told) : {}),
  }
}

/** RFC 6750 3: what is wrong with the token; RFC 9110 15.5.2. */
export function problemHeaders(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof LatchkeyError)) return {}
  const { code, detail } = error
  const challenge = challenges[code]
  return {
    ...(challenge === undefined ? {} : { 'www-authenticate': `Bearer realm="latchkey"${challenge}` }),
    ...(detail.retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.ceil(detail.retryAfterSeconds)) }),
  }
}

const challenges: Partial<Record<ErrorCode, string>> = {
  api_token_required: '',
  api_token_invalid: ', error="invalid_token"',
  api_scope_insufficient: ', error="insufficient_scope"',
}

/** What the address in `type` shows. */
export function describeProblem(code: ErrorCode): Readonly<Record<string, unknown>> {
  const { message, fix } = new LatchkeyError(code)
  return { code, title: message, status: statusOf[code], reason: STATUS_CODES[statusOf[code]], fix }
}
