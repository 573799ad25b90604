import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCommand } from '../../src/admin/commands.ts'
import type { DeclarationInput } from '../../src/admin/declaration.ts'
import { type ErrorCode, LatchkeyError } from '../../src/errors.ts'
import { forEachDatabase } from '../support/databases.ts'
import { metadataOf, openOffice } from './office.ts'

const metadata = { text: metadataOf('https://idp.example') }
const portal = { origin: 'https://benefits.example', upstream: 'http://127.0.0.1:9000', connections: ['company-a'] }

const declaration: DeclarationInput = {
  organizations: {
    'company-a': {
      name: 'Company A',
      roles: { editor: { description: 'Edits.' }, auditor: { kind: 'administration' } },
      connections: {
        'company-a': {
          metadata,
          serviceProviderEntityId: 'urn:benefits',
          settings: {
            allowIdpInitiated: true,
            grantableRoles: ['editor'],
            attributeMapping: { mail: { attributes: ['mail'], required: true }, title: false },
          },
        },
      },
    },
    'company-b': { connections: { 'company-b': { metadata } } },
  },
  applications: { benefits: { ...portal, policy: [{ path: '/', roles: ['editor'], methods: ['GET'] }] } },
}

const refusals: readonly {
  readonly name: string
  readonly change: DeclarationInput | Readonly<Record<string, unknown>>
  readonly code: ErrorCode
  readonly at?: string
}[] = [
  {
    name: 'an application that shares our host',
    change: { applications: { own: { ...portal, origin: 'https://login.example:8443' } } },
    code: 'input_invalid',
    at: 'application own: origin',
  },
  {
    name: 'an application under a path',
    change: { applications: { own: { ...portal, origin: 'https://x.example/app' } } },
    code: 'input_invalid',
    at: 'application own: origin',
  },
  {
    name: 'an address of another kind',
    change: { applications: { own: { ...portal, upstream: 'file:///etc/passwd' } } },
    code: 'input_invalid',
    at: 'application own: upstream',
  },
  {
    name: 'a connection nobody knows',
    change: { applications: { benefits: { ...portal, connections: ['company-c'] } } },
    code: 'connection_not_found',
    at: 'application benefits: connections',
  },
  {
    name: 'user names of two organizations in one application',
    change: { applications: { benefits: { ...portal, connections: ['company-a', 'company-b'] } } },
    code: 'input_invalid',
    at: 'application benefits: remoteUser',
  },
  {
    name: 'an origin that another application has',
    change: { applications: { second: portal } },
    code: 'application_exists',
  },
  {
    name: 'a connection of another organization',
    change: { organizations: { 'company-b': { connections: { 'company-a': { metadata } } } } },
    code: 'connection_exists',
  },
  {
    name: 'a role that would change its kind',
    change: { organizations: { 'company-a': { roles: { editor: { kind: 'administration' } } } } },
    code: 'role_exists',
  },
  {
    name: 'a role of another organization',
    change: {
      organizations: {
        'company-b': { connections: { 'company-b': { metadata, settings: { defaultRole: 'editor' } } } },
      },
    },
    code: 'role_not_found',
  },
  {
    name: 'a grantable role that administers',
    change: {
      organizations: {
        'company-a': { connections: { 'company-a': { metadata, settings: { grantableRoles: ['auditor'] } } } },
      },
    },
    code: 'role_not_grantable',
  },
  {
    name: 'a connection without an identity provider',
    change: { organizations: { 'company-a': { connections: { fresh: {} } } } },
    code: 'input_invalid',
    at: 'connections.fresh',
  },
  {
    name: 'metadata that is none, with its connection',
    change: { organizations: { 'company-a': { connections: { fresh: { metadata: { text: '<a/>' } } } } } },
    code: 'metadata_not_identity_provider',
    at: 'connections.fresh.metadata: line 1, a',
  },
  {
    name: 'a mistyped setting deep inside',
    change: {
      organizations: { 'company-a': { connections: { 'company-a': { metadata, settings: { samlEnable: true } } } } },
    },
    code: 'input_invalid',
    at: 'organizations.company-a.connections.company-a.settings.samlEnable',
  },
  {
    name: 'a name that cannot stand in an address',
    change: { organizations: { 'Company C': {} } },
    code: 'input_invalid',
    at: 'organizations.Company C',
  },
  { name: 'a list', change: { organizations: [] as never }, code: 'input_invalid', at: 'organizations' },
]

