import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inflateRawSync } from 'node:zlib'
import { createMetadataFetcher } from '../../src/admin/fetch-metadata.ts'
import { createMetadataKeeper, type MetadataKeeper } from '../../src/admin/keep-metadata-fresh.ts'
import { serviceAddresses } from '../../src/directory/service-addresses.ts'
import { previewHeaders } from '../../src/gateway/preview-headers.ts'
import { createTestIdentityProvider } from '../../src/test-identity-provider/identity-provider.ts'
import { openMetadataServer } from '../admin/metadata-server.ts'
import { newEvent } from '../store/samples.ts'
import { publicUrl, serve } from './support/serve.ts'

/** An identity provider that has changed its key signs people out, and answers our requests, before anybody signs in with it. */

const baseUrl = 'https://idp.example'
const [before, renewed] = await Promise.all([
  createTestIdentityProvider({ baseUrl }),
  createTestIdentityProvider({ baseUrl }),
])

async function open(t: { after(work: () => void | Promise<void>): void }) {
  const metadata = await openMetadataServer(t)
  let keeper: MetadataKeeper | undefined
  const served = await serve(t, { refreshKeys: async (connection) => (await keeper?.refreshKeys(connection)) ?? false })
  const { now, newId, randomBytes } = served.deps
  const { directory } = served
  keeper = createMetadataKeeper({
    deps: {
      ...{ directory, now, newId, randomBytes, publicUrl, actor: 'metadata-refresh' },
      secret: () => Buffer.alloc(32),
      identityHeaders: previewHeaders,
      resolveTxt: async () => [],
      fetchMetadata: createMetadataFetcher(),
    },
    onFailed: () => undefined,
    onChanged: () => undefined,
  })
  await served.addOrganization('company-a', 'Company A')
  const settings = { allowIdpInitiated: true, defaultRole: 'agent' }
  const connection = await served.addConnection('company-a', 'a', { settings })
  const identityProvider = {
    ...connection.identityProvider,
    entityId: before.entityId,
    signingCertificates: [before.certificate],
    singleLogoutServices: [{ binding: 'redirect' as const, location: `${baseUrl}/slo` }],
    source: { url: metadata.url },
  }
  await directory.updateConnection({ ...connection, identityProvider }, newEvent())
  await served.deps.catalog.reload()
  const addresses = serviceAddresses(connection, publicUrl)
  const person = { nameId: 'nina', attributes: { uid: 'nina' } }
  const issued = before.issueResponse({ serviceProvider: addresses, person, sessionIndex: 'one' })
  const entered = await served.post('/sso/a/acs', { SAMLResponse: issued.samlResponse })
  const cookie = entered.setCookies[0]?.split(';')[0] ?? ''
  const isSignedIn = async () => (await served.ask('/account', { headers: { cookie } })).status === 200
  assert.ok(await isSignedIn())
  const codeOf = async (query: string) => {
    const { text } = await served.ask(`/sso/a/logout?${query}`, { accept: 'application/json' })
    return JSON.parse(text).error
  }
  return { ...served, metadata, addresses, cookie, isSignedIn, codeOf }
}

test('a LogoutRequest by a new key fetches the metadata once, and ends the session', async (t) => {
  const house = await open(t)
  house.metadata.answer = renewed.metadata({ singleLogout: true })
  const issued = renewed.issueLogoutRequest({ serviceProvider: house.addresses, nameId: 'nina' })
  const answer = await house.ask(`/sso/a/logout?${issued.redirectQuery()}`)
  assert.equal(answer.status, 303, answer.text)
  assert.equal(house.metadata.requests, 1)
  assert.equal(await house.isSignedIn(), false)
  const old = before.issueLogoutRequest({ serviceProvider: house.addresses, nameId: 'nina' })
  assert.equal(await house.codeOf(old.redirectQuery()), 'saml_signature_invalid')
  assert.equal(house.metadata.requests, 1)
})

test('a LogoutResponse by a new key is believed after the metadata was fetched', async (t) => {
  const house = await open(t)
  house.metadata.answer = renewed.metadata({ singleLogout: true })
  const { cookie } = house
  const begun = await house.ask('/logout', { headers: { cookie } })
  const kept = await house.deps.directory.findLogoutRequest(idOf(begun.headers.location), new Date())
  assert.equal(kept?.outcome, undefined)
  const issued = renewed.issueLogoutResponse({ serviceProvider: house.addresses, inResponseTo: kept?.id ?? '' })
  const finished = await house.ask(`/sso/a/logout?${issued.redirectQuery()}`)
  assert.equal(finished.headers.location, `${publicUrl}/signed-out?request=${kept?.id}`)
  assert.equal((await house.deps.directory.findLogoutRequest(kept?.id ?? '', new Date()))?.outcome, 'success')
})

test('a forged logout message fetches once, ends nothing and changes nothing', async (t) => {
  const house = await open(t)
  house.metadata.answer = before.metadata({ singleLogout: true })
  const stored = await house.directory.listConnections()
  for (let n = 0; n < 5; n++) {
    const forged = renewed.issueLogoutRequest({ serviceProvider: house.addresses, nameId: 'nina' })
    assert.equal(await house.codeOf(forged.redirectQuery()), 'saml_signature_invalid')
  }
  assert.equal(house.metadata.requests, 1)
  assert.ok(await house.isSignedIn())
  assert.deepEqual(
    (await house.directory.listConnections()).map(({ identityProvider }) => identityProvider.signingCertificates),
    stored.map(({ identityProvider }) => identityProvider.signingCertificates),
  )
})

/** The ID of the LogoutRequest in a redirect. */
function idOf(location: unknown): string {
  const value = new URL(String(location)).searchParams.get('SAMLRequest') ?? ''
  return / ID="([^"]+)"/.exec(inflateRawSync(Buffer.from(value, 'base64')).toString())?.[1] ?? ''
}
