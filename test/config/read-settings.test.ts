import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSettings, type SettingSources } from '../../src/config/read-settings.ts'
import { settingDefinitions } from '../../src/config/setting-table.ts'
import { freezeSettings, type Settings } from '../../src/config/settings.ts'
import { LatchkeyError } from '../../src/errors.ts'

const keyText = Buffer.alloc(32, 7).toString('base64')

function read(sources: Partial<SettingSources> & { readonly yaml?: string }): Settings {
  const { yaml, ...given } = sources
  return readSettings({
    flags: {},
    environment: {},
    readFile: (path) => {
      if (path === '/run/secret') return `${keyText}\n`
      throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    },
    ...(yaml === undefined ? {} : { file: { path: 'latchkey.yaml', text: yaml } }),
    ...given,
  })
}

test('readSettings() gives the defaults that the table shows', () => {
  const settings = read({})
  const shown = Object.fromEntries(settingDefinitions.map((definition) => [definition.name, definition.default]))
  assert.equal(settings.publicUrl, shown.publicUrl?.replace('PORT', shown.listenPort ?? ''))
  assert.deepEqual(settings.listen, { host: shown.listenHost, port: Number(shown.listenPort) })
  assert.deepEqual(settings.storage, { kind: 'embedded', dataDirectory: shown.dataDirectory })
  assert.equal(settings.sessionLimits.idleSeconds, Number(shown.sessionIdleSeconds))
  assert.equal(settings.sessionLimits.absoluteSeconds, Number(shown.sessionAbsoluteSeconds))
  assert.equal(settings.keepAttemptsDays, Number(shown.keepAttemptsDays))
  assert.equal(settings.drainSeconds, Number(shown.drainSeconds))
  assert.equal(settings.logLevel, shown.logLevel)
  assert.equal(settings.secret, undefined)
  assert.deepEqual(settings.trustedProxies, [])
  const postgres = read({ flags: { 'database-url': 'postgres://db/latchkey' } }).storage
  assert.deepEqual(postgres, { kind: 'postgres', url: 'postgres://db/latchkey', poolSize: Number(shown.poolSize) })
  assert.ok(Object.isFrozen(settings) && Object.isFrozen(settings.listen) && Object.isFrozen(settings.storage))
  assert.deepEqual(freezeSettings({}), settings)
})

const flag = { 'listen-port': '1' }
const environment = { LATCHKEY_LISTEN_PORT: '2' }
const yaml = 'listenPort: 3\n'
for (const { name, sources, port } of [
  { name: 'flag over variable and file', sources: { flags: flag, environment, yaml }, port: 1 },
  { name: 'flag over file', sources: { flags: flag, yaml }, port: 1 },
  { name: 'variable over file', sources: { environment, yaml }, port: 2 },
  { name: 'file over default', sources: { yaml }, port: 3 },
  { name: 'file over an empty variable', sources: { environment: { LATCHKEY_LISTEN_PORT: '' }, yaml }, port: 3 },
]) {
  test(`readSettings() takes the ${name}`, () => assert.equal(read(sources).listen.port, port))
}

test('readSettings() reads secrets from files and lists in every form', () => {
  assert.deepEqual(read({ environment: { LATCHKEY_SECRET_FILE: '/run/secret' } }).secret, Buffer.alloc(32, 7))
  assert.deepEqual(read({ flags: { 'secret-file': '/run/secret' } }).secret, Buffer.alloc(32, 7))
  assert.deepEqual(read({ yaml: 'secretFile: /run/secret' }).secret, Buffer.alloc(32, 7))
  assert.deepEqual(read({ environment: { LATCHKEY_SECRET: '07'.repeat(32) } }).secret, Buffer.alloc(32, 7))
  const ranges = ['10.0.0.0/8', '::1']
  assert.deepEqual(read({ yaml: 'trustedProxies: [10.0.0.0/8, "::1"]' }).trustedProxies, ranges)
  assert.deepEqual(read({ environment: { LATCHKEY_TRUSTED_PROXIES: '10.0.0.0/8, ::1' } }).trustedProxies, ranges)
  assert.deepEqual(read({ flags: { 'trusted-proxies': ranges } }).trustedProxies, ranges)
})

