import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inflateRawSync } from 'node:zlib'
import { serviceAddresses } from '../../src/directory/service-addresses.ts'
import { createTestIdentityProvider } from '../../src/test-identity-provider/identity-provider.ts'
import { forEachDatabase } from '../support/databases.ts'
import { ada, openApiWorld } from './support/api-world.ts'

const headers = { 'content-type': 'application/x-www-form-urlencoded' }

forEachDatabase((kind) => {
  test(`demand 22: a sign-in that begins at the identity provider is let in where the connection says so, soon, once, and led nowhere else (${kind})`, async (t) => {
    const { ask, issue, run, latchkey, pool } = await openApiWorld(t, kind)
    const post = (fields: Readonly<Record<string, string>>) =>
      ask('POST', '/sso/company-a/acs', { body: new URLSearchParams(fields).toString(), headers })
    const set = async (settings: Readonly<Record<string, unknown>>) => {
      await run('connection.set', { id: 'company-a', settings })
      await latchkey.server.catalog.reload()
    }
    const accounts = async () => (await pool.query('select from account')).rowCount

    await set({ allowIdpInitiated: null })
    const early = await post({ SAMLResponse: issue('company-a', ada) })
    assert.match(early.text, /saml_unsolicited/)
    assert.equal(early.headers['set-cookie'], undefined)
    assert.equal(await accounts(), 0)

    await set({ allowIdpInitiated: true })
    const sixMinutesAgo = new Date(Date.now() - 361_000)
    const old = { issueInstant: sixMinutesAgo, notOnOrAfter: new Date(Date.now() + 3_600_000) }
    const late = await post({ SAMLResponse: issue('company-a', ada, old) })
    assert.match(late.text, /saml_unsolicited_too_old/)
    assert.equal(late.headers['set-cookie'], undefined)
    assert.equal(await accounts(), 0)
    const SAMLResponse = issue('company-a', ada)
    const { origin } = new URL(latchkey.publicUrl)
    const evil = [
      'https://evil.example/',
      '//evil.example',
      'javascript:alert(1)',
      `${origin}@evil.example/`,
      '/\\evil.example',
    ]
    const used = await post({ SAMLResponse, RelayState: evil[0] ?? '' })
    assert.equal(used.status, 303)
    assert.equal(new URL(used.headers.location ?? '', origin).origin, origin)
    const again = await post({ SAMLResponse })
    assert.match(again.text, /assertion_replayed/)
    assert.equal(again.headers['set-cookie'], undefined)
    for (const RelayState of evil) {
      const { status, headers: answered } = await post({ SAMLResponse: issue('company-a', ada), RelayState })
      assert.equal(status, 303)
      assert.equal(new URL(answered.location ?? '', origin).origin, origin, RelayState)
    }
    const within = await post({ SAMLResponse: issue('company-a', ada), RelayState: '/account?tab=1' })
    assert.equal(new URL(within.headers.location ?? '', origin).href, `${origin}/account?tab=1`)
    assert.equal(await accounts(), 1)
  })

  test(`demand 22: whoever was on the way to a page arrives there, however long its address (${kind})`, async (t) => {
    const { ask, run, latchkey } = await openApiWorld(t, kind)
    const identityProvider = await createTestIdentityProvider({ baseUrl: 'http://company-c.localhost:4401' })
    const metadata = { text: identityProvider.metadata(), dangerouslyAllowHttp: true }
    await run('connection.add', { organization: 'company-a', id: 'c', metadata })
    await latchkey.server.catalog.reload()
    for (const length of [10, 4000]) {
      const deep = `/account?q=${'%26'.repeat(length / 2)}`
      const begun = await ask('GET', `/sso/c/login?return_to=${encodeURIComponent(deep)}`)
      assert.equal(begun.status, 303, begun.text)
      const atProvider = new URL(begun.headers.location ?? '')
      const relayState = atProvider.searchParams.get('RelayState')
      assert.ok(Buffer.byteLength(relayState ?? '') <= 80, 'SAML Bindings 3.4.3')
      const cookie = (begun.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ')
      const xml = inflateRawSync(Buffer.from(atProvider.searchParams.get('SAMLRequest') ?? '', 'base64')).toString()
      const [, inResponseTo = ''] = / ID="([^"]+)"/.exec(xml) ?? []
      const { samlResponse } = identityProvider.issueResponse({
        serviceProvider: serviceAddresses({ id: 'c' }, latchkey.publicUrl),
        person: { nameId: 'c-1', attributes: { uid: 'cleo' } },
        inResponseTo,
      })
      const body = new URLSearchParams({ SAMLResponse: samlResponse, RelayState: relayState ?? '' }).toString()
      const answer = await ask('POST', '/sso/c/acs', { body, headers: { ...headers, cookie } })
      assert.equal(answer.status, 303, answer.text)
      assert.equal(new URL(answer.headers.location ?? '', latchkey.publicUrl).href, `${latchkey.publicUrl}${deep}`)
    }
  })
})
