import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inflateRawSync } from 'node:zlib'
import type { SingleLogoutService } from '../../src/directory/connection.ts'
import { serviceAddresses } from '../../src/directory/service-addresses.ts'
import { createTestIdentityProvider } from '../../src/test-identity-provider/identity-provider.ts'
import { publicUrl, type Served, serve } from './support/serve.ts'

const identityProvider = await createTestIdentityProvider({ baseUrl: 'https://idp.example' })
const emailAddress = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'
const redirect: SingleLogoutService = { binding: 'redirect', location: 'https://idp.example/slo?tenant=1' }
const post: SingleLogoutService = {
  binding: 'post',
  location: 'https://idp.example/slo',
  responseLocation: 'https://idp.example/slo/done',
}

interface House extends Served {
  readonly addresses: ReturnType<typeof serviceAddresses>
  /** Signs a person in; gives the Cookie header. */
  enter(nameId: string, sessionIndex: string, format?: string): Promise<string>
  isSignedIn(cookie: string): Promise<boolean>
  /** Query or fields of a LogoutRequest of the identity provider. */
  request(
    nameId: string,
    more?: { sessionIndexes?: readonly string[]; nameIdFormat?: string },
  ): ReturnType<typeof identityProvider.issueLogoutRequest>
}

async function open(
  t: { after(work: () => Promise<void>): void },
  services: readonly SingleLogoutService[] = [redirect, post],
  settings: { readonly singleLogout?: boolean } = {},
): Promise<House> {
  const served = await serve(t)
  await served.addOrganization('company-a', 'Company A')
  const connection = await served.addConnection('company-a', 'a', {
    name: 'Company A',
    settings: { allowIdpInitiated: true, defaultRole: 'agent', ...settings },
  })
  const changed = {
    ...connection.identityProvider,
    entityId: identityProvider.entityId,
    signingCertificates: [identityProvider.certificate],
    singleLogoutServices: services,
  }
  const event = { id: served.deps.newId(), at: new Date(), actor: 'test', action: 'x', target: 'x', detail: {} }
  await served.directory.updateConnection({ ...connection, identityProvider: changed }, event)
  await served.deps.catalog.reload()
  const addresses = serviceAddresses(connection, publicUrl)
  return {
    ...served,
    addresses,
    async enter(nameId, sessionIndex, nameIdFormat) {
      const person = {
        nameId,
        attributes: { uid: nameIdFormat ? 'by-mail' : nameId, cn: nameId, mail: `${nameId}@a.example` },
      }
      const issued = identityProvider.issueResponse({
        serviceProvider: addresses,
        person: { ...person, ...(nameIdFormat && { nameIdFormat }) },
        sessionIndex,
      })
      const answer = await served.post('/sso/a/acs', { SAMLResponse: issued.samlResponse })
      assert.equal(answer.status, 303, answer.text)
      return answer.setCookies[0]?.split(';')[0] ?? ''
    },
    isSignedIn: async (cookie) => (await served.ask('/account', { headers: { cookie } })).status === 200,
    request: (nameId, more) => identityProvider.issueLogoutRequest({ serviceProvider: addresses, nameId, ...more }),
  }
}

/** The message in a redirect, as XML. */
function messageIn(location: unknown, name: 'SAMLRequest' | 'SAMLResponse'): string {
  const value = new URL(String(location)).searchParams.get(name) ?? ''
  return inflateRawSync(Buffer.from(value, 'base64')).toString()
}

