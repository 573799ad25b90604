import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IssueOptions } from '../../../src/test-identity-provider/identity-provider.ts'
import { issue, refusalOf, serviceProvider, verify } from './good-message.ts'

// What is meant for somebody whose name is almost ours. Entity IDs and addresses are compared as they are written: nothing
// is decoded, lower-cased or completed first.

function nearMisses(url: string): readonly string[] {
  const { host, pathname } = new URL(url)
  return [
    url.toUpperCase(),
    url.replace('https:', 'HTTPS:'),
    url.replace('https:', 'http:'),
    url.replace(host, host.toUpperCase()),
    url.replace(host, `${host}.`),
    url.replace(host, `${host}:443`),
    url.replace(host, `${host}:8443`),
    url.replace(host, `user@${host}`),
    url.replace(host, `${host}@evil.example`),
    url.replace(host, `${host}.evil.example`),
    url.replace(host, `evil.${host}`),
    url.replace(host, host.replace('e', '\u0435')),
    url.replace(host, 'xn--bnefits-hkd.example'),
    url.replace(host, host.replace('.', '\u3002')),
    url.replace(pathname, pathname.toUpperCase()),
    url.replace(pathname, `/${pathname}`),
    url.replace(pathname, `/x/..${pathname}`),
    url.replace(pathname, `/%${pathname.charCodeAt(1).toString(16)}${pathname.slice(2)}`),
    url.replace(pathname, ''),
    `${url}/`,
    `${url}/.`,
    `${url}?`,
    `${url}?x=1`,
    `${url}#`,
    `${url}#x`,
    `${url};x`,
    `${url}\u0000`.replace('\u0000', '\u200b'),
    `${url}\u00a0`,
    `${url} ${url}`,
    `${url},${url}`,
    url.slice(0, -1),
    `${url}x`,
    `x${url}`,
    url.slice('https:'.length),
    `urn:${url}`,
    url.normalize('NFKC').replace('s', '\u017f'),
  ]
}

const targets: readonly (readonly [
  name: string,
  ours: string,
  code: string,
  options: (other: string) => Partial<IssueOptions>,
])[] = [
  ['audience', serviceProvider.entityId, 'saml_audience_mismatch', (audience) => ({ audience })],
  ['recipient', serviceProvider.acsUrl, 'saml_recipient_mismatch', (recipient) => ({ recipient })],
  ['destination', serviceProvider.acsUrl, 'saml_destination_mismatch', (destination) => ({ destination })],
]

for (const [name, ours, code, options] of targets) {
  test(`a ${name} that is almost ours is refused`, () => {
    assert.equal(verify(issue(options(ours)).xml).nameId?.value, 'nina-7f3k')
    const others = new Set(nearMisses(ours))
    assert.ok(others.size > 30 && !others.has(ours))
    for (const other of others) {
      for (const sign of ['assertion', 'response', 'both'] as const) {
        assert.equal(refusalOf(issue({ ...options(other), sign }).xml).code, code, JSON.stringify(other))
      }
    }
  })
}

test('an issuer that is almost the identity provider is refused', () => {
  for (const issuer of nearMisses('https://idp.example/metadata')) {
    assert.equal(refusalOf(issue({ issuer }).xml).code, 'saml_issuer_mismatch', JSON.stringify(issuer))
  }
})

test('a valid response of the same identity provider for another service is refused, however much of it is changed', () => {
  const other = { entityId: 'https://payroll.example/metadata', acsUrl: 'https://payroll.example/acs' }
  const { xml } = issue({ serviceProvider: other })
  assert.equal(
    verify(xml, { serviceProviderEntityId: other.entityId, acsUrl: other.acsUrl }).nameId?.value,
    'nina-7f3k',
  )
  assert.equal(refusalOf(xml).code, 'saml_destination_mismatch')
  // The Destination of a response that is not signed as a whole can be changed by anybody.
  const redirected = xml.replace(`Destination="${other.acsUrl}"`, `Destination="${serviceProvider.acsUrl}"`)
  assert.notEqual(redirected, xml)
  assert.equal(refusalOf(redirected).code, 'saml_audience_mismatch')
  assert.equal(refusalOf(redirected, { serviceProviderEntityId: other.entityId }).code, 'saml_recipient_mismatch')
  const all = redirected
    .replaceAll(other.acsUrl, serviceProvider.acsUrl)
    .replaceAll(other.entityId, serviceProvider.entityId)
  assert.equal(refusalOf(all).code, 'saml_digest_mismatch')
})
