import type { IncomingMessage } from 'node:http'
import type { LogoutDirectory, SessionDirectory } from '../directory/directory.ts'
import type { SessionLimits } from '../directory/session.ts'
import type { ErrorCode } from '../errors.ts'
import type { SignIdentity } from './identity-assertion.ts'

/** What the gateway needs from outside: storage, time, randomness, the key that signs identities. */
export interface GatewayDependencies {
  readonly directory: SessionDirectory & LogoutDirectory
  /** Origin of Latchkey's own host. */
  readonly publicUrl: string
  readonly sessionLimits: SessionLimits
  readonly signIdentity: SignIdentity
  readonly now: () => Date
  /** UUID version 7. */
  readonly newId: () => string
  readonly randomBytes: (length: number) => Buffer
  readonly log: GatewayLog
  readonly metrics?: GatewayMetrics
  /** Address of the browser, where forwarded headers of listed proxies count. Default: the peer of the connection. */
  readonly clientAddress?: (request: IncomingMessage) => string | undefined
  readonly timing?: Partial<GatewayTiming>
}

/** As pino's: fields, then a sentence. Never addresses with their query, never anything about the person. */
export interface GatewayLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

export interface GatewayMetrics {
  /** One request or WebSocket of an application. `entered`: the way in or out at an address of our own. */
  countRequest(applicationId: string, outcome: 'forwarded' | 'entered' | ErrorCode): void
}

export interface GatewayTiming {
  /** How long a connection to the application may take to open. Default 10. */
  readonly connectSeconds: number
  /** How long the application may think after the whole request was sent. Default 120. */
  readonly responseSeconds: number
  /** How often the session of a response that still streams, or of an open WebSocket, is asked for again. Default 5. */
  readonly recheckSeconds: number
}

export const defaultTiming: GatewayTiming = { connectSeconds: 10, responseSeconds: 120, recheckSeconds: 5 }