test('a request of the identity provider ends the session it names, without any cookie, and is answered', async (t) => {
  const house = await open(t)
  const [one, two] = [await house.enter('nina', 'one'), await house.enter('nina', 'two')]
  const other = await house.enter('otto', 'one')
  const issued = house.request('nina', { sessionIndexes: ['one'] })
  const answer = await house.ask(`/sso/a/logout?${issued.redirectQuery('their state')}`)
  assert.equal(answer.status, 303, answer.text)
  assert.deepEqual(answer.setCookies, [])
  const location = new URL(String(answer.headers.location))
  assert.equal(`${location.origin}${location.pathname}`, 'https://idp.example/slo')
  assert.equal(location.searchParams.get('tenant'), '1')
  assert.equal(location.searchParams.get('RelayState'), 'their state')
  assert.ok(location.searchParams.get('Signature'))
  const xml = messageIn(location, 'SAMLResponse')
  assert.match(xml, new RegExp(`<samlp:LogoutResponse .*InResponseTo="${issued.id}"`))
  assert.match(xml, /StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"><\/samlp:StatusCode>/)
  assert.deepEqual(await Promise.all([one, two, other].map(house.isSignedIn)), [false, true, true])
})

test('a request without SessionIndex ends every session of the NameID; an e-mail address is compared in normal form', async (t) => {
  const house = await open(t)
  const cookies = [await house.enter('Nina', 'one', emailAddress), await house.enter('nina', 'two', emailAddress)]
  const persistent = await house.enter('NINA', 'three')
  const issued = house.request('NINA', { nameIdFormat: emailAddress })
  assert.equal((await house.ask(`/sso/a/logout?${issued.redirectQuery()}`)).status, 303)
  assert.deepEqual(await Promise.all([...cookies, persistent].map(house.isSignedIn)), [false, false, true])
})

test('a posted request is answered by a form that submits itself, and that the identity provider may frame', async (t) => {
  const house = await open(t)
  const cookie = await house.enter('nina', 'one')
  const answer = await house.post('/sso/a/logout', house.request('nina').postFields('<their state>'))
  assert.equal(answer.status, 200, answer.text)
  assert.match(answer.text, /action="https:\/\/idp\.example\/slo\/done"/)
  assert.match(answer.text, /name="SAMLResponse"/)
  assert.match(answer.text, /name="RelayState" value="&lt;their state&gt;"/)
  assert.match(String(answer.headers['content-security-policy']), /frame-ancestors https:\/\/idp\.example$/)
  assert.equal(answer.headers['x-frame-options'], undefined)
  assert.equal(await house.isSignedIn(cookie), false)
})

test('somebody unknown is said to be unknown; somebody whose session has ended already is signed out', async (t) => {
  const house = await open(t)
  await house.enter('nina', 'one')
  const answerTo = async (nameId: string) => {
    const { headers } = await house.ask(`/sso/a/logout?${house.request(nameId).redirectQuery()}`)
    return [...messageIn(headers.location, 'SAMLResponse').matchAll(/status:(\w+)/g)].map(([, code]) => code)
  }
  assert.deepEqual(await answerTo('nina'), ['Success'])
  assert.deepEqual(await answerTo('nina'), ['Success'])
  assert.deepEqual(await answerTo('stranger'), ['Requester', 'UnknownPrincipal'])
})

test('a request that is used again is refused and ends nothing', async (t) => {
  const house = await open(t)
  const query = house.request('nina').redirectQuery()
  assert.equal((await house.ask(`/sso/a/logout?${query}`)).status, 303)
  const cookie = await house.enter('nina', 'later')
  const again = await house.ask(`/sso/a/logout?${query}`, { accept: 'application/json' })
  assert.equal(again.status, 403)
  assert.equal(JSON.parse(again.text).error, 'logout_request_replayed')
  assert.ok(await house.isSignedIn(cookie))
})

test('a request that is not signed, or for another connection, ends nothing', async (t) => {
  const house = await open(t)
  const cookie = await house.enter('nina', 'one')
  await house.addConnection('company-a', 'b')
  const query = house.request('nina').redirectQuery()
  const codeOf = async (path: string) => JSON.parse((await house.ask(path, { accept: 'application/json' })).text).error
  assert.equal(await codeOf(`/sso/a/logout?${query.split('&')[0]}`), 'saml_signature_missing')
  assert.equal(await codeOf(`/sso/b/logout?${query}`), 'saml_signature_invalid')
  assert.equal(await codeOf(`/sso/a/logout?${query}&RelayState=`), 'saml_signature_invalid')
  assert.equal(await codeOf('/sso/a/logout'), 'saml_logout_parameters_invalid')
  assert.equal(await codeOf(`/sso/none/logout?${query}`), 'connection_not_found')
  assert.ok(await house.isSignedIn(cookie))
  const page = await house.ask(`/sso/a/logout?${query.split('&')[0]}`)
  assert.match(page.text, /<h1>Signing out did not work everywhere<\/h1>/)
})

test('signing out here goes on to the identity provider, which is told whom it is about', async (t) => {
  const house = await open(t)
  const cookie = await house.enter('nina & co', 'one')
  const answer = await house.ask('/logout', { headers: { cookie } })
  assert.equal(answer.status, 303)
  assert.match(answer.setCookies.join(), /^__Host-latchkey=; .*Max-Age=0/)
  assert.equal(await house.isSignedIn(cookie), false)
  const xml = messageIn(answer.headers.location, 'SAMLRequest')
  assert.match(xml, /<samlp:LogoutRequest .*Destination="https:\/\/idp\.example\/slo\?tenant=1"/)
  assert.match(xml, /Format="[^"]*:persistent">nina &amp; co<\/saml:NameID><samlp:SessionIndex>one</)

  const id = / ID="([^"]+)"/.exec(xml)?.[1] ?? ''
  const pageBefore = await house.ask(`/signed-out?request=${id}`)
  assert.match(pageBefore.text, /has not answered/)
  const issued = identityProvider.issueLogoutResponse({ serviceProvider: house.addresses, inResponseTo: id })
  const finished = await house.ask(`/sso/a/logout?${issued.redirectQuery()}`)
  assert.equal(finished.headers.location, `${publicUrl}/signed-out?request=${id}`)
  const page = await house.ask(`/signed-out?request=${id}`)
  assert.match(page.text, /Your session here has ended, and so has the one at Company A\./)
  const again = await house.ask(`/sso/a/logout?${issued.redirectQuery()}`, { accept: 'application/json' })
  assert.equal(JSON.parse(again.text).error, 'logout_request_unknown')
})

