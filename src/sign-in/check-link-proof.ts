import { connectionSource } from '../directory/account.ts'
import type { Connection } from '../directory/connection.ts'
import type { LinkProof, ProvedLink } from '../directory/link-request.ts'
import type { SignInState } from '../directory/sign-in.ts'
import { LatchkeyError } from '../errors.ts'
import { administersLatchkey, linkPending } from '../provisioning/plan-link.ts'
import { checkEnabled } from './begin-sign-in.ts'
import type { SignInDependencies } from './sign-in-dependencies.ts'

/**
 * Whether this sign-in proves what its request was begun for: it is of the very account, over a connection by which that is
 * known, and linking is still allowed. Whether the account is active and has not expired is decided with the plan, and what is
 * pending is used up with what is written: a second proof of the same finds none. docs/decisions/0265.
 *
 * Throws `account_link_proof_failed`, `account_link_pending`, `connection_disabled`, `connection_not_found`.
 */
export async function checkLinkProof(
  proof: LinkProof,
  state: SignInState,
  over: Connection,
  { catalog, now, newId }: Pick<SignInDependencies, 'catalog' | 'newId'> & { readonly now: Date },
): Promise<ProvedLink> {
  if (state.account?.id !== proof.accountId) throw provedAnother(proof, state)
  const linked = await catalog.connection(proof.connectionId)
  if (linked === undefined) throw new LatchkeyError('connection_not_found', { check: 'connection to be linked' })
  checkEnabled(linked)
  const obstacle = whyNotNow(linked, state)
  if (obstacle !== undefined) throw linkPending(obstacle, proof.accountId, proof.subjectKey)
  return {
    ...proof,
    event: {
      id: newId(),
      at: now,
      actor: connectionSource(over.id),
      action: 'account.linked',
      target: `account:${proof.accountId}`,
      detail: { by: 'proof', connection: linked.id, provedOver: over.id, attempt: proof.attemptId },
    },
  }
}

function whyNotNow({ settings }: Connection, { grants, roles }: SignInState): string | undefined {
  if (settings.linking !== 'proof') return 'a connection that links by proof no more'
  return administersLatchkey(grants, roles) ? 'an account that administers' : undefined
}

function provedAnother({ accountId, connectionId }: LinkProof, { account }: SignInState): LatchkeyError {
  return new LatchkeyError('account_link_proof_failed', {
    check: 'account that signs in as a proof',
    wanted: `account:${accountId}`,
    arrived: account === undefined ? 'nobody who is known' : `account:${account.id}`,
    at: `connection:${connectionId}`,
    advice: 'The person must sign in as whom they were before.',
  })
}
