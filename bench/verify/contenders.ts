import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import saml20 from '@boxyhq/saml20'
import { SAML } from '@node-saml/node-saml'
import samlify from 'samlify'
import { decodeResponse, verifyResponse } from '../../src/saml/index.ts'
import { requestId, serviceProvider, trustIn } from '../response.ts'
import type { VerifyInput } from './inputs.ts'

/** One validation by each, from the form field to the content. Each throws when it did not accept, or read nothing. */
export type Validate = () => void | Promise<void>

export function ours({ provider, decryptionKey, samlResponse, attributes }: VerifyInput): Validate {
  const trust = trustIn(provider, createPrivateKey(decryptionKey))
  return () => {
    const assertion = verifyResponse(decodeResponse(samlResponse), trust, new Date())
    if (assertion.inResponseTo !== requestId || assertion.attributes.length !== attributes)
      throw new Error('read wrongly')
  }
}

export function nodeSaml({ provider, sign, decryptionKey, samlResponse, isEncrypted }: VerifyInput): Validate {
  const saml = new SAML({
    idpCert: provider.certificate,
    issuer: serviceProvider.entityId,
    callbackUrl: serviceProvider.acsUrl,
    audience: serviceProvider.entityId,
    idpIssuer: provider.entityId,
    wantAuthnResponseSigned: sign !== 'assertion',
    wantAssertionsSigned: sign !== 'response',
    ...(isEncrypted && { decryptionPvk: decryptionKey }),
  })
  return async () => {
    const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: samlResponse })
    if (profile === null) throw new Error('node-saml read nothing')
  }
}

/** Without schema validation, which it leaves to its user. */
export function samlifyParse({ provider, sign, decryptionKey, samlResponse, isEncrypted }: VerifyInput): Validate {
  samlify.setSchemaValidator({ validate: async () => 'skipped' })
  const { redirect, post } = samlify.Constants.namespace.binding
  const endpoint = (Binding: string, Location: string) => [{ Binding, Location }]
  const sp = samlify.ServiceProvider({
    entityID: serviceProvider.entityId,
    assertionConsumerService: endpoint(post, serviceProvider.acsUrl),
    singleLogoutService: endpoint(redirect, serviceProvider.acsUrl),
    wantMessageSigned: sign !== 'assertion',
    ...(isEncrypted && { encPrivateKey: decryptionKey }),
  })
  const idp = samlify.IdentityProvider({
    entityID: provider.entityId,
    signingCert: provider.certificate,
    isAssertionEncrypted: isEncrypted,
    singleSignOnService: endpoint(post, `${provider.baseUrl}/sso`),
    singleLogoutService: endpoint(redirect, `${provider.baseUrl}/logout`),
  })
  return async () => {
    const { extract } = await sp.parseLoginResponse(idp, 'post', { body: { SAMLResponse: samlResponse } })
    if (Object.keys(extract.attributes ?? {}).length !== 10) throw new Error('samlify read wrongly')
  }
}

export function boxyhqSaml20({ provider, decryptionKey, samlResponse, isEncrypted }: VerifyInput): Validate {
  const options = {
    publicKey: provider.certificate,
    audience: serviceProvider.entityId,
    inResponseTo: requestId,
    ...(isEncrypted && { privateKey: decryptionKey }),
  }
  return async () => {
    const { claims } = await saml20.default.validate(Buffer.from(samlResponse, 'base64').toString(), options)
    if (Object.keys(claims).length < 10) throw new Error('saml20 read wrongly')
  }
}

/** What nobody can do without: one verification with a key that is loaded already, over as many bytes as a SignedInfo has. */
export function bareRsa({ decryptionKey }: VerifyInput): Validate {
  const key = createPublicKey(decryptionKey)
  const bytes = Buffer.alloc(600, 'x')
  const signature = sign('sha256', bytes, decryptionKey)
  return () => {
    if (!verify('sha256', bytes, key, signature)) throw new Error('not verified')
  }
}

/** By the name they are printed with. */
export const contenders = {
  'bare RSA-2048 verification': bareRsa,
  latchkey: ours,
  '@boxyhq/saml20': boxyhqSaml20,
  samlify: samlifyParse,
  '@node-saml/node-saml': nodeSaml,
} as const satisfies Readonly<Record<string, (input: VerifyInput) => Validate>>

export type ContenderName = keyof typeof contenders