test('readSettings() reads mapping modules by name, in every form', () => {
  const files = [
    { name: 'hr', path: '/etc/latchkey/hr.js' },
    { name: 'b-2', path: 'own=b.mjs' },
  ]
  const texts = ['hr=/etc/latchkey/hr.js', 'b-2=own=b.mjs']
  assert.deepEqual(read({ flags: { 'mapping-modules': texts } }).mappingModules.files, files)
  assert.deepEqual(read({ environment: { LATCHKEY_MAPPING_MODULES: texts.join(', ') } }).mappingModules.files, files)
  assert.deepEqual(read({ yaml: `mappingModules: [${texts.join(', ')}]` }).mappingModules.files, files)
  const shown = Object.fromEntries(settingDefinitions.map((definition) => [definition.name, definition.default]))
  const { milliseconds, megabytes } = read({}).mappingModules
  assert.deepEqual(
    [milliseconds, megabytes],
    [Number(shown.mappingModuleMilliseconds), Number(shown.mappingModuleMegabytes)],
  )
})

test('readSettings() takes DATABASE_URL where LATCHKEY_DATABASE_URL says nothing, and a public URL as its origin', () => {
  const both = { DATABASE_URL: 'postgres://a/x', LATCHKEY_DATABASE_URL: 'postgres://b/x' }
  assert.deepEqual(read({ environment: both }).storage, { kind: 'postgres', url: 'postgres://b/x', poolSize: 10 })
  assert.equal(read({ environment: { DATABASE_URL: 'postgres://a/x' } }).storage.kind, 'postgres')
  assert.equal(read({ flags: { 'public-url': 'HTTPS://Login.Example/' } }).publicUrl, 'https://login.example')
})

test('readSettings() takes a webhook with its secret: over https, or on this machine', () => {
  for (const url of ['https://hooks.example/x?token=1', 'http://127.0.0.1:9/x', 'http://hooks.localhost/']) {
    const environment = { LATCHKEY_WEBHOOK_URL: url, LATCHKEY_WEBHOOK_SECRET: '07'.repeat(32) }
    assert.deepEqual(read({ environment }).webhook, { url, secret: Buffer.alloc(32, 7) })
  }
  assert.throws(() => read({ environment: { LATCHKEY_WEBHOOK_URL: 'https://hooks.example/' } }), {
    code: 'configuration_invalid',
    detail: { check: 'webhookSecret', wanted: 'webhookUrl and webhookSecret, or neither', arrived: 'one of the two' },
  })
})

test('readSettings() passes over what Kubernetes sets for a Service called latchkey', () => {
  const environment = {
    LATCHKEY_SERVICE_HOST: '10.0.0.1',
    LATCHKEY_SERVICE_PORT_HTTP: '80',
    LATCHKEY_PORT: 'tcp://10.0.0.1:80',
    LATCHKEY_PORT_80_TCP_ADDR: '10.0.0.1',
  }
  assert.equal(read({ environment }).listen.port, 8080)
})

