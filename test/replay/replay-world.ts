import { randomBytes } from 'node:crypto'
import { createInputKeeper } from '../../src/replay/input-keeper.ts'
import { createInputSeal } from '../../src/replay/seal-input.ts'
import { completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import type { IssuedPerson } from '../../src/test-identity-provider/identity-provider.ts'
import { connectionId, type SignInWorld } from '../support/sign-in-world.ts'

export function person(name: string, attributes: Record<string, string | string[]> = {}): IssuedPerson {
  return { nameId: `p-${name}`, attributes: { uid: name, role: 'employee', job: `job of ${name}`, ...attributes } }
}

/** A world whose sign-ins are kept, under the secret of its office. */
export function openReplays(world: SignInWorld, secret = Buffer.alloc(32, 3)) {
  const failures: unknown[] = []
  const keeper = createInputKeeper({
    directory: world.directory,
    inputSeal: createInputSeal(secret, randomBytes),
    onFailed: (error) => failures.push(error),
  })
  const deps = { ...world.deps, keepInput: keeper.keep }
  const signIn = (who: IssuedPerson) => completeSignIn({ connectionId, samlResponse: world.issue(who) }, deps)
  return { signIn, keeper, failures }
}
