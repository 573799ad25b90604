import { hkdfSync } from 'node:crypto'
import type { SignInInput } from '../directory/replay.ts'
import { seal, unseal } from '../keys/seal.ts'
import type { AssumedContent } from '../preview/assume-verified.ts'

/**
 * Inputs are many, and one key must not seal more than 2³² of them with random nonces (NIST SP 800-38D 8.3): each connection has
 * one of its own for each day, made from the installation's secret. Bound to the account: one input cannot stand in for another.
 */
export interface InputSeal {
  seal(content: AssumedContent, about: Omit<SignInInput, 'sealed'>): string
  /** Throws `secret_wrong`. */
  open(input: SignInInput): AssumedContent
}

/** Keys of a few days and connections; making one costs as much as sealing. */
const mostKeys = 1000

export function createInputSeal(secret: Buffer, randomBytes: (size: number) => Buffer): InputSeal {
  const keys = new Map<string, Buffer>()

  function keyFor({ connectionId, at }: Pick<SignInInput, 'connectionId' | 'at'>): Buffer {
    const name = `sign-in-input:${connectionId}:${at.toISOString().slice(0, 10)}`
    const known = keys.get(name)
    if (known !== undefined) return known
    const key = Buffer.from(hkdfSync('sha256', secret, '', name, 32))
    if (keys.size >= mostKeys) keys.clear()
    keys.set(name, key)
    return key
  }

  return {
    seal: (content, about) =>
      seal(JSON.stringify(content), { secret: keyFor(about), context: contextOf(about), randomBytes }),
    open: (input) => JSON.parse(unseal(input.sealed, { secret: keyFor(input), context: contextOf(input) })),
  }
}

function contextOf({ organizationId, connectionId, accountId }: Omit<SignInInput, 'sealed'>): string {
  return `sign-in-input:${organizationId}:${connectionId}:${accountId}`
}