for (const { status, says } of [
  { status: ['Success', 'PartialLogout'], says: /could not reach every other service/ },
  { status: ['Responder'], says: /answered that it did not sign you out/ },
]) {
  test(`the page says so when the identity provider answers ${status.join(' > ')}, and leads on from there`, async (t) => {
    const house = await open(t, [post])
    const cookie = await house.enter('nina', 'one')
    const returnTo = `${publicUrl}/account`
    const begun = await house.ask(`/logout?return_to=${encodeURIComponent(returnTo)}`, { headers: { cookie } })
    assert.equal(begun.status, 200)
    assert.match(begun.text, /<form method="post" action="https:\/\/idp\.example\/slo">/)
    assert.equal(begun.headers['x-frame-options'], 'DENY')
    const sent = Buffer.from(/name="SAMLRequest" value="([^"]+)"/.exec(begun.text)?.[1] ?? '', 'base64').toString()
    assert.match(sent, /<ds:SignatureValue>/)
    const inResponseTo = / ID="([^"]+)"/.exec(sent)?.[1] ?? ''
    const issued = identityProvider.issueLogoutResponse({ serviceProvider: house.addresses, inResponseTo, status })
    const finished = await house.post('/sso/a/logout', issued.postFields())
    assert.equal(finished.headers.location, `${publicUrl}/signed-out?request=${inResponseTo}`)
    const page = await house.ask(`/signed-out?request=${inResponseTo}`)
    assert.match(page.text, says)
    assert.match(page.text, new RegExp(`<a class="button" href="${returnTo}">Continue</a>`))
  })
}

test('after a complete sign-out the person goes where they wanted', async (t) => {
  const house = await open(t)
  const cookie = await house.enter('nina', 'one')
  const returnTo = `${publicUrl}/account`
  const begun = await house.ask(`/logout?return_to=${encodeURIComponent(returnTo)}`, { headers: { cookie } })
  const inResponseTo = / ID="([^"]+)"/.exec(messageIn(begun.headers.location, 'SAMLRequest'))?.[1] ?? ''
  const issued = identityProvider.issueLogoutResponse({ serviceProvider: house.addresses, inResponseTo })
  const finished = await house.ask(`/sso/a/logout?${issued.redirectQuery()}`)
  assert.equal(finished.headers.location, returnTo)
})

test('an e-mail address as NameID is told to the identity provider as it arrived, and compared in normal form', async (t) => {
  const house = await open(t)
  const cookie = await house.enter(' Nina.New@A.example', 'one', emailAddress)
  const other = await house.enter('nina.new@a.example', 'two', emailAddress)
  const { headers } = await house.ask('/logout', { headers: { cookie } })
  const xml = messageIn(headers.location, 'SAMLRequest')
  const [, sent] = /:emailAddress">([^<]*)<\/saml:NameID>/.exec(xml) ?? []
  assert.equal(sent, ' Nina.New@A.example')
  const issued = house.request('NINA.NEW@a.example', { nameIdFormat: emailAddress })
  assert.equal((await house.ask(`/sso/a/logout?${issued.redirectQuery()}`)).status, 303)
  assert.equal(await house.isSignedIn(other), false)
})

test('the person is told that the identity provider is not asked: no endpoint, or not wanted', async (t) => {
  for (const house of [await open(t, []), await open(t, [redirect], { singleLogout: false })]) {
    const cookie = await house.enter('nina', 'one')
    const answer = await house.ask('/logout', { headers: { cookie } })
    assert.match(String(answer.headers.location), /\/signed-out\?request=_[0-9a-f]{40}$/)
    assert.equal(await house.isSignedIn(cookie), false)
    const page = await house.ask(String(answer.headers.location).slice(publicUrl.length))
    assert.match(page.text, /Signing out here does not sign you out at Company A\./)
  }
})

test('an identity provider without an endpoint for answers is obeyed all the same', async (t) => {
  const house = await open(t, [], { singleLogout: false })
  const cookie = await house.enter('nina', 'one')
  const answer = await house.ask(`/sso/a/logout?${house.request('nina').redirectQuery()}`)
  assert.equal(answer.status, 200)
  assert.equal(await house.isSignedIn(cookie), false)
})

test('our metadata publishes where logout messages go', async (t) => {
  const { text } = await (await open(t)).ask('/sso/a/metadata')
  const services = [...text.matchAll(/<md:SingleLogoutService Binding="[^"]*:([^":]+)" Location="([^"]+)"/g)]
  const logoutUrl = `${publicUrl}/sso/a/logout`
  assert.deepEqual(
    services.map(([, binding, location]) => [binding, location]),
    [
      ['HTTP-Redirect', logoutUrl],
      ['HTTP-POST', logoutUrl],
    ],
  )
})
