import type { z } from 'zod'
import { type CommandName, commands } from '../../admin/commands.ts'
import { replayWholeInput } from '../../admin/replay-whole.ts'

/**
 * The API as one table: which command of `admin/commands.ts` answers where, and what a token needs for it. Routes, checks and
 * the OpenAPI document are made from it; nothing about an operation stands anywhere else.
 */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `/api/v1`; what begins with a colon is the member of the input of that name. */
  readonly path: string
  readonly command: CommandName | 'connection.replayWhole'
  readonly summary: string
  readonly scope: 'read' | 'write'
  /** `always`, or when the input has this member: the answer holds values that are masked otherwise. */
  readonly reveals?: 'always' | readonly string[]
  /** Concerns more than one organization: not for tokens of one. */
  readonly isInstallationWide?: true
}

type Needs = Omit<Operation, 'method' | 'path' | 'command' | 'summary'>

const reads: Needs = { scope: 'read' }
const writes: Needs = { scope: 'write' }
const readsAll: Needs = { scope: 'read', isInstallationWide: true }
const writesAll: Needs = { scope: 'write', isInstallationWide: true }
const reveals: Needs = { scope: 'read', reveals: 'always' }

function operation(
  method: Operation['method'],
  path: string,
  command: Operation['command'],
  needs: Needs,
  summary: string,
): Operation {
  return { method, path, command, summary, ...needs }
}

