import type { IncomingMessage } from 'node:http'
import { referenceOf } from '../directory/sign-in.ts'
import type { ErrorCode } from '../errors.ts'

/** What is known of a request besides itself: enough for one line in the log, nothing personal. */
export interface RequestContext {
  /** UUID version 7. */
  readonly id: string
  /** The short name of the id, shown to a person who was refused. */
  readonly reference: string
  /** The pattern that matched, never the address itself: `/sso/:connection/acs`. */
  route?: string
  /** Set when the request went to an application behind the gateway. */
  applicationId?: string
  /** Name of the API token it came with. */
  token?: string
  /** Code of the refusal, when it was refused. */
  refused?: ErrorCode
}

const contexts = new WeakMap<IncomingMessage, RequestContext>()

export function openContext(request: IncomingMessage, id: string): RequestContext {
  const context: RequestContext = { id, reference: referenceOf(id) }
  contexts.set(request, context)
  return context
}

/** The context of a request that came through our server. */
export function contextOf(request: IncomingMessage): RequestContext {
  const context = contexts.get(request)
  if (context === undefined) throw new Error('The request did not come through this server')
  return context
}