const refusals: readonly {
  readonly name: string
  readonly sources: Parameters<typeof read>[0]
  readonly check: string
  readonly at: string
  readonly arrived?: string
  readonly advice?: string
}[] = [
  {
    name: 'a number that is none',
    sources: { flags: { 'listen-port': '80a' } },
    check: 'listenPort',
    at: 'flag --listen-port',
    arrived: '80a',
  },
  {
    name: 'a mapping module without a name',
    sources: { flags: { 'mapping-modules': '/etc/latchkey/hr.js' } },
    check: 'mappingModules',
    at: 'flag --mapping-modules',
  },
  {
    name: 'two mapping modules of one name',
    sources: { environment: { LATCHKEY_MAPPING_MODULES: 'hr=a.js,hr=b.js' } },
    check: 'mappingModules',
    at: 'variable LATCHKEY_MAPPING_MODULES',
  },
  {
    name: 'a number out of range',
    sources: { environment: { LATCHKEY_LISTEN_PORT: '65536' } },
    check: 'listenPort',
    at: 'variable LATCHKEY_LISTEN_PORT',
    arrived: '65536',
  },
  {
    name: 'a public URL with a path',
    sources: { yaml: '\n\npublicUrl: https://a.example/x\n' },
    check: 'publicUrl',
    at: 'latchkey.yaml, line 3',
    arrived: 'https://a.example/x',
  },
  {
    name: 'a public URL of another kind',
    sources: { flags: { 'public-url': 'javascript:alert(1)' } },
    check: 'publicUrl',
    at: 'flag --public-url',
  },
  {
    name: 'a webhook over plain http',
    sources: { environment: { LATCHKEY_WEBHOOK_URL: 'http://hooks.example/?token=secret' } },
    check: 'webhookUrl',
    at: 'variable LATCHKEY_WEBHOOK_URL',
    arrived: '(not shown)',
  },
  {
    name: 'a webhook with a password',
    sources: { environment: { LATCHKEY_WEBHOOK_URL: 'https://a:b@hooks.example/' } },
    check: 'webhookUrl',
    at: 'variable LATCHKEY_WEBHOOK_URL',
  },
  {
    name: 'an unknown key of the file',
    sources: { yaml: 'listenHost: ::1\nlistenPrt: 1\n' },
    check: 'setting',
    at: 'latchkey.yaml, line 2',
    arrived: 'listenPrt',
    advice: 'Did you mean listenPort?',
  },
  {
    name: 'an unknown variable',
    sources: { environment: { LATCHKEY_LOGLEVEL: 'info' } },
    check: 'setting',
    at: 'variable LATCHKEY_LOGLEVEL',
    advice: 'Did you mean LATCHKEY_LOG_LEVEL?',
  },
  {
    name: 'a port under the name Kubernetes uses',
    sources: { environment: { LATCHKEY_PORT: '8080' } },
    check: 'setting',
    at: 'variable LATCHKEY_PORT',
  },
  {
    name: 'a secret of the wrong length, unprinted',
    sources: { environment: { LATCHKEY_SECRET: 'hunter2' } },
    check: 'secret',
    at: 'variable LATCHKEY_SECRET',
    arrived: '(not shown)',
  },
  {
    name: 'a database of another kind, unprinted',
    sources: { environment: { DATABASE_URL: 'mysql://me:hunter2@db/x' } },
    check: 'databaseUrl',
    at: 'variable DATABASE_URL',
    arrived: '(not shown)',
  },
  {
    name: 'a secret given twice',
    sources: { environment: { LATCHKEY_SECRET: keyText, LATCHKEY_SECRET_FILE: '/run/secret' } },
    check: 'secret',
    at: 'variable LATCHKEY_SECRET',
  },
  {
    name: 'a secret file that is not there',
    sources: { flags: { 'secret-file': '/nowhere' } },
    check: 'secret',
    at: 'flag --secret-file',
    arrived: 'ENOENT',
  },
  {
    name: 'a range that is none',
    sources: { flags: { 'trusted-proxies': '10.0.0.0/33' } },
    check: 'trustedProxies',
    at: 'flag --trusted-proxies',
  },
  { name: 'a file that is not YAML', sources: { yaml: 'a: [1\n' }, check: 'YAML', at: 'latchkey.yaml, line 2' },
  { name: 'a file that is a list', sources: { yaml: '- a\n' }, check: 'YAML', at: 'latchkey.yaml', arrived: 'a list' },
]
for (const { name, sources, ...detail } of refusals) {
  test(`readSettings() refuses ${name}`, () => {
    assert.throws(
      () => read(sources),
      (error) => {
        assert.ok(error instanceof LatchkeyError)
        assert.equal(error.code, 'configuration_invalid')
        for (const [key, value] of Object.entries(detail)) assert.equal(Reflect.get(error.detail, key), value, key)
        assert.ok(error.detail.wanted && error.detail.arrived)
        assert.ok(!JSON.stringify(error.detail).includes('hunter2'))
        return true
      },
    )
  })
}
