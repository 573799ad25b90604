import assert from 'node:assert/strict'
import { existsSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { freezeSettings } from '../../src/config/settings.ts'
import { startProcesses } from '../../src/processes/start-processes.ts'
import { commandLine } from '../cli/command-line.ts'
import { writeModules } from '../mapping-modules/module-files.ts'
import { createTestDatabase } from '../support/databases.ts'
import { makeTemporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { type Answer, acsPath, host, type SeveralProcesses, startSeveral } from './several-processes.ts'

test('two processes share one port: sign-ins spread over both, and /metrics shows both, each under its number', async (t) => {
  const server = await startSeveral(t, 2)
  const signIns = 60
  const forms = Array.from({ length: signIns }, (_unused, number) => server.formOf(`person-${number}`))
  for (const { status } of await Promise.all(forms.map(server.post))) assert.equal(status, 303)
  const counted = acceptedByProcess(await server.metrics())
  assert.deepEqual([...counted.keys()].sort(), ['1', '2'])
  assert.equal(
    [...counted.values()].reduce((sum, count) => sum + count),
    signIns,
  )
})

test('each of two processes asks the mapping module in a thread of its own, and one that fails stops neither', async (t) => {
  const source = `export default ({ nameId }) => {
    if (nameId.value.startsWith('exit')) process.exit(1)
    return { fields: { title: 'mapped for ' + nameId.value } }
  }`
  const [file] = writeModules(t, { own: source })
  const server = await startSeveral(t, 2, file?.path)
  const people = Array.from({ length: 40 }, (_unused, number) => `${number % 4 === 0 ? 'exit' : 'person'}-${number}`)
  const answers = await Promise.all(people.map(async (person) => server.post(server.formOf(person))))
  assert.deepEqual(
    answers.map(({ status }) => status),
    people.map((person) => (person.startsWith('exit') ? 500 : 303)),
  )
  const counted = acceptedByProcess(await server.metrics())
  assert.deepEqual([...counted.keys()].sort(), ['1', '2'])
  const { rows } = await server.pool.query<{ titles: number }>(
    "select count(*)::int as titles from account where fields -> 'title' ->> 'rule' = 'module:own'",
  )
  assert.deepEqual(rows, [{ titles: 30 }])
})

test('of two processes one alone looks after the database', async (t) => {
  const server = await startSeveral(t, 2)
  const expiries = (await server.metrics()).split('\n').filter((line) => line.startsWith('latchkey_expiry_days{'))
  assert.ok(expiries.length > 0)
  for (const line of expiries) assert.match(line, /process="1"/)
})

test('a process that is killed in a storm is started again, and no sign-in that was acknowledged is lost or doubled', async (t) => {
  const server = await startSeveral(t, 2)
  const persons = Array.from({ length: 150 }, (_unused, number) => `person-${number}`)
  let acknowledged = 0
  let isKilled = false
  await atOnce(12, persons, async (person) => {
    await signInUntilAcknowledged(server, person)
    acknowledged += 1
    if (acknowledged >= 40 && !isKilled) {
      isKilled = true
      killProcess(server, 2)
    }
  })
  const { rows } = await server.pool.query<{ name: string; accounts: number; sessions: number }>(`
    select subject_key as name, count(distinct account.id)::int as accounts, count(session.id)::int as sessions
    from identity
    join account on account.id = identity.account_id
    left join session on session.account_id = account.id
    group by subject_key`)
  assert.equal(rows.length, persons.length)
  for (const { name, accounts, sessions } of rows) {
    assert.equal(accounts, 1, name)
    assert.ok(sessions >= 1, name)
  }
  await until(async () => (await readyPids(server)).length === 3)
  await until(async () => {
    await Promise.all(['one', 'two', 'three', 'four'].map((person) => server.post(server.formOf(person))))
    return acceptedByProcess(await server.metrics()).size === 2
  })
})

test('told to stop, every process lets an open request finish, and the command ends well', async (t) => {
  const server = await startSeveral(t, 2)
  const form = server.formOf('nina')
  const slow = connect(server.port, '127.0.0.1')
  let answer = ''
  slow.setEncoding('utf8').on('data', (text: string) => {
    answer += text
  })
  slow.write(
    `POST ${acsPath} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/x-www-form-urlencoded\r\n` +
      `expect: 100-continue\r\ncontent-length: ${form.length}\r\n\r\n`,
  )
  await until(() => answer.includes('100 Continue'))
  const code = server.terminate()
  await until(() => server.log().some(({ msg }) => msg === 'stopping'))
  slow.write(form)
  await until(() => answer.includes('303 See Other'))
  assert.equal(await code, 0)
  assert.equal((await server.pool.query('select from session')).rowCount, 1)
})

test('more than one process is refused with the embedded database, and nothing is made', async (t) => {
  const cwd = makeTemporaryFolder('processes')
  t.after(() => rmSync(cwd, { recursive: true, force: true }))
  const { code, error } = await commandLine(['serve', '--processes', '2', '--data-directory', 'data'], { cwd })
  assert.equal(code, 2)
  assert.match(error, /configuration_invalid/)
  assert.match(error, /latchkey migrate --to URL/)
  assert.equal(existsSync(join(cwd, 'data')), false)
})

test('a port that another program has is refused, and no process stays behind', async (t) => {
  const database = await createTestDatabase('served')
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  t.after(async () => {
    other.close()
    await database.remove()
  })
  const address = other.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const settings = {
    ...freezeSettings({ processes: 2, listenPort: port, logLevel: 'silent' }),
    storage: database.settings,
  }
  await assert.rejects(startProcesses({ ...settings, secret: Buffer.alloc(32, 7) }), { code: 'port_in_use' })
})

/** Accepted sign-ins by the number of the process. */
function acceptedByProcess(metrics: string): Map<string, number> {
  const pattern = /^latchkey_sign_ins_total\{(?=.*outcome="accepted").*process="(\d+)".*\} (\d+)$/gm
  return new Map([...metrics.matchAll(pattern)].map(([, process = '', count]) => [process, Number(count)]))
}

/** The same person again with a new response, until one is answered: whoever is not answered cannot know. */
async function signInUntilAcknowledged(server: SeveralProcesses, person: string): Promise<void> {
  await until(async () => {
    const answer: Answer | undefined = await server.post(server.formOf(person)).catch(() => undefined)
    if (answer !== undefined) assert.equal(answer.status, 303, answer.text)
    return answer !== undefined
  })
}

async function atOnce<T>(count: number, all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const queue = all.values()
  const takeOn = async () => {
    for (const one of queue) await work(one)
  }
  await Promise.all(Array.from({ length: count }, takeOn))
}

function readyPids(server: SeveralProcesses, number?: number): readonly number[] {
  const lines = server.log().filter(({ msg, child }) => msg === 'a process is ready' && (number ?? child) === child)
  return lines.map(({ pid }) => Number(pid))
}

function killProcess(server: SeveralProcesses, number: number): void {
  const pid = readyPids(server, number).at(-1)
  assert.ok(pid !== undefined && pid > 0)
  process.kill(pid, 'SIGKILL')
}
