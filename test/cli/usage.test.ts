import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { CliCommand } from '../../src/cli/cli-command.ts'
import { cliCommands } from '../../src/cli/command-list.ts'
import { findCommand } from '../../src/cli/find-command.ts'
import { commandsDocument } from '../../src/cli/help-text.ts'
import { parseArguments } from '../../src/cli/parse-arguments.ts'
import { runCli } from '../../src/cli/run-cli.ts'
import { packageRoot } from '../../src/package-root.ts'
import { makeTemporaryFolder } from '../support/temporary-folder.ts'
import { commandLine } from './command-line.ts'

async function run(...words: string[]) {
  const texts = { out: '', error: '' }
  const code = await runCli(words, {
    out: (text) => {
      texts.out += text
    },
    error: (text) => {
      texts.error += text
    },
  })
  return { code, ...texts }
}

for (const words of [[], ['--help'], ['help'], ['-h']]) {
  test(`latchkey ${words.join(' ')} lists every command and the exit codes`, async () => {
    const { code, out } = await run(...words)
    assert.equal(code, 0)
    for (const command of cliCommands) assert.ok(out.includes(command.words), command.words)
    assert.match(out, /Exit codes:\n {2}0 {2}done/)
  })
}

test('every command explains itself, and its own examples are understood', async () => {
  for (const command of cliCommands) {
    const { code, out } = await run(...command.words.split(' '), '--help')
    assert.equal(code, 0)
    assert.ok(out.includes(command.summary) && out.includes('Examples:'), command.words)
    for (const name of Object.keys(command.flags)) assert.ok(out.includes(`--${name}`), name)
    for (const example of command.examples) checkExample(command, example)
  }
})

/** As a shell would split it: no variables before, no pipe or redirection after, quotes taken off. */
function exampleWords({ words: start }: CliCommand, example: string): readonly string[] {
  const command = example.split(/ [|>#] ?/).find((part) => part.includes(`latchkey ${start}`)) ?? ''
  const words = command.slice(command.lastIndexOf('latchkey ')).match(/'[^']*'|"[^"]*"|\S+/g) ?? []
  return words.slice(1).map((word) => word.replace(/^(['"])(.*)\1$/, '$2'))
}

function checkExample(command: CliCommand, example: string): void {
  const found = findCommand(cliCommands, exampleWords(command, example))
  assert.equal(found.command.words, command.words, example)
  parseArguments(found.command, found.rest)
}

for (const { words, says } of [
  { words: ['conection', 'list'], says: /Did you mean `latchkey connection list`\?/ },
  { words: ['connection', 'lst'], says: /Did you mean `latchkey connection list`\?/ },
  { words: ['organization', 'destroy'], says: /wanted +organization create, organization list/ },
  { words: ['frobnicate'], says: /`latchkey --help` lists the commands/ },
  { words: ['organization', 'create'], says: /arrived +no ID/ },
  { words: ['organization', 'create', 'a', 'b'], says: /"b", which is one too many/ },
  { words: ['organization', 'create', 'a', '--nmae', 'x'], says: /Did you mean --name\?/ },
  { words: ['connection', 'add', 'a'], says: /no --metadata/ },
  { words: ['organization', 'list', '-o', 'xml'], says: /not text or json/ },
  { words: ['demo', '--port', '70000'], says: /whole number from 1 to 65535/ },
  { words: ['serve', '--listen-port', 'x'], says: /flag --listen-port/ },
  { words: ['connection', 'add', 'a', '--metadata', '/nowhere/x.xml'], says: /ENOENT/ },
  { words: ['apply', '-f', '/nowhere/x.yaml'], says: /ENOENT/ },
  { words: ['migrate', '--to', 'mysql://me:hunter2@db/x'], says: /\(not shown\)/ },
  { words: ['organization', 'list', '--database-url', 'mysql://me:hunter2@db/x'], says: /\(not shown\)/ },
]) {
  test(`latchkey ${words.join(' ')} is not understood, and says why`, async () => {
    const { code, out, error } = await run(...words)
    assert.equal(code, 2)
    assert.equal(out, '')
    assert.match(error, says)
    assert.match(error, /to fix +you/)
    assert.doesNotMatch(error, /hunter2|\n\s+at .*\.(ts|js):/)
  })
}

test('docs/commands.md says what the commands say of themselves (npm run docs writes it)', () => {
  assert.equal(readFileSync(new URL('docs/commands.md', packageRoot), 'utf8'), commandsDocument(cliCommands))
})

test('-o json gives a refusal as JSON', async () => {
  const { code, error } = await run('demo', '--port', 'x', '-o', 'json')
  assert.equal(code, 2)
  assert.deepEqual(JSON.parse(error).error.detail.at, '--port')
})

test('what is not understood makes no database', async (t) => {
  const cwd = makeTemporaryFolder('cli')
  t.after(() => rmSync(cwd, { recursive: true }))
  const unknownVariable = { cwd, environment: { LATCHKEY_DATADIRECTORY: 'x' } }
  const { code, error } = await commandLine(['organization', 'list'], unknownVariable)
  assert.equal(code, 2)
  assert.match(error, /Did you mean LATCHKEY_DATA_DIRECTORY\?/)
  assert.ok(!existsSync(join(cwd, '.latchkey')))
})
