import { z } from 'zod'
import { type ApiToken, apiTokenScopes } from '../directory/api-token.ts'
import { issueApiToken } from '../keys/api-token.ts'
import { type Administration, auditEvent } from './administration.ts'
import { chooseOrganization } from './organizations.ts'
import { nameInput, parseInput } from './parse-input.ts'

/**
 * Tokens with which programs use the API. They are made and revoked on the command line alone: a token that could make tokens
 * would outlive its own end. See docs/decisions/0270.
 */
export const createApiTokenInput = z.strictObject({
  name: nameInput,
  /** The one organization it is good for; without it, the whole installation. */
  organization: nameInput.optional(),
  scope: z.enum(apiTokenScopes).default('read'),
  /** May ask for sensitive values, which is recorded each time. */
  reveal: z.boolean().default(false),
  expiresDays: z.int().min(1).max(3650).default(90),
})

export interface CreatedApiToken extends ApiToken {
  /** Shown this once. */
  readonly token: string
}

/** Throws `api_token_exists`, `organization_not_found`. */
export async function createApiToken(
  input: z.input<typeof createApiTokenInput>,
  deps: Administration,
): Promise<CreatedApiToken> {
  const { name, organization, scope, reveal, expiresDays } = parseInput(createApiTokenInput, input)
  const owner = organization === undefined ? undefined : await chooseOrganization(organization, deps.directory)
  const createdAt = deps.now()
  const token: ApiToken = {
    name,
    ...(owner === undefined ? {} : { organizationId: owner.id }),
    scope,
    mayReveal: reveal,
    createdAt,
    expiresAt: new Date(createdAt.getTime() + expiresDays * 86_400_000),
  }
  const issued = issueApiToken(deps.randomBytes)
  const detail = { scope, mayReveal: reveal, organization: owner?.id, expiresAt: token.expiresAt.toISOString() }
  const event = auditEvent(deps, 'token.created', `token:${name}`, detail)
  await deps.directory.createApiToken({ ...token, tokenHash: issued.hash }, event)
  return { ...token, token: issued.token }
}

export const listApiTokensInput = z.strictObject({})

export interface ListedApiToken extends ApiToken {
  /** `ended` ones let nobody in and stay until they are revoked. */
  readonly state: 'active' | 'ended'
}

export async function listApiTokens(
  input: z.input<typeof listApiTokensInput>,
  deps: Administration,
): Promise<readonly ListedApiToken[]> {
  parseInput(listApiTokensInput, input)
  const now = deps.now()
  const tokens = await deps.directory.listApiTokens()
  return tokens.map((token) => ({ ...token, state: token.expiresAt > now ? 'active' : 'ended' }))
}

export const revokeApiTokenInput = z.strictObject({ name: nameInput })

/** From this moment on it is unknown, on every node. Throws `api_token_not_found`. */
export async function revokeApiToken(
  input: z.input<typeof revokeApiTokenInput>,
  deps: Administration,
): Promise<{ readonly name: string }> {
  const { name } = parseInput(revokeApiTokenInput, input)
  await deps.directory.removeApiToken(name, auditEvent(deps, 'token.revoked', `token:${name}`))
  return { name }
}
