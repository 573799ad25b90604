import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pool } from 'pg'
import { createMetadataFetcher } from '../../src/admin/fetch-metadata.ts'
import { createMetadataKeeper } from '../../src/admin/keep-metadata-fresh.ts'
import { serviceAddresses } from '../../src/directory/service-addresses.ts'
import { previewHeaders } from '../../src/gateway/preview-headers.ts'
import { completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import { createTestIdentityProvider } from '../../src/test-identity-provider/identity-provider.ts'
import { writeIdentityProviderMetadata } from '../../src/test-identity-provider/metadata.ts'
import { openMetadataServer } from '../admin/metadata-server.ts'
import { forEachDatabase } from '../support/databases.ts'
import { connectionId, createSignInWorld, nina, publicUrl } from '../support/sign-in-world.ts'

async function openWorld(test: { after(work: () => void): void }, pool: Pool) {
  const server = await openMetadataServer(test)
  const world = await createSignInWorld(pool)
  const { baseUrl, entityId } = world.identityProvider
  const renewed = await createTestIdentityProvider({ baseUrl })
  const stored = await world.connection()
  const identityProvider = { ...stored.identityProvider, source: { url: server.url } }
  await world.directory.replaceIdentityProvider({ ...stored, identityProvider }, world.event('test'))
  const failures: unknown[] = []
  const { directory, now, newId, randomBytes } = world.deps
  const keeper = createMetadataKeeper({
    deps: {
      ...{ directory: world.directory, now, newId, randomBytes, publicUrl, actor: 'metadata-refresh' },
      secret: () => Buffer.alloc(32),
      identityHeaders: previewHeaders,
      resolveTxt: async () => [],
      fetchMetadata: createMetadataFetcher(),
    },
    onFailed: (_id, error) => failures.push(error),
    onChanged: () => undefined,
  })
  const deps = { ...world.deps, directory, refreshKeys: keeper.refreshKeys }
  const publish = (certificate: string) => {
    server.answer = writeIdentityProviderMetadata({ entityId, baseUrl, certificate })
  }
  const issue = (provider: typeof renewed) =>
    provider.issueResponse({ serviceProvider: serviceAddresses({ id: connectionId }, publicUrl), person: nina })
      .samlResponse
  return { world, server, renewed, deps, failures, publish, issue }
}

forEachDatabase((kind, open) => {
  test(`demand 21: a sign-in with a new key of the identity provider succeeds at once, and the old key is out (${kind})`, async (t) => {
    const { world, server, renewed, deps, publish, issue } = await openWorld(t, (await open(t)).pool)
    publish(renewed.certificate)
    const { accountId } = await completeSignIn({ connectionId, samlResponse: issue(renewed) }, deps)
    assert.match(accountId, /^[0-9a-f-]{36}$/)
    assert.equal(server.requests, 1)
    assert.deepEqual((await world.connection()).identityProvider.signingCertificates, [renewed.certificate])
    const old = { connectionId, samlResponse: world.issue(nina) }
    await assert.rejects(completeSignIn(old, deps), { code: 'saml_signature_invalid' })
    assert.equal(server.requests, 1)
  })

  test(`demand 21: forged responses fetch once, change nothing, and stay refused (${kind})`, async (t) => {
    const { world, server, renewed, deps, publish, issue } = await openWorld(t, (await open(t)).pool)
    publish(world.identityProvider.certificate)
    const before = await world.connection()
    const forged = Array.from({ length: 20 }, () =>
      completeSignIn({ connectionId, samlResponse: issue(renewed) }, deps),
    )
    for (const outcome of await Promise.allSettled(forged)) {
      assert.equal(outcome.status === 'rejected' && outcome.reason.code, 'saml_signature_invalid')
    }
    assert.equal(server.requests, 1)
    assert.deepEqual(await world.connection(), before)
    await completeSignIn({ connectionId, samlResponse: world.issue(nina) }, deps)
  })

  test(`a sign-in is refused as ever when the metadata cannot be fetched (${kind})`, async (t) => {
    const { server, renewed, deps, failures, issue } = await openWorld(t, (await open(t)).pool)
    server.answer = 503
    const samlResponse = issue(renewed)
    await assert.rejects(completeSignIn({ connectionId, samlResponse }, deps), { code: 'saml_signature_invalid' })
    assert.equal(failures.length, 1)
  })
})
