import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWebVisitor, type Form, formsOf, type Page } from '../../src/demo/web-visitor.ts'
import { startTestIdentityProvider } from '../../src/test-identity-provider/server.ts'
import { createIdentityProviderKey } from '../../src/test-identity-provider/signing-key.ts'
import { forEachDatabase } from '../support/databases.ts'
import { startLatchkey } from '../support/running-latchkey.ts'

/** A whole server and a whole identity provider, which verifies who asks it for what an artifact stands for. */

function formWith(page: Page, name: string, value?: string): Form {
  const form = formsOf(page).find(({ fields }) => (value === undefined ? name in fields : fields[name] === value))
  assert.ok(form, `a form with ${name} on ${page.status} ${page.body}`)
  return form
}

function certificateFor(use: 'signing' | 'encryption', metadata: string): string {
  return new RegExp(`use="${use}">.*?<ds:X509Certificate>([^<]+)`).exec(metadata)?.[1] ?? ''
}

forEachDatabase((kind) => {
  test(`a person signs in by artifact, from either side, in the clear and encrypted (${kind})`, async (t) => {
    const latchkey = await startLatchkey(t, kind)
    const at = `${latchkey.publicUrl}/sso/company-a`
    const link = { entityId: `${at}/metadata`, acsUrl: `${at}/acs`, name: 'Latchkey' }
    const idp = await startTestIdentityProvider({ port: 0, name: 'Company A', serviceProviders: [link] })
    t.after(() => idp.close())
    const settings = { responseBinding: 'artifact' as const, allowIdpInitiated: true }
    const connection = { metadata: { text: idp.metadata() }, settings }
    await latchkey.declare({ 'company-a': { connections: { 'company-a': connection } } }, ['company-a'])
    const visitor = createWebVisitor()
    const { body: metadata } = await visitor.open(link.entityId)
    assert.deepEqual(
      [
        ...metadata.matchAll(
          /<md:AssertionConsumerService Binding="[^"]*:([^":]+)"[^>]* index="(\d)" isDefault="(\w+)"/g,
        ),
      ].map(([, ...found]) => found),
      [
        ['HTTP-POST', '0', 'false'],
        ['HTTP-Artifact', '1', 'true'],
      ],
    )
    idp.setServiceProviders([
      {
        ...link,
        certificate: certificateFor('signing', metadata),
        encryptionCertificate: certificateFor('encryption', metadata),
      },
    ])

    const asked = await visitor.open(`${at}/login`)
    const account = await visitor.submit(formWith(asked, 'person', 'nina'), asked)
    assert.equal(account.url.href, `${latchkey.publicUrl}/account`)
    assert.match(account.body, /<h1>Nina Newcomer<\/h1>/)

    // Begun at the identity provider, where the switch says how it answers; this connection now wants it encrypted.
    const strict = { ...connection, settings: { ...settings, wantAssertionsEncrypted: true } }
    await latchkey.declare({ 'company-a': { connections: { 'company-a': strict } } }, ['company-a'])
    const change = async (fields: Readonly<Record<string, string>>) => {
      const start = await visitor.open(idp.url)
      await visitor.submit({ ...formWith(start, 'binding'), fields }, start)
      return visitor.open(`${idp.url}/launch?to=${encodeURIComponent(link.entityId)}`)
    }
    const refused = await change({ binding: 'artifact' })
    assert.equal(refused.url.pathname, '/sso/company-a/acs')
    assert.match(refused.body, /<code>saml_encryption_missing<\/code>/)
    const launched = await change({ encrypt: 'always' })
    assert.equal(launched.url.origin, latchkey.applicationOrigin)

    const { rows } = await latchkey.server.latchkey.storage.pool.query<{ outcome: string; first: string }>(
      "select outcome, trace -> 0 ->> 'step' as first from sign_in_attempt order by at",
    )
    assert.deepEqual(
      rows.map(({ outcome, first }) => `${outcome} ${first}`),
      ['accepted resolve', 'refused resolve', 'accepted resolve'],
    )
  })

  test(`an identity provider that verifies who asks gives nothing to another service (${kind})`, async (t) => {
    const latchkey = await startLatchkey(t, kind)
    const at = `${latchkey.publicUrl}/sso/company-a`
    const stranger = await createIdentityProviderKey()
    const link = {
      entityId: `${at}/metadata`,
      acsUrl: `${at}/acs`,
      name: 'Latchkey',
      certificate: stranger.certificate,
    }
    const idp = await startTestIdentityProvider({ port: 0, name: 'Company A', serviceProviders: [link] })
    t.after(() => idp.close())
    const connection = {
      metadata: { text: idp.metadata() },
      settings: { responseBinding: 'artifact' as const, signAuthnRequests: false },
    }
    await latchkey.declare({ 'company-a': { connections: { 'company-a': connection } } }, ['company-a'])
    const visitor = createWebVisitor()
    const asked = await visitor.open(`${at}/login`)
    const page = await visitor.submit(formWith(asked, 'person', 'nina'), asked)
    assert.match(page.body, /<code>saml_artifact_unreachable<\/code>/)
    assert.deepEqual(await latchkey.server.latchkey.directory.listAccounts('company-a', { limit: 10 }), [])
  })
})
