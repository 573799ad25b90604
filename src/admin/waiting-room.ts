import { z } from 'zod'
import type { AccountState } from '../directory/account.ts'
import type { ApprovalNote } from '../directory/notice.ts'
import { LatchkeyError } from '../errors.ts'
import { seal, unseal } from '../keys/seal.ts'
import { type Administration, auditEvent } from './administration.ts'
import { cleanNote } from './clean-note.ts'

/**
 * What somebody who waits for approval may see and do: how their request stands, and a text to whoever decides. The right to it
 * is a sealed pass, made for the browser in which the sign-in was verified, for an hour; nothing is stored for it.
 */
export interface WaitingRoom {
  /** Makes the pass. */
  admit(visitor: Visitor): string
  /** Throws `waiting_page_unknown`. */
  find(pass: string, browserHash: string | undefined): Promise<Waiting>
  /** Throws `waiting_page_unknown`, `approval_note_invalid`, `approval_note_final`, `account_not_pending`. */
  write(pass: string, browserHash: string | undefined, text: string): Promise<void>
}

/** Who waits, and what they were told when they were refused. */
export interface Visitor {
  readonly connection: string
  readonly account: string
  /** SHA-256 (hex) of the random value in the browser's cookie. */
  readonly browserHash: string
  readonly reference: string
  readonly explanation?: string | undefined
  readonly contact?: string | undefined
}

export interface Waiting extends Omit<Visitor, 'account' | 'browserHash'> {
  readonly state: AccountState
  readonly lapsesAt?: Date
  readonly note?: ApprovalNote
}

const context = 'waiting-room'
/** As long as the cookie of the browser lasts. */
const passSeconds = 3600

const passContent = z.strictObject({
  connection: z.string(),
  account: z.uuid(),
  browserHash: z.string(),
  reference: z.string(),
  explanation: z.string().optional(),
  contact: z.string().optional(),
  until: z.int(),
})

export function createWaitingRoom(deps: Administration): WaitingRoom {
  const { directory, randomBytes } = deps

  async function enter(pass: string, browserHash: string | undefined) {
    const { browserHash: own, until, account, ...visitor } = open(pass, deps.secret())
    if (browserHash !== own) throw unknown('the browser in which the sign-in was made')
    if (until <= deps.now().getTime()) throw unknown('a page that was made within the last hour')
    const connection = await directory.findConnection(visitor.connection)
    const found = connection && (await directory.findAccount(connection.organizationId, account))
    if (found === undefined) throw unknown('an account that is still there')
    return { visitor, account: found.account }
  }

  return {
    admit(visitor) {
      const content = JSON.stringify({ ...visitor, until: deps.now().getTime() + passSeconds * 1000 })
      return seal(content, { secret: deps.secret(), context, randomBytes })
    },
    async find(pass, browserHash) {
      const { visitor, account } = await enter(pass, browserHash)
      const { organizationId, id, state, approvalExpiresAt } = account
      const note = (await directory.findApprovalNotes(organizationId, [id])).get(id)
      return {
        ...visitor,
        state,
        ...(approvalExpiresAt !== undefined && { lapsesAt: approvalExpiresAt }),
        ...(note !== undefined && { note }),
      }
    },
    async write(pass, browserHash, written) {
      const { account } = await enter(pass, browserHash)
      const { organizationId, id } = account
      const text = cleanNote(written)
      const event = { ...auditEvent(deps, 'account.note_written', `account:${id}`), actor: `account:${id}` }
      await directory.writeApprovalNote({ organizationId, accountId: id, text }, event)
    },
  }
}

function open(pass: string, secret: Buffer): z.output<typeof passContent> {
  try {
    return passContent.parse(JSON.parse(unseal(pass, { secret, context })))
  } catch (cause) {
    throw unknown('a page that we made', cause)
  }
}

function unknown(wanted: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('waiting_page_unknown', { check: 'waiting page', wanted }, { cause })
}
