import type { IncomingMessage } from 'node:http'
import type { ApiToken } from '../../directory/api-token.ts'
import type { ApiTokenDirectory } from '../../directory/directory.ts'
import { LatchkeyError } from '../../errors.ts'
import { hashApiToken } from '../../keys/api-token.ts'
import type { Operation } from './operations.ts'

interface Dependencies {
  readonly directory: Pick<ApiTokenDirectory, 'useApiToken'>
  readonly now: () => Date
}

/**
 * Whose request this is, by the one `Authorization: Bearer` (RFC 6750 2.1) and nothing else: no cookie, no query. What is found
 * is found by the SHA-256 of the whole token, so that time tells nothing about it. Throws `api_token_required`, `api_token_invalid`.
 */
export async function authenticate(request: IncomingMessage, { directory, now }: Dependencies): Promise<ApiToken> {
  const [header, ...others] = request.headersDistinct.authorization ?? []
  const [, text] = /^Bearer +(\S+)$/i.exec(header ?? '') ?? []
  if (text === undefined || others.length > 0) throw new LatchkeyError('api_token_required')
  const hash = hashApiToken(text)
  const token = hash === undefined ? undefined : await directory.useApiToken(hash, now())
  if (token === undefined) throw new LatchkeyError('api_token_invalid')
  return token
}

/** Throws `api_scope_insufficient`. */
export function checkScope(token: ApiToken, operation: Operation): void {
  if (operation.scope === 'write' && token.scope !== 'write') throw insufficient('scope', 'write', token.scope)
  if (operation.isInstallationWide && token.organizationId !== undefined) {
    throw insufficient('organization', 'a token of the whole installation', `one of ${token.organizationId}`)
  }
  if (operation.reveals === 'always') checkMayReveal(token)
}

/** Once the input is known. Throws `api_scope_insufficient`. */
export function checkReveal(token: ApiToken, { reveals }: Operation, input: Readonly<Record<string, unknown>>): void {
  if (reveals === undefined || reveals === 'always') return
  if (reveals.some((name) => input[name] !== undefined && input[name] !== false)) checkMayReveal(token)
}

function checkMayReveal({ mayReveal }: ApiToken): void {
  if (!mayReveal) throw insufficient('reveal', 'a token that may reveal', 'one that may not')
}

function insufficient(check: string, wanted: string, arrived: string): LatchkeyError {
  return new LatchkeyError('api_scope_insufficient', { check, wanted, arrived })
}
