import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { CommandName } from '../../src/admin/commands.ts'
import { runCommand } from '../../src/admin/commands.ts'
import { type ErrorCode, LatchkeyError } from '../../src/errors.ts'
import { openTestDatabase } from '../support/databases.ts'
import { furnish, metadataOf, type Office, openOffice } from './office.ts'

const metadata = { text: metadataOf('https://other.example') }

/** Every one is refused with exactly this code at this place, and writes nothing. */
const refusals: readonly {
  readonly command: CommandName | 'account.delete'
  readonly input: unknown
  readonly code: ErrorCode
  readonly detail?: Readonly<Record<string, string | RegExp>>
}[] = [
  { command: 'organization.create', input: { id: 'company-a' }, code: 'organization_exists' },
  {
    command: 'organization.create',
    input: { id: 'Company A' },
    code: 'input_invalid',
    detail: { at: 'id', wanted: /lower-case letters/, arrived: 'Company A' },
  },
  {
    command: 'organization.create',
    input: { id: 'b', name: 'B\0' },
    code: 'input_invalid',
    detail: { at: 'name', wanted: /U\+0000/, arrived: 'U+0000 at position 2' },
  },
  {
    command: 'connection.set',
    input: { id: 'company-a', settings: { attributeMapping: { desk: { constant: ['a', 'b\ud800'] } } } },
    code: 'input_invalid',
    detail: { at: 'settings.attributeMapping.desk.constant.1', arrived: 'U+D800 at position 2' },
  },
  {
    command: 'connection.set',
    input: { id: 'company-a', settings: { attributeMapping: { '9x': { constant: 'a' } } } },
    code: 'input_invalid',
    detail: { at: 'settings.attributeMapping.9x', wanted: /^expected a name of a field: letters and digits/ },
  },
  {
    command: 'domain.add',
    input: { domain: 'müller.example' },
    code: 'input_invalid',
    detail: { at: 'domain', wanted: /^expected a domain like company-a\.example/ },
  },
  {
    command: 'connection.publish',
    input: { id: 'company-a' },
    code: 'connection_draft_missing',
    detail: { advice: 'Make one with: latchkey connection draft company-a --file FILE' },
  },
  {
    command: 'organization.create',
    input: { id: 'b', name: '' },
    code: 'input_invalid',
    detail: { at: 'name', wanted: 'at least 1 character' },
  },
  {
    command: 'organization.create',
    input: { id: 'b', name: 'b'.repeat(201) },
    code: 'input_invalid',
    detail: { at: 'name', wanted: 'at most 200 characters' },
  },
  { command: 'organization.create', input: null, code: 'input_invalid', detail: { at: 'input', arrived: 'null' } },
  {
    command: 'organization.create',
    input: { id: 'b', nam: 'B' },
    code: 'input_invalid',
    detail: { at: 'nam', advice: 'Did you mean name?' },
  },
  { command: 'role.create', input: { name: 'editor' }, code: 'role_exists' },
  { command: 'role.create', input: { organization: 'nobody', name: 'x' }, code: 'organization_not_found' },
  { command: 'role.create', input: { name: 'x', kind: 'root' }, code: 'input_invalid', detail: { at: 'kind' } },
  {
    command: 'connection.add',
    input: { id: 'company-a', metadata },
    code: 'connection_exists',
    detail: { advice: /connection set/ },
  },
  { command: 'connection.add', input: { id: 'b', metadata: {} }, code: 'input_invalid', detail: { at: 'metadata' } },
  {
    command: 'connection.add',
    input: { id: 'b', metadata: { text: 'hello' } },
    code: 'metadata_malformed',
  },
  {
    command: 'connection.add',
    input: { id: 'b', metadata: { ...metadata, entityId: 'urn:nobody' } },
    code: 'metadata_entity_not_found',
  },
  {
    command: 'connection.add',
    input: { id: 'b', metadata: { url: 'https://nowhere.example/' } },
    code: 'metadata_unreachable',
  },
  {
    command: 'connection.add',
    input: { id: 'b', metadata, settings: { jitProvisionig: false } },
    code: 'input_invalid',
    detail: { at: 'settings.jitProvisionig', advice: 'Did you mean jitProvisioning?' },
  },
  {
    command: 'connection.add',
    input: { id: 'b', metadata, settings: { clockSkewSeconds: 301 } },
    code: 'input_invalid',
    detail: { at: 'settings.clockSkewSeconds', arrived: '301', wanted: 'at most 300' },
  },
  {
    command: 'connection.add',
    input: { id: 'b', metadata, settings: { grantableRoles: ['latchkey-administrator'] } },
    code: 'role_not_grantable',
    detail: { check: 'grantableRoles', arrived: 'latchkey-administrator' },
  },
  {
    command: 'connection.add',
    input: { id: 'b', metadata, settings: { defaultRole: 'latchkey-administrator' } },
    code: 'role_not_grantable',
    detail: { check: 'defaultRole' },
  },
  {
    command: 'connection.add',
    input: { id: 'b', metadata, settings: { grantableRoles: ['editr'] } },
    code: 'role_not_found',
    detail: { arrived: 'editr', wanted: /editor/ },
  },
  {
    command: 'connection.set',
    input: { id: 'company-a', settings: { defaultRole: 'latchkey-administrator' } },
    code: 'role_not_grantable',
  },
  { command: 'connection.set', input: { id: 'company-b' }, code: 'connection_not_found' },
  {
    command: 'connection.set',
    input: { id: 'company-a', settings: { samlEnabled: 'no' } },
    code: 'input_invalid',
    detail: { at: 'settings.samlEnabled', wanted: 'expected boolean', arrived: 'no' },
  },
  { command: 'connection.test', input: { id: 'company-b' }, code: 'connection_not_found' },
  { command: 'account.suspend', input: { account: 'nobody' }, code: 'account_not_found' },
  { command: 'account.list', input: { limit: 0 }, code: 'input_invalid', detail: { at: 'limit' } },
  { command: 'attempt.show', input: { reference: 'aaaa-bbbb-cccc' }, code: 'attempt_not_found' },
  { command: 'account.delete', input: {}, code: 'command_unknown' },
]

