import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/**
 * A passkey made of software, which answers as a browser with an authenticator would: ES256, no attestation. Web Authentication
 * Level 3, 6.1, 6.5.
 */
export interface Authenticator {
  readonly credentialId: string
  /** The answer to `navigator.credentials.create()`, as our page sends it. */
  create(wish: Wish): string
  /** The answer to `navigator.credentials.get()`; counts on by one unless told otherwise. */
  get(wish: Wish): string
}

export interface Wish {
  /** base64url, as it stands in the page. */
  readonly challenge: string
  readonly origin: string
  /** Default: the host name of the origin. */
  readonly rpId?: string
  /** Default: this account's. */
  readonly userHandle?: string
  readonly isUserVerified?: boolean
  readonly counter?: number
}

const flags = { userPresent: 0x01, userVerified: 0x04, attestedData: 0x40 }

export function createAuthenticator(accountId: string): Authenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(16)
  const credentialId = id.toString('base64url')
  let counter = 0

  function authenticatorData(wish: Wish, more: number): Buffer {
    counter = wish.counter ?? counter + 1
    const bits = flags.userPresent | more | (wish.isUserVerified === false ? 0 : flags.userVerified)
    const counted = Buffer.alloc(4)
    counted.writeUInt32BE(counter)
    return Buffer.concat([sha256(wish.rpId ?? new URL(wish.origin).hostname), Buffer.from([bits]), counted])
  }

  const common = { id: credentialId, rawId: credentialId, type: 'public-key' }
  return {
    credentialId,
    create(wish) {
      const length = Buffer.alloc(2)
      length.writeUInt16BE(id.length)
      const attested = Buffer.concat([Buffer.alloc(16), length, id, coseKey(publicKey)])
      const data = Buffer.concat([authenticatorData(wish, flags.attestedData), attested])
      const object = Buffer.concat([
        Buffer.from([0xa3]),
        ...[cborText('fmt'), cborText('none')],
        ...[cborText('attStmt'), Buffer.from([0xa0])],
        ...[cborText('authData'), cborBytes(data)],
      ])
      const response = { clientDataJSON: clientData('webauthn.create', wish), attestationObject: text(object) }
      return JSON.stringify({ ...common, response })
    },
    get(wish) {
      const data = authenticatorData(wish, 0)
      const clientDataJSON = clientData('webauthn.get', wish)
      const signed = Buffer.concat([data, sha256(Buffer.from(clientDataJSON, 'base64url'))])
      const response = {
        clientDataJSON,
        authenticatorData: text(data),
        signature: text(sign('sha256', signed, privateKey)),
        userHandle: text(Buffer.from(wish.userHandle ?? accountId)),
      }
      return JSON.stringify({ ...common, response })
    },
  }
}

function clientData(type: string, { challenge, origin }: Wish): string {
  return text(Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false })))
}

/** EC2, ES256, P-256. RFC 9053 7.1. */
function coseKey(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const [left, right] = [Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]
  const head = Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01])
  return Buffer.concat([head, Buffer.from([0x21]), cborBytes(left), Buffer.from([0x22]), cborBytes(right)])
}

function cborText(value: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)])
}

/** From 24 to 255 bytes. RFC 8949 3.1, in the shortest form. */
function cborBytes(value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x58, value.length]), value])
}

function sha256(value: string | Buffer): Buffer {
  return createHash('sha256').update(value).digest()
}

function text(value: Buffer): string {
  return value.toString('base64url')
}
