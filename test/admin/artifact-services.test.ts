import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Administration } from '../../src/admin/administration.ts'
import { addConnection } from '../../src/admin/connections.ts'
import { contentOfText } from '../../src/admin/metadata-content.ts'
import { readMetadata } from '../../src/saml/metadata/read-metadata.ts'
import { createTestIdentityProvider } from '../../src/test-identity-provider/identity-provider.ts'
import { openTestDatabase } from '../support/databases.ts'
import { openOffice } from './office.ts'

const provider = await createTestIdentityProvider({ baseUrl: 'https://idp.example' })
const soap = 'urn:oasis:names:tc:SAML:2.0:bindings:SOAP'

/** Metadata with these services; each `index location`, or whole attributes. */
function metadataWith(...services: readonly string[]): string {
  const written = services.map((attributes) => `<md:ArtifactResolutionService ${attributes}/>`)
  return provider.metadata().replace('<md:NameIDFormat>', (next) => written.join('') + next)
}

const at = (index: number, location: string, more = '') =>
  `Binding="${soap}" index="${index}" Location="${location}" ${more}`

test('readMetadata() keeps the artifact resolution services it can use and passes over the others', () => {
  const text = metadataWith(
    at(7, 'https://idp.example/seven', 'isDefault="true"'),
    at(0, 'http://127.0.0.1:4400/zero', 'isDefault="false"'),
    at(7, 'https://idp.example/seven-again'),
    at(1, 'http://elsewhere.example/'),
    at(2, 'https://user:password@idp.example/'),
    at(65_536, 'https://idp.example/far'),
    `Binding="${soap}" Location="https://idp.example/none"`,
    'Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" index="3" Location="https://idp.example/"',
  )
  const now = new Date()
  const usable = [
    { index: 7, location: 'https://idp.example/seven', isDefault: true },
    { index: 0, location: 'http://127.0.0.1:4400/zero' },
  ]
  assert.deepEqual(readMetadata(text, { now }).artifactResolutionServices, usable)
  assert.deepEqual(readMetadata(text, { now, dangerouslyAllowHttp: true }).artifactResolutionServices, [
    ...usable,
    { index: 1, location: 'http://elsewhere.example/' },
  ])
  assert.equal(readMetadata(provider.metadata(), { now }).artifactResolutionServices, undefined)
})

test('metadata that is published elsewhere cannot send us to this machine', async (t) => {
  const text = metadataWith(
    at(0, 'http://127.0.0.1:5432/'),
    at(1, 'https://localhost:8443/'),
    at(2, 'https://idp.example/ars'),
  )
  const office = await openOffice(await openTestDatabase('embedded', t))
  const deps: Administration = {
    ...office.deps,
    fetchMetadata: async () => ({ unchanged: false, content: contentOfText(text), validators: {} }),
  }
  await office.run('organization.create', { id: 'company-a' })
  const indexes = async (id: string, metadata: { url: string; dangerouslyAllowHttp?: boolean } | { text: string }) => {
    const { connection } = await addConnection({ id, metadata }, deps)
    return connection.identityProvider.artifactResolutionServices?.map(({ index }) => index)
  }
  assert.deepEqual(await indexes('elsewhere', { url: 'https://idp.example/metadata' }), [2])
  assert.deepEqual(await indexes('here', { url: 'http://localhost:4401/metadata' }), [0, 1, 2])
  assert.deepEqual(await indexes('file', { text }), [0, 1, 2])
})

test('connection.test tells when nothing could be fetched by artifact, and export keeps what was imported', async (t) => {
  const office = await openOffice(await openTestDatabase('embedded', t))
  await office.run('organization.create', { id: 'company-a' })
  const settings = { responseBinding: 'artifact' }
  await office.run('connection.add', { id: 'without', metadata: { text: provider.metadata() }, settings })
  await office.run('connection.add', {
    id: 'with',
    metadata: { text: provider.metadata({ artifacts: true }) },
    settings,
  })
  const levelOf = async (id: string) => {
    const { findings } = await office.run('connection.test', { id })
    return findings.find(({ check }) => check === 'responseBinding')?.level
  }
  assert.deepEqual([await levelOf('without'), await levelOf('with')], ['problem', 'ok'])
  const declaration = await office.run('declaration.export', {})
  const { changes } = await office.run('declaration.apply', { declaration, dryRun: true })
  assert.deepEqual(changes, [])
})
