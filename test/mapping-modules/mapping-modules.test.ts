import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import type { LatchkeyError } from '../../src/errors.ts'
import type { MappingInput, MappingModule } from '../../src/mapping/mapping-module.ts'
import { createMappingModules } from '../../src/mapping-modules/mapping-modules.ts'
import { openModules, writeModules } from './module-files.ts'

const input: MappingInput = {
  organization: 'company-a',
  connection: 'company-a',
  nameId: { value: 'nina', format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' },
  attributes: { teams: ['x', 'cc-12'] },
  groupsKnown: true,
}
const secret = 'salary 4711'
const withDo = (what: string): MappingInput => ({ ...input, attributes: { do: [what] } })
const nothing = { fields: [], groups: [], roles: [] }

async function refusalOf(run: Promise<unknown>, code: string): Promise<LatchkeyError['detail']> {
  const error = await run.then(
    () => assert.fail(`not refused with ${code}`),
    (reason: unknown) => reason as LatchkeyError,
  )
  assert.equal(error.code, code, JSON.stringify(error.detail))
  return error.detail
}

test('a module maps what arrived to fields, groups and roles', async (t) => {
  // What the package exports types functions like this one.
  const typed: MappingModule = ({ attributes, connection }) => ({
    fields: { costCentre: (attributes.teams ?? []).filter((team) => team.startsWith('cc-')), title: 'Lead' },
    groups: [`${connection}-staff`],
    roles: ['manager'],
  })
  const modules = openModules(t, { hr: `export default ${String(typed)}`, silent: 'export default () => ({})' })
  await modules.load()
  assert.deepEqual(await modules.ask('hr', input), {
    fields: [
      ['costCentre', ['cc-12']],
      ['title', ['Lead']],
    ],
    groups: ['company-a-staff'],
    roles: ['manager'],
  })
  assert.deepEqual(await modules.ask('silent', input), nothing)
  assert.deepEqual(modules.names, ['hr', 'silent'])
  await refusalOf(modules.ask('constructor', input), 'mapping_module_unknown')
})

test('what a module gets is its own frozen copy, and nothing secret is around it', async (t) => {
  process.env.SECRET_OF_THE_PROCESS = secret
  t.after(() => {
    delete process.env.SECRET_OF_THE_PROCESS
  })
  const modules = openModules(t, {
    looks: `export default (input) => ({ fields: {
      seen: Object.keys(input), environment: Object.keys(process.env), arguments: process.argv.slice(2),
      proto: input.attributes['__proto__'], inherited: typeof input.attributes.constructor,
      frozen: [input, input.nameId, input.attributes, input.attributes.list].map((part) => String(Object.isFrozen(part))),
    } })`,
  })
  const attributes = JSON.parse('{ "__proto__": ["a"], "list": ["b"] }') as MappingInput['attributes']
  const { fields } = await modules.ask('looks', { ...input, attributes })
  assert.deepEqual(Object.fromEntries(fields), {
    seen: ['organization', 'connection', 'nameId', 'attributes', 'groupsKnown'],
    environment: [],
    arguments: [],
    proto: ['a'],
    inherited: ['undefined'],
    frozen: ['true', 'true', 'true', 'true'],
  })
})

test('a module that throws is told by error and place, without what it says, and answers the next', async (t) => {
  const modules = openModules(t, {
    throws: `export default ({ attributes }) => {
  if (attributes.do[0] === 'throw') throw new RangeError('${secret}')
  if (attributes.do[0] === 'change') attributes.do.push('x')
  if (attributes.do[0] === 'nothing') throw { toString: () => { throw 1 } }
  return {}
}`,
  })
  const thrown = await refusalOf(modules.ask('throws', withDo('throw')), 'mapping_module_failed')
  assert.equal(thrown.arrived, 'RangeError at line and column 2:43')
  assert.doesNotMatch(JSON.stringify(thrown), /4711/)
  const changed = await refusalOf(modules.ask('throws', withDo('change')), 'mapping_module_failed')
  assert.match(changed.arrived ?? '', /^TypeError at line/)
  await refusalOf(modules.ask('throws', withDo('nothing')), 'mapping_module_failed')
  assert.deepEqual(await modules.ask('throws', withDo('x')), nothing)
})

const rubbish: Readonly<Record<string, string>> = {
  'a function': '() => () => 1',
  'nothing at all': '() => undefined',
  null: '() => null',
  'a list': '() => []',
  'a promise': 'async () => ({})',
  'a date': '() => new Date()',
  'an object of a class': '() => new (class { fields = {} })()',
  'another property': '() => ({ role: ["manager"] })',
  'a function in fields': '() => ({ fields: { title: () => "x" } })',
  'a number among texts': '() => ({ roles: ["manager", 1] })',
  'a text for a list of roles': '() => ({ roles: "manager" })',
  'a hole in a list': '() => ({ roles: [, "manager"] })',
  'a list of lists': '() => ({ groups: [["a"]] })',
  'a name that is no field': '() => ({ fields: { "../x": "a" } })',
  'a prototype as a field': '() => ({ fields: JSON.parse(\'{ "__proto__": ["a"] }\') })',
  'fields from a prototype of its own': '() => ({ fields: Object.create({ title: "x" }) })',
  'a computed property': '() => ({ get fields() { return {} } })',
  'a symbol': '() => ({ fields: { [Symbol.iterator]: "a" } })',
  'a proxy that throws': '() => new Proxy({}, { ownKeys() { throw new Error() } })',
  'a text of 60 million characters': '() => ({ fields: { title: "x".repeat(60_000_000) } })',
  'very many roles': '() => ({ roles: Array.from({ length: 2001 }, (_, n) => "r" + n) })',
  'a list that says it is endless':
    '() => ({ roles: new Proxy([], { get: (list, key) => key === "length" ? 2 ** 40 : list[key] }) })',
  'very many fields': '() => ({ fields: Object.fromEntries(Array.from({ length: 201 }, (_, n) => ["f" + n, "x"])) })',
}

test('whatever a module gives that is no lists of texts is refused, and harms nothing', async (t) => {
  const named = Object.entries(rubbish).map(([what, source], index) => [`m${index}`, what, source] as const)
  const modules = openModules(
    t,
    Object.fromEntries(named.map(([name, , source]) => [name, `export default ${source}`])),
  )
  for (const [name, what] of named) {
    await t.test(what, async () => {
      const { wanted } = await refusalOf(modules.ask(name, input), 'mapping_module_result_invalid')
      assert.ok(wanted)
    })
  }
})

test('a module that puts its own functions in the place of ours gets nothing by it', async (t) => {
  const modules = openModules(t, {
    tampers: `
      JSON.stringify = () => '{"fields":[["title",["x"]]],"groups":[],"roles":["y"],"more":1}'
      Array.isArray = () => true
      Object.getPrototypeOf = () => Object.prototype
      Object.prototype.roles = ['inherited']
      Array.prototype.map = () => [['bad name', ['x']]]
      export default () => ({ fields: { title: 'a' } })`,
  })
  // Ours were taken before; what cannot be taken before is read again outside of the thread.
  await refusalOf(modules.ask('tampers', input), 'mapping_module_result_invalid')
})

test('a module that loops for ever is stopped, and the next person is answered by a new thread', async (t) => {
  const loops = 'export default ({ attributes }) => { while (attributes.do[0] === "loop"); return {} }'
  const modules = openModules(t, { loops }, { milliseconds: 2500 })
  await modules.load()
  // Who comes meanwhile waits, and is answered.
  const [looped, next] = [modules.ask('loops', withDo('loop')), modules.ask('loops', withDo('x'))]
  await refusalOf(looped, 'mapping_module_timeout')
  assert.deepEqual(await next, nothing)
})

test('a module that allocates for ever ends with its thread, not with the process', async (t) => {
  const grows = `export default ({ attributes }) => {
    const kept = []
    while (attributes.do[0] === 'grow') kept.push(Array.from({ length: 10_000 }, (_, n) => ({ n })))
    return {}
  }`
  const modules = openModules(t, { grows }, { megabytes: 32 })
  const { arrived } = await refusalOf(modules.ask('grows', withDo('grow')), 'mapping_module_failed')
  assert.equal(arrived, 'more than 32 MB of memory (mappingModuleMegabytes)')
  assert.deepEqual(await modules.ask('grows', withDo('x')), nothing)
})

test('a module that ends its thread, at once or later, ends nothing else', async (t) => {
  const exits = `export default ({ attributes }) => {
    if (attributes.do[0] === 'exit') process.exit(0)
    if (attributes.do[0] === 'later') setImmediate(() => { throw new Error('late') })
    return {}
  }`
  const modules = openModules(t, { exits })
  const { arrived } = await refusalOf(modules.ask('exits', withDo('exit')), 'mapping_module_failed')
  assert.match(arrived ?? '', /process\.exit/)
  assert.deepEqual(await modules.ask('exits', withDo('later')), nothing)
  // Whoever is asked while it ends may be refused; then a new thread answers.
  await modules.ask('exits', withDo('x')).catch(({ code }) => assert.equal(code, 'mapping_module_failed'))
  assert.deepEqual(await modules.ask('exits', withDo('x')), nothing)
})

test('what a module prints goes nowhere, and threads that nobody asks keep no process alive', async (t) => {
  const [file] = writeModules(t, {
    prints: `export default () => {
      for (let line = 0; line < 1000; line++) console.log('${secret}'.repeat(100))
      console.error('${secret}')
      return { roles: ['manager'] }
    }`,
  })
  const program = `
    import { createMappingModules } from ${JSON.stringify(new URL('../../src/mapping-modules/mapping-modules.js', import.meta.url).href)}
    const modules = createMappingModules([${JSON.stringify(file)}], { milliseconds: 30000, megabytes: 64 })
    const given = await modules.ask('prints', ${JSON.stringify(input)})
    console.log(given.roles.join())`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (printed += part.toString()))
  // It ends by itself: nothing closes the modules.
  const [code] = await once(child, 'close')
  assert.deepEqual([code, printed], [0, 'manager\n'])
})

test('a file that is missing, is no JavaScript, gives no function or ends is said when it is loaded', async (t) => {
  const files = writeModules(t, {
    syntax: 'export default (',
    constant: 'export default 1',
    none: 'export const map = () => ({})',
    throwing: 'throw new Error("not today")',
    exiting: 'process.exit(3)',
  })
  const limits = { milliseconds: 1000, megabytes: 64 }
  for (const file of [...files, { name: 'missing', path: '/nowhere/at/all.js' }]) {
    const modules = createMappingModules([file], limits)
    const { at, check } = await refusalOf(modules.load(), 'configuration_invalid')
    assert.deepEqual([at, check], [file.path, `mappingModules: ${file.name}`])
    await refusalOf(modules.ask(file.name, input), 'mapping_module_failed')
  }
})
