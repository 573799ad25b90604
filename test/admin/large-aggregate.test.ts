import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMetadataFetcher } from '../../src/admin/fetch-metadata.ts'
import { signDescriptor } from '../../src/saml/request-signature.ts'
import { writeIdentityProviderMetadata } from '../../src/test-identity-provider/metadata.ts'
import { createIdentityProviderKey } from '../../src/test-identity-provider/signing-key.ts'
import { forEachDatabase } from '../support/databases.ts'
import { openMetadataServer } from './metadata-server.ts'
import { now, openOffice } from './office.ts'

const [federation, old, fresh] = await Promise.all([1, 2, 3].map(() => createIdentityProviderKey({ now })))
const namespace = ' xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
const idOf = (index: number) => `https://idp-${index}.example/metadata`

/** 1,200 identity providers in 2 MB, signed by the federation: more than is kept in memory. */
function aggregate(certificate = ''): string {
  const entities = Array.from({ length: 1200 }, (_unused, index) => {
    const provider = { entityId: idOf(index), baseUrl: `https://idp-${index}.example`, certificate }
    return writeIdentityProviderMetadata(provider).replace(namespace, '')
  })
  const xml = `<md:EntitiesDescriptor${namespace} ID="_all">${entities.join('\n')}</md:EntitiesDescriptor>`
  if (federation === undefined) throw new Error('no key')
  return signDescriptor(xml, '_all', { key: federation.privateKey })
}

forEachDatabase((kind, open) => {
  test(`a large aggregate is fetched, verified and refreshed; one that was changed changes nothing (${kind})`, async (t) => {
    const server = await openMetadataServer(t)
    const office = await openOffice(await open(t))
    Object.assign(office.deps, { fetchMetadata: createMetadataFetcher() })
    server.answer = aggregate(old?.certificate)
    assert.ok(server.answer.length > 2 * 1024 * 1024)
    const metadata = { url: server.url, entityId: idOf(1100), signingCertificate: federation?.certificate ?? '' }
    await office.run('organization.create', { id: 'company-a' })
    const added = await office.run('connection.add', { id: 'company-a', metadata })
    assert.equal(added.connection.identityProvider.entityId, idOf(1100))

    server.answer = aggregate(fresh?.certificate)
    const { changes } = await office.run('connection.refresh', { id: 'company-a' })
    assert.deepEqual(
      changes.map(({ path }) => path),
      ['signingCertificate', 'signingCertificate'],
    )
    const { connection } = await office.run('connection.show', { id: 'company-a' })
    assert.deepEqual(connection.identityProvider.signingCertificates, [fresh?.certificate])

    server.answer = server.answer.replace('https://idp-3.example/sso', 'https://evil.example/sso')
    await assert.rejects(office.run('connection.refresh', { id: 'company-a' }), { code: 'metadata_signature_invalid' })
    const after = await office.run('connection.show', { id: 'company-a' })
    assert.deepEqual(after.connection, connection)
  })
})
