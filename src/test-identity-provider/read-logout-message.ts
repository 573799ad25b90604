import { LatchkeyError } from '../errors.ts'
import { attributeOf, checkRedirectSignature, inflate, unescapeXml } from './read-authn-request.ts'

/** A LogoutRequest or LogoutResponse as the test identity provider needs it, as leniently as it reads an AuthnRequest. */
export type ReceivedLogoutMessage =
  | {
      readonly kind: 'request'
      readonly id: string
      readonly issuer: string
      readonly sessionIndex: string
      readonly relayState: string | undefined
    }
  | { readonly kind: 'response'; readonly issuer: string; readonly inResponseTo: string; readonly isSuccess: boolean }

/** `certificateOf` gives the certificate of a service provider: with one, a signature is wanted. Throws `request_invalid`. */
export function readLogoutRedirect(
  rawQuery: string,
  certificateOf: (issuer: string) => string | undefined,
): ReceivedLogoutMessage {
  const query = new URLSearchParams(rawQuery)
  const value = query.get('SAMLRequest') ?? query.get('SAMLResponse') ?? ''
  const received = readXml(inflate(Buffer.from(value, 'base64')), query.get('RelayState') ?? undefined)
  const certificate = certificateOf(received.issuer)
  if (certificate !== undefined) checkRedirectSignature(rawQuery, { certificate, isWanted: true })
  return received
}

/** A signature inside the XML is not judged. Throws `request_invalid`. */
export function readLogoutForm(form: Readonly<Record<string, string | undefined>>): ReceivedLogoutMessage {
  const value = form.SAMLRequest ?? form.SAMLResponse ?? ''
  return readXml(Buffer.from(value, 'base64').toString('utf8'), form.RelayState)
}

function readXml(xml: string, relayState: string | undefined): ReceivedLogoutMessage {
  const [, name, root = ''] =
    /^\s*(?:<\?xml[^>]*\?>\s*)?<(?:[\w.-]+:)?(LogoutRequest|LogoutResponse)(\s[^>]*)>/.exec(xml) ?? []
  if (xml.includes('<!') || name === undefined) {
    throw new LatchkeyError('request_invalid', { check: 'message', wanted: 'a LogoutRequest or a LogoutResponse' })
  }
  const issuer = textOf(xml, 'Issuer').trim()
  if (name === 'LogoutRequest') {
    const id = attributeOf(root, 'ID') ?? ''
    return { kind: 'request', id, issuer, sessionIndex: textOf(xml, 'SessionIndex'), relayState }
  }
  const inResponseTo = attributeOf(root, 'InResponseTo') ?? ''
  return { kind: 'response', issuer, inResponseTo, isSuccess: /StatusCode Value="[^"]*:Success"/.test(xml) }
}

function textOf(xml: string, name: string): string {
  return unescapeXml(new RegExp(`<(?:[\\w.-]+:)?${name}(?:\\s[^>]*)?>([^<]*)<`).exec(xml)?.[1] ?? '')
}
