import { createHash } from 'node:crypto'
import { z } from 'zod'
import { serviceAddresses } from '../directory/service-addresses.ts'
import { type Administration, auditEvent } from './administration.ts'
import { getConnection } from './connections.ts'
import { nameInput, parseInput } from './parse-input.ts'

export const inviteTestInput = z.strictObject({
  id: nameInput,
  /** How long the address counts. */
  minutes: z.int().min(1).max(10_080).default(60),
})

export interface TestInvitation {
  readonly connection: string
  /** For one browser, once. Whoever has it may see what their own sign-in would do. */
  readonly address: string
  readonly expiresAt: Date
}

/** Makes an address under which somebody may try a connection without signing in. Throws `connection_not_found`. */
export async function inviteTest(
  input: z.input<typeof inviteTestInput>,
  deps: Administration,
): Promise<TestInvitation> {
  const { id, minutes } = parseInput(inviteTestInput, input)
  const connection = await getConnection(id, deps.directory)
  const code = deps.randomBytes(32).toString('base64url')
  const expiresAt = new Date(deps.now().getTime() + minutes * 60_000)
  const codeHash = createHash('sha256').update(code).digest('hex')
  const test = { organizationId: connection.organizationId, connectionId: id, codeHash, expiresAt }
  await deps.directory.createTestSignIn(test, auditEvent(deps, 'connection.test-invited', `connection:${id}`))
  return { connection: id, address: `${serviceAddresses(connection, deps.publicUrl).testUrl}?code=${code}`, expiresAt }
}