export const operations: readonly Operation[] = [
  operation('GET', '/organizations', 'organization.list', reads, 'Lists the organizations the token is good for.'),
  operation('POST', '/organizations', 'organization.create', writesAll, 'Creates an organization.'),
  operation('PATCH', '/organizations/:id', 'organization.set', writesAll, 'Changes the name or the seat limit.'),

  operation('GET', '/roles', 'role.list', reads, 'Lists the roles of an organization.'),
  operation('POST', '/roles', 'role.create', writes, 'Creates a role.'),

  operation('GET', '/connections', 'connection.list', reads, 'Lists connections.'),
  operation('POST', '/connections', 'connection.add', writesAll, 'Adds a connection from metadata.'),
  operation(
    'GET',
    '/connections/:id',
    'connection.show',
    reads,
    'Shows a connection and the addresses its identity provider needs.',
  ),
  operation('PATCH', '/connections/:id', 'connection.set', writes, 'Changes what is named, leaves the rest.'),
  operation(
    'POST',
    '/connections/:id/refresh',
    'connection.refresh',
    writes,
    'Fetches the metadata now; `dryRun` only says what would change.',
  ),
  operation(
    'GET',
    '/connections/:id/impact',
    'connection.impact',
    reads,
    'What would go if the connection, or one of its rules, went.',
  ),
  operation(
    'POST',
    '/connections/:id/preview',
    'connection.preview',
    { ...reads, reveals: ['attempt', 'reveal'] },
    'What a sign-in would do: with a pasted response, a captured attempt or a typed person, under the configuration in force or a draft. Writes nothing.',
  ),
  operation(
    'POST',
    '/connections/:id/replay',
    'connection.replayWhole',
    reveals,
    'What the last sign-in of each person would have done under a draft: lines of JSON, first how far it is, last the result.',
  ),
  operation(
    'GET',
    '/connections/:id/versions',
    'connection.versions',
    reads,
    'Lists the configurations the connection had, and who changed what.',
  ),
  operation('GET', '/connections/:id/diff', 'connection.diff', reads, 'Compares two versions, or the draft.'),
  operation('PUT', '/connections/:id/draft', 'connection.draft', writes, 'Keeps a draft; `null` throws it away.'),
  operation(
    'POST',
    '/connections/:id/publish',
    'connection.publish',
    writes,
    'Puts the draft into force, within a budget of people who may change where one is given.',
  ),
  operation(
    'POST',
    '/connections/:id/rollback',
    'connection.rollback',
    writes,
    'Gives the connection back the configuration of a version.',
  ),
  operation('GET', '/connections/:id/test', 'connection.test', reads, 'Checks the connection without a sign-in.'),
  operation(
    'POST',
    '/connections/:id/invitations',
    'connection.invite',
    writes,
    'Makes an address under which somebody tries a sign-in that signs nobody in.',
  ),

  operation(
    'GET',
    '/accounts',
    'account.list',
    reads,
    'Lists accounts in order of user name; `after` begins the next page.',
  ),
  operation('GET', '/accounts/:account', 'account.show', reads, 'Shows an account; sensitive values are masked.'),
  operation(
    'POST',
    '/accounts/:account/reveal',
    'account.reveal',
    reveals,
    'Shows an account with sensitive values; that is recorded.',
  ),
  operation(
    'GET',
    '/accounts/:account/why',
    'account.why',
    reads,
    'Why the account has a role, a group or a field: from whom, by which rule and assertion, since when.',
  ),
  operation(
    'POST',
    '/accounts/:account/suspend',
    'account.suspend',
    writes,
    'Takes access away and ends all sessions.',
  ),
  operation('POST', '/accounts/:account/reinstate', 'account.reinstate', writes, 'Gives access back.'),
  operation('POST', '/accounts/:account/deactivate', 'account.deactivate', writes, 'Ends the account.'),
  operation('POST', '/accounts/:account/approve', 'account.approve', writes, 'Lets somebody in who waits.'),
  operation('POST', '/accounts/:account/reject', 'account.reject', writes, 'Turns somebody away who waits.'),
  operation(
    'POST',
    '/accounts/:account/relink',
    'account.relink',
    writes,
    'Leads the person of a refused attempt to this account.',
  ),
  operation('POST', '/accounts/:account/roles', 'account.grant', writes, 'Grants a role by hand.'),
  operation(
    'DELETE',
    '/accounts/:account/roles/:role',
    'account.revoke',
    writes,
    'Takes back a role that was granted by hand.',
  ),
  operation(
    'GET',
    '/requests',
    'account.requests',
    writes,
    'Lists who waits for approval, each with a link that decides: hence the scope.',
  ),

  operation(
    'GET',
    '/local-administrators',
    'break-glass.list',
    reads,
    'Lists local administrators, and when what they come in with was used.',
  ),

  operation('GET', '/domains', 'domain.list', reads, 'Lists domains and whether they are proved.'),
  operation('POST', '/domains', 'domain.add', writes, 'Begins the proof of a domain.'),
  operation('POST', '/domains/:domain/verify', 'domain.verify', writes, 'Looks the record up now.'),
  operation('DELETE', '/domains/:domain', 'domain.remove', writes, 'Forgets a domain.'),

  operation(
    'GET',
    '/attempts',
    'attempt.list',
    reads,
    'Lists the latest sign-in attempts; personal values are masked.',
  ),
  operation(
    'GET',
    '/attempts/:reference',
    'attempt.show',
    reads,
    'Explains an attempt to an administrator; personal values are masked.',
  ),
  operation(
    'POST',
    '/attempts/:reference/reveal',
    'attempt.reveal',
    reveals,
    'Explains an attempt with personal values; that is recorded.',
  ),
  operation(
    'GET',
    '/attempts/:reference/views/:view',
    'attempt.view',
    reads,
    'Explains an attempt to the `partner` who runs the identity provider, or to the `person`.',
  ),

  operation('GET', '/applications', 'application.list', readsAll, 'Lists the applications behind the gateway.'),
  operation('GET', '/keys', 'key.list', readsAll, 'Lists our own keys, their public parts.'),
  operation(
    'GET',
    '/declaration',
    'declaration.export',
    readsAll,
    'Everything that can be declared, as `latchkey export` writes it.',
  ),
  operation(
    'POST',
    '/declaration',
    'declaration.apply',
    writesAll,
    'Makes it so; `dryRun` only says what would change.',
  ),
]

/** What an operation takes, path and query and body together. */
export function inputOf({ command }: Operation): z.ZodType {
  return command === 'connection.replayWhole' ? replayWholeInput : commands[command].input
}