forEachDatabase((kind, open) => {
  test(`apply writes everything once, says what changed, and a dry run writes nothing (${kind})`, async (t) => {
    const { run, contents } = await openOffice(await open(t))
    const empty = await contents()
    const dry = await run('declaration.apply', { declaration, dryRun: true })
    assert.equal(await contents(), empty)
    assert.equal(dry.written, false)
    const applied = await run('declaration.apply', { declaration })
    assert.deepEqual(applied.changes, dry.changes)
    assert.deepEqual(
      applied.changes.map(({ action, kind: noun, id }) => `${action} ${noun} ${id}`),
      [
        'create organization company-a',
        'create organization company-b',
        'create role company-a/editor',
        'create role company-a/auditor',
        'create connection company-a',
        'create connection company-b',
        'create application benefits',
      ],
    )
    const full = await contents()
    assert.deepEqual(await run('declaration.apply', { declaration }), { changes: [], roleSync: [], written: false })
    assert.equal(await contents(), full)
    const renamed = {
      organizations: { 'company-a': { name: 'A & Co', roles: { agent: { description: 'Everybody.' } } } },
    }
    assert.deepEqual((await run('declaration.apply', { declaration: renamed })).changes, [
      {
        action: 'update',
        kind: 'organization',
        id: 'company-a',
        changes: [{ path: 'name', before: 'Company A', after: 'A & Co' }],
      },
      {
        action: 'update',
        kind: 'role',
        id: 'company-a/agent',
        changes: [
          { path: 'description', before: 'Held by an account for which no other role arrives.', after: 'Everybody.' },
        ],
      },
    ])
    assert.equal((await run('connection.list', {})).length, 2)
  })

  test(`export, applied to an empty database, gives the same, and applied to its own changes nothing (${kind})`, async (t) => {
    const first = await openOffice(await open(t))
    await first.run('declaration.apply', { declaration })
    const exported = await first.run('declaration.export', {})
    assert.deepEqual(await first.run('declaration.apply', { declaration: exported }), {
      changes: [],
      roleSync: [],
      written: false,
    })
    const second = await openOffice(await open(t))
    assert.equal((await second.run('declaration.apply', { declaration: exported })).written, true)
    assert.deepEqual(await second.run('declaration.export', {}), exported)
    const { connection: a } = await first.run('connection.show', { id: 'company-a' })
    const { connection: b } = await second.run('connection.show', { id: 'company-a' })
    assert.deepEqual(b, a)
    assert.equal(exported.organizations['company-a']?.connections['company-a']?.serviceProviderEntityId, 'urn:benefits')
  })

  test(`apply changes an organization and its connections by one file (${kind})`, async (t) => {
    const { run } = await openOffice(await open(t))
    await run('declaration.apply', { declaration })
    const connection = { metadata, settings: { allowIdpInitiated: false } }
    const organization = {
      seatLimit: 5,
      roles: { viewer: {} },
      customFields: { badge: {} },
      accountTypes: [{ name: 'staff', mayHold: ['viewer'] }],
      connections: { 'company-a': connection },
    }
    const change = { declaration: { organizations: { 'company-a': organization } } }
    const { changes } = await run('declaration.apply', { ...change, dryRun: true })
    assert.deepEqual(changes.map(({ kind: what }) => what).sort(), ['connection', 'organization', 'role'])
    assert.deepEqual((await run('declaration.apply', change)).changes, changes)
    assert.deepEqual((await run('declaration.apply', change)).changes, [])
    const shown = await run('connection.show', { id: 'company-a' })
    assert.equal(shown.connection.settings.allowIdpInitiated, false)
    assert.deepEqual(shown.connection.declared?.customFields?.badge?.type, 'text')
  })

  test(`apply refuses what could not be safe, everything or nothing (${kind})`, async (t) => {
    const { run, contents, deps } = await openOffice(await open(t))
    await run('declaration.apply', { declaration })
    const before = await contents()
    for (const { name, change, code, at } of refusals) {
      const organizations = { 'company-d': { name: 'D' }, ...Object(change.organizations ?? {}) }
      const given = Array.isArray(change.organizations) ? change : { ...change, organizations }
      await assert.rejects(runCommand('declaration.apply', { declaration: given }, deps), (error) => {
        assert.ok(error instanceof LatchkeyError, name)
        assert.equal(error.code, code, name)
        if (at !== undefined) assert.equal(error.detail.at, at, name)
        return true
      })
      assert.equal(await contents(), before, name)
    }
  })
})
