import assert from 'node:assert/strict'
import type { CommandResult } from '../../../src/admin/commands.ts'
import { runCommand } from '../../../src/admin/commands.ts'
import { readContents } from '../../admin/office.ts'
import type { DatabaseKind } from '../../support/databases.ts'
import { type Answer, publicUrl, type Served, serve } from './serve.ts'

/** A server with one organization and one local administrator, and a browser that keeps its cookie and reads our forms. */
export interface Glass extends Served {
  readonly made: CommandResult<'break-glass.create'>
  run(name: string, input: unknown): Promise<unknown>
  contents(): Promise<string>
}

interface Cleanup {
  after(work: () => Promise<void>): void
}

export async function openGlass(
  t: Cleanup,
  kind?: DatabaseKind,
  more: Parameters<typeof serve>[1] = {},
): Promise<Glass> {
  const served = await serve(t, more, kind)
  await served.addOrganization('company-a', 'Company A')
  const run = (name: string, input: unknown) => runCommand(name, input, { ...served.office, actor: 'cli' })
  const made = (await run('break-glass.create', { username: 'vault-1' })) as Glass['made']
  return { ...served, made, run, contents: () => readContents(served.pool) }
}

/** What a page of ours put into a browser. */
export interface OpenForm {
  readonly answer: Answer
  readonly cookie: string
  readonly token: string
  /** base64url, as the browser hands it to an authenticator. */
  readonly challenge: string
}

export async function openForm(served: Served, path = '/break-glass', cookie?: string): Promise<OpenForm> {
  const answer = await served.ask(path, cookie === undefined ? {} : { headers: { cookie } })
  assert.equal(answer.status, 200, answer.text)
  const token = /name="token" value="([^"]+)"/.exec(answer.text)?.[1] ?? ''
  const wish = /data-passkey="([^"]+)"/.exec(answer.text)?.[1]?.replaceAll('&quot;', '"') ?? '{}'
  const set = answer.setCookies.map((one) => one.split(';', 1)[0] ?? '')
  return { answer, token, cookie: set.join('; '), challenge: JSON.parse(wish).challenge ?? '' }
}

/** Sends a form as the browser it was shown in. */
export function send(
  served: Served,
  { cookie, token }: Pick<OpenForm, 'cookie' | 'token'>,
  fields: Readonly<Record<string, string>>,
  path = '/break-glass',
): Promise<Answer> {
  return served.post(path, { token, ...fields }, { headers: { cookie } })
}

/** The Cookie header of the session that was opened. */
export function sessionOf(answer: Answer, location = `${publicUrl}/account`): string {
  assert.deepEqual([answer.status, answer.headers.location], [303, location], answer.text)
  const [cookie] = answer.setCookies
  assert.match(cookie ?? '', /^__Host-latchkey=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
  return cookie?.split(';', 1)[0] ?? ''
}

/** A page that says no, in one and the same way whatever was wrong; nobody is signed in. */
export function assertNotLetIn(answer: Answer): void {
  assert.equal(answer.status, 403, answer.text)
  assert.ok(answer.text.includes('This does not open anything.'))
  assert.ok(!answer.setCookies.some((cookie) => cookie.startsWith('__Host-latchkey=')))
}

/** Lines that alerting would see. */
export function alertsOf({ log }: Served): readonly Readonly<Record<string, unknown>>[] {
  return log.map((line) => JSON.parse(line)).filter(({ event }) => typeof event === 'string')
}
