import type { AccessRefused } from '../access/decide.ts'
import { type ErrorCode, isLatchkeyError, LatchkeyError } from '../errors.ts'
import { describeError } from '../http/describe-error.ts'
import { writeRefusal } from '../http/refusal-response.ts'
import { contextOf } from '../http/request-context.ts'
import type { GatewayLog } from './gateway-dependencies.ts'
import { originOf, type Visit } from './visit.ts'

/** `account_not_entitled`, with what would have admitted. */
export class NotEntitled extends LatchkeyError {
  readonly explanation: string

  constructor(refused: AccessRefused) {
    super('account_not_entitled', { check: refused.reason, wanted: refused.explanation })
    this.explanation = refused.explanation
  }
}

export interface RefuseDependencies {
  readonly publicUrl: string
  readonly log: GatewayLog
}

/** Answers with a page or JSON, as the request asks; ends the connection when an answer has already begun. */
export function writeGatewayRefusal(visit: Visit, error: unknown, deps: RefuseDependencies): ErrorCode {
  const { request, response } = visit
  const context = contextOf(request)
  logFault(visit, error, context.id, deps.log)
  // Who waits for leave to send a body and is refused may send it all the same: nothing of it is a next request.
  if (request.headers.expect !== undefined) response.shouldKeepAlive = false
  context.refused = writeRefusal(response, error, {
    publicUrl: deps.publicUrl,
    accept: acceptOf(visit),
    requestReference: context.reference,
    tryAgainUrl: tryAgainUrl(visit, error),
    ...(error instanceof NotEntitled && { explanation: error.explanation, ...startUrl(visit) }),
  })
  return context.refused
}

/** A script that fetches says it accepts what the browser accepts, and wants JSON all the same. */
function acceptOf({ request: { headers } }: Visit): string | undefined {
  const mode = headers['sec-fetch-mode']
  return mode === undefined || mode === 'navigate' ? headers.accept : undefined
}

/** The page itself where opening it again is harmless, else the application's front page. */
function tryAgainUrl({ request, application }: Visit, error: unknown): string {
  const isHarmless = request.method === 'GET' && isLatchkeyError(error, 'upstream_unreachable')
  return originOf(application) + (isHarmless ? (request.url ?? '/') : '/')
}

/** Whose session may not open one page goes on at the application's front page, unless it is that which is closed. */
function startUrl({ request, application }: Visit): { startUrl?: string } {
  return request.url === '/' ? {} : { startUrl: `${originOf(application)}/` }
}

/** Only what is wrong on our side: refusals of requests are counted, not logged. */
function logFault({ application }: Visit, error: unknown, requestId: string, log: GatewayLog): void {
  const fields = { application: application.id, requestId }
  if (!isLatchkeyError(error) || error.code === 'internal') {
    log.error({ ...fields, error: describeError(error) }, 'the gateway failed')
  } else if (error.code === 'upstream_unreachable' || error.code === 'storage_unavailable') {
    log.warn({ ...fields, code: error.code, arrived: error.detail.arrived }, 'a request could not be passed on')
  } else if (error.code === 'header_value_invalid') {
    log.warn({ ...fields, code: error.code, check: error.detail.check }, 'a value of an account cannot be passed on')
  }
}
