import type { IncomingMessage } from 'node:http'
import { accessSubject } from '../access/access-subject.ts'
import { type AccessRefused, decideAccess } from '../access/decide.ts'
import type { Application } from '../directory/application.ts'
import type { SessionHolder } from '../directory/session.ts'
import { foldHeaderName } from './identity-headers.ts'

/**
 * What the policy says of this request: `undefined` when the account may make it. The path that is judged is the request
 * target as it came, and as it came it is sent on.
 */
export function refusalOf(
  request: IncomingMessage,
  { session, grants }: SessionHolder,
  application: Application,
): AccessRefused | undefined {
  const subject = accessSubject(session.connectionId, grants)
  for (const method of methodsOf(request)) {
    const decision = decideAccess(application, subject, { method, path: request.url ?? '' })
    if (!decision.allowed) return decision
  }
  return undefined
}

/** The method, and any other that a framework may take it for: all of them have to be allowed. */
function methodsOf({ method = '', rawHeaders }: IncomingMessage): readonly string[] {
  const overrides = rawHeaders.filter((_, index) => methodOverrides.has(foldHeaderName(rawHeaders[index - 1] ?? '')))
  return [method, ...overrides.flatMap((value) => value.split(',')).map((value) => value.trim().toUpperCase())]
}

const methodOverrides = new Set(['x-http-method-override', 'x-http-method', 'x-method-override'])
