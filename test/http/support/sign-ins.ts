import assert from 'node:assert/strict'
import { inflateRawSync } from 'node:zlib'
import type { ConnectionSettingsInput } from '../../../src/directory/connection.ts'
import { serviceAddresses } from '../../../src/directory/service-addresses.ts'
import {
  createTestIdentityProvider,
  type IssuedPerson,
  type IssueOptions,
  type TestIdentityProvider,
} from '../../../src/test-identity-provider/identity-provider.ts'
import { newEvent } from '../../store/samples.ts'
import { redirectOf } from './assert-answer.ts'
import { type Answer, publicUrl, type Served } from './serve.ts'

/** A sign-in that was begun: the request's ID, the Cookie header of the browser, and what was asked for. */
export interface Login {
  readonly id: string
  readonly cookie: string
  readonly forceAuthn: boolean
}

/** Kept for all tests of a file: making keys takes longer than most of them. */
const providers: Record<string, TestIdentityProvider> = {}

/** People who really sign in over connections of one organization, `company-a`, each to an identity provider of its own. */
export async function openSignIns(served: Served) {
  await served.addOrganization('company-a', 'Company A')
  const issue = (over: string, person: IssuedPerson, more: Partial<IssueOptions>) =>
    providers[over]?.issueResponse({ serviceProvider: serviceAddresses({ id: over }, publicUrl), person, ...more })
      .samlResponse ?? ''
  return {
    async add(id: string, name: string, settings: ConnectionSettingsInput) {
      const idp = providers[id] ?? (await createTestIdentityProvider({ baseUrl: `https://${id}.example` }))
      providers[id] = idp
      const added = await served.addConnection('company-a', id, { name, settings })
      const { entityId, certificate } = idp
      const identityProvider = { ...added.identityProvider, entityId, signingCertificates: [certificate] }
      await served.directory.updateConnection({ ...added, identityProvider }, newEvent())
    },
    /** Begins a sign-in in a browser of its own. */
    login: async (over: string) => readLogin(await served.ask(`/sso/${over}/login`)),
    /** What the identity provider says, posted by the browser that began; unasked without an ID. */
    respond(
      over: string,
      person: IssuedPerson,
      { id, cookie = '' }: Partial<Login> = {},
      more: Partial<IssueOptions> = {},
      accept = 'text/html',
    ) {
      const SAMLResponse = issue(over, person, { ...(id === undefined ? {} : { inResponseTo: id }), ...more })
      return served.post(`/sso/${over}/acs`, { SAMLResponse }, { headers: { cookie }, accept })
    },
  }
}

/** What an answer sends to the identity provider. */
export function readLogin(answer: Answer, cookie?: string): Login {
  const message = redirectOf(answer).searchParams.get('SAMLRequest') ?? ''
  const xml = inflateRawSync(Buffer.from(message, 'base64')).toString()
  return {
    id: / ID="([^"]+)"/.exec(xml)?.[1] ?? '',
    cookie: cookie ?? cookieOf(answer),
    forceAuthn: xml.includes('ForceAuthn="true"'),
  }
}

/** The Cookie header that a browser would send after this answer. */
export function cookieOf({ setCookies }: Answer): string {
  return setCookies[0]?.split(';', 1)[0] ?? ''
}

export function assertLetIn(answer: Answer): void {
  assert.equal(redirectOf(answer).pathname, '/account')
  assert.match(answer.setCookies.join(), /^__Host-latchkey=/)
}
