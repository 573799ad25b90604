import type { Identity } from './identity.ts'
import { encodeHeaderList, encodeHeaderValue } from './percent-encode.ts'

/**
 * The headers that tell an application who is coming, and the rule by which a client can send none of them.
 */

export const assertionHeader = 'X-Latchkey-Assertion'

/**
 * Names and values, in the flat form of `rawHeaders`. What the account does not have is left out, never sent empty; a list
 * that is too long is left out and named in `X-Latchkey-Omitted`.
 *
 * Throws `header_value_invalid`.
 */
export function identityHeaders(identity: Identity, assertion: string): string[] {
  const headers = ['Remote-User', encodeHeaderValue(identity.remoteUser, 'Remote-User')]
  const add = (name: string, encoded: string | undefined) => {
    if (encoded) headers.push(name, encoded)
  }
  add('Remote-Email', identity.email && encodeHeaderValue(identity.email, 'Remote-Email'))
  add('Remote-Name', identity.name && encodeHeaderValue(identity.name, 'Remote-Name'))
  add('Remote-Groups', identity.groups && encodeHeaderList(identity.groups, 'Remote-Groups'))
  add('Remote-Roles', identity.roles && encodeHeaderList(identity.roles, 'Remote-Roles'))
  add('X-Latchkey-Omitted', omittedLists(identity).join(','))
  add(assertionHeader, assertion)
  return headers
}

/** `groups`, `roles`: the lists that were too long to pass on. */
export function omittedLists({ groups, roles }: Pick<Identity, 'groups' | 'roles'>): readonly string[] {
  return [...(groups === undefined ? ['groups'] : []), ...(roles === undefined ? ['roles'] : [])]
}

/**
 * Whether a header could be taken for a statement of ours. Applications see headers as CGI variables, in which every sign
 * but letters and digits becomes `_`, so `Remote-User`, `remote_user` and `Remote.User` are one.
 */
export function isControlledHeader(name: string): boolean {
  const folded = foldHeaderName(name)
  return controlledNames.has(folded) || controlledPrefixes.some((prefix) => folded.startsWith(prefix))
}

/** One spelling for all header names that some application takes for the same. */
export function foldHeaderName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-')
}

const controlledPrefixes = [
  'remote-',
  'x-remote-',
  'x-latchkey-',
  // Identity and origin of a request as other proxies state them; of these we send only what we know ourselves.
  'x-forwarded-',
  'x-auth-request-',
  'x-webauth-',
  'x-authentik-',
  'x-pomerium-',
]

const controlledNames = new Set([
  'forwarded',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'x-cluster-client-ip',
  // Some frameworks take the path from here and not from the request line that the policy has judged.
  'x-original-url',
  'x-rewrite-url',
  // Becomes HTTP_PROXY in CGI.
  'proxy',
])
