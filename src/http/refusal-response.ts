import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ErrorCode, errorEntries, LatchkeyError } from '../errors.ts'
import { renderPage } from './layout.ts'
import { type RefusalPage, refusalPage } from './pages/refusal.ts'
import { anyFormTarget, contentSecurityPolicy, securityHeaders } from './security-headers.ts'
import { statusOf } from './status-of.ts'

/**
 * Turns an error into an answer, for Latchkey's own host and for the gateway alike: a page for people, JSON for
 * programs. What administrators may see of a refusal stays in the recorded attempt and never passes through here.
 */

export interface RefusalContext {
  readonly publicUrl: string
  /** The request's Accept header. */
  readonly accept: string | undefined
  /** Names the request, for errors that carry no reference of their own. */
  readonly requestReference: string
  /** Where a person may begin again. */
  readonly tryAgainUrl?: string
  /** Where there is something to do meanwhile. */
  readonly startUrl?: string
  /** Replaces the heading that goes with the code. */
  readonly heading?: string
  /** What a person may post again as it is: the button of the page does it. */
  readonly again?: NonNullable<RefusalPage['again']>
  /** One sentence more, where the code's own does not say enough; shown to everybody. */
  readonly explanation?: string
}

export interface RefusalResponse {
  readonly code: ErrorCode
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Anything that is not a `LatchkeyError` becomes `internal`: the caller logs it. */
export function refusalResponse(error: unknown, context: RefusalContext): RefusalResponse {
  const refusal = error instanceof LatchkeyError ? error : new LatchkeyError('internal', {}, { cause: error })
  const reference = refusal.reference ?? context.requestReference
  const forPerson = wordsForPerson(refusal, context)
  const asPage = prefersHtml(context.accept)
  const body = asPage
    ? renderPage(refusalPage({ ...context, ...forPerson, code: refusal.code, reference }), context.publicUrl)
    : `${JSON.stringify(refusalBody(refusal.code, reference, forPerson))}\n`
  return {
    code: refusal.code,
    status: statusOf[refusal.code],
    headers: {
      ...securityHeaders(context.publicUrl),
      ...(asPage && { 'cross-origin-opener-policy': 'same-origin' }),
      // What is posted again may lead to an application, on a host of its own.
      ...(context.again !== undefined && {
        'content-security-policy': contentSecurityPolicy(context.publicUrl, {
          formAction: anyFormTarget(context.publicUrl),
        }),
      }),
      'content-type': asPage ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      vary: 'accept',
      ...(refusal.detail.retryAfterSeconds !== undefined && {
        'retry-after': String(Math.ceil(refusal.detail.retryAfterSeconds)),
      }),
    },
    body,
  }
}

/** Answers over plain `node:http`. Does nothing but end the connection when an answer has already begun. */
export function writeRefusal(response: ServerResponse, error: unknown, context: RefusalContext): ErrorCode {
  const { code, status, headers, body } = refusalResponse(error, context)
  if (response.headersSent) response.destroy()
  else response.writeHead(status, headers).end(response.req.method === 'HEAD' ? undefined : body)
  return code
}

/** Answers a request for another protocol over its bare connection, and ends it. */
export function refuseUpgrade(socket: Duplex, error: unknown, context: RefusalContext): ErrorCode {
  const { code, status, headers, body } = refusalResponse(error, context)
  const lines = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', body].join('\r\n'))
  return code
}

type WordsForPerson = Pick<RefusalPage, 'explanation' | 'contact'>

/** Nothing of a refusal's detail but what an administrator wrote for this. */
function wordsForPerson({ detail }: LatchkeyError, context: RefusalContext): WordsForPerson {
  const explanation = context.explanation ?? detail.explanation
  return {
    ...(explanation !== undefined && { explanation }),
    ...(detail.contact !== undefined && { contact: detail.contact }),
  }
}

function refusalBody(code: ErrorCode, reference: string, forPerson: WordsForPerson) {
  const { sentence, fix } = errorEntries[code]
  return { error: code, message: sentence, ...forPerson, fix, reference }
}

/** Browsers name `text/html`; programs rarely do. */
export function prefersHtml(accept: string | undefined): boolean {
  return accept !== undefined && /\btext\/html\b|\bapplication\/xhtml\+xml\b/i.test(accept)
}