for (const kind of ['embedded', 'served'] as const) {
  describe(`administration of a database (${kind})`, () => {
    const closers: (() => Promise<void>)[] = []
    let opened: Office | undefined
    before(async () => {
      opened = await openOffice(await openTestDatabase(kind, { after: (close) => closers.push(close) }))
      await furnish(opened)
    })
    after(async () => {
      for (const close of closers) await close()
    })
    const current = (): Office => {
      if (!opened) throw new Error('the database did not open')
      return opened
    }

    for (const { command, input, code, detail = {} } of refusals) {
      test(`${command} refuses ${JSON.stringify(input)?.slice(0, 100)} with ${code}`, async () => {
        const office = current()
        const before = await office.contents()
        await assert.rejects(runCommand(command, input, office.deps), (error) => {
          assert.ok(error instanceof LatchkeyError)
          assert.equal(error.code, code)
          for (const [key, wanted] of Object.entries(detail)) {
            const value: string = String(Reflect.get(error.detail, key))
            if (wanted instanceof RegExp) assert.match(value, wanted)
            else assert.equal(value, wanted)
          }
          return true
        })
        assert.equal(await office.contents(), before)
      })
    }

    test('connection.add reads metadata from an address and says what the identity provider must be told', async () => {
      const { run } = current()
      const url = 'https://idp.example/metadata'
      const { connection, addresses } = await run('connection.add', { id: 'by-address', metadata: { url } })
      assert.equal(connection.identityProvider.entityId, 'https://idp.example/metadata')
      assert.equal(connection.identityProvider.singleSignOnServices.length, 2)
      assert.equal(connection.settings.jitProvisioning, true)
      assert.deepEqual(addresses, {
        entityId: 'https://login.example/sso/by-address/metadata',
        metadataUrl: 'https://login.example/sso/by-address/metadata',
        acsUrl: 'https://login.example/sso/by-address/acs',
        logoutUrl: 'https://login.example/sso/by-address/logout',
        loginUrl: 'https://login.example/sso/by-address/login',
        testUrl: 'https://login.example/sso/by-address/test',
      })
      const shown = await run('connection.show', { id: 'by-address' })
      assert.deepEqual([shown.connection, shown.addresses], [connection, addresses])
      assert.equal(shown.refresh?.url, url)
    })

    test('connection.set changes what it names, null goes back, and a second time writes nothing', async () => {
      const { run, contents } = current()
      await run('connection.add', { id: 'to-set', metadata, settings: { clockSkewSeconds: 5 } })
      const change = {
        id: 'to-set',
        serviceProviderEntityId: 'urn:benefits',
        settings: { clockSkewSeconds: null, jitProvisioning: false },
      }
      const { connection, changes, addresses } = await run('connection.set', change)
      assert.deepEqual(changes, [
        { path: 'settings.jitProvisioning', before: true, after: false },
        { path: 'settings.clockSkewSeconds', before: 5, after: 60 },
        { path: 'serviceProviderEntityId', after: 'urn:benefits' },
      ])
      assert.equal(connection.settings.clockSkewSeconds, 60)
      assert.equal(addresses.entityId, 'urn:benefits')
      const before = await contents()
      assert.deepEqual((await run('connection.set', change)).changes, [])
      assert.equal(await contents(), before)
      const back = await run('connection.set', { id: 'to-set', serviceProviderEntityId: null })
      assert.deepEqual(back.changes, [{ path: 'serviceProviderEntityId', before: 'urn:benefits' }])
    })

    test('account.suspend ends the sessions and says how many; reinstate gives access back; both are recorded', async () => {
      const { run, signIn, contents, pool } = current()
      const id = await signIn('company-a')
      const { account } = await run('account.show', { account: id })
      assert.deepEqual(await run('account.suspend', { account: account.username.toUpperCase() }), {
        account: { organizationId: 'company-a', id, username: account.username, state: 'suspended' },
        changed: true,
        sessionsEnded: 1,
      })
      const before = await contents()
      const again = await run('account.suspend', { account: id })
      assert.deepEqual([again.changed, again.sessionsEnded], [false, 0])
      assert.equal(await contents(), before)
      assert.equal((await run('account.reinstate', { account: id })).account.state, 'active')
      const { rows } = await pool.query(
        "select action from audit_event where target = $1 and actor = 'cli' and action like 'account.%ed' order by id",
        [`account:${id}`],
      )
      assert.deepEqual(
        rows.map(({ action }) => action),
        ['account.suspended', 'account.reinstated'],
      )
    })

    test('account.show tells fields and grants with their provenance', async () => {
      const { run, signIn } = current()
      const id = await signIn('company-a')
      const { account, grants } = await run('account.show', { organization: 'company-a', account: id })
      assert.deepEqual(account.fields.cn?.values, ['Ada', 'Lady A'])
      assert.equal(account.fields.cn?.source, 'connection:company-a')
      assert.deepEqual(
        grants.map(({ kind, name, source, rule }) => [kind, name, source, rule]),
        [
          ['group', 'cn=Staff,ou=Ä', 'connection:company-a', 'assertion-group'],
          ['role', 'manager', 'connection:company-a', 'assertion-role'],
        ],
      )
    })

    test('attempt.show finds an attempt by the reference of its person', async () => {
      const { run, signIn } = current()
      const accountId = await signIn('company-a')
      const attempts = await run('attempt.list', { connection: 'company-a', outcome: 'accepted' })
      const own = attempts.find((attempt) => attempt.accountId === accountId)
      assert.ok(own)
      const { fields, revealed, writes, ...shown } = await run('attempt.show', { reference: own.reference })
      assert.deepEqual(shown, own)
      assert.deepEqual([fields, revealed, writes], [[], false, []])
    })

    test('connection.test finds nothing wrong with a good connection, and names what is', async () => {
      const { run } = current()
      const good = await run('connection.test', { id: 'company-a' })
      assert.deepEqual([good.problems, good.findings.filter(({ level }) => level !== 'ok')], [0, []])
      await run('connection.add', {
        id: 'doubtful',
        metadata,
        settings: {
          samlEnabled: false,
          defaultReturnTo: 'https://elsewhere.example/',
          jitProvisioning: false,
          dangerouslyAllowSha1: true,
          dangerouslyAllowWeakKeys: true,
        },
      })
      const { problems, findings } = await run('connection.test', { id: 'doubtful' })
      assert.equal(problems, 2)
      const notOk = findings.filter(({ level }) => level !== 'ok').map(({ level, check }) => `${level} ${check}`)
      assert.deepEqual(notOk, [
        'problem samlEnabled',
        'warning jitProvisioning',
        'warning dangerouslyAllowSha1',
        'warning dangerouslyAllowWeakKeys',
        'warning grantableRoles',
        'warning applications',
        'problem defaultReturnTo',
      ])
    })
  })
}
