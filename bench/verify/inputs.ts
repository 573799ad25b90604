import type { TestIdentityProvider } from '../../src/test-identity-provider/identity-provider.ts'
import type { SignedPart } from '../../src/test-identity-provider/response.ts'
import { type DecryptionKey, issueResponse } from '../response.ts'

/** One response, and what its readers have to know beforehand. Plain enough to be handed to another process as JSON. */
export interface VerifyInput {
  readonly name: string
  readonly sign: SignedPart
  readonly samlResponse: string
  readonly provider: Pick<TestIdentityProvider, 'entityId' | 'baseUrl' | 'certificate'>
  /** Ours, in PEM. */
  readonly decryptionKey: string
  readonly isEncrypted: boolean
  /** How many it has. */
  readonly attributes: number
}

interface Shape {
  readonly sign: SignedPart
  readonly groups: number
  readonly isEncrypted?: boolean
}

const shapes = {
  'response signed, 20 groups': { sign: 'response', groups: 20 },
  'assertion signed, 20 groups': { sign: 'assertion', groups: 20 },
  'both signed, 20 groups': { sign: 'both', groups: 20 },
  'assertion signed, then encrypted, 20 groups': { sign: 'assertion', groups: 20, isEncrypted: true },
  'response signed, 150 groups': { sign: 'response', groups: 150 },
} as const satisfies Readonly<Record<string, Shape>>

export type InputName = keyof typeof shapes
export const inputNames = Object.keys(shapes) as readonly InputName[]

export function makeInput(name: InputName, provider: TestIdentityProvider, ownKey: DecryptionKey): VerifyInput {
  const { sign, groups, isEncrypted = false }: Shape = shapes[name]
  const samlResponse = issueResponse(provider, { sign, groups, ...(isEncrypted && { encryptFor: ownKey }) })
  return { ...describe(provider, ownKey), name, sign, samlResponse, isEncrypted, attributes: 10 }
}

/** What an input says of both sides. */
export function describe({ entityId, baseUrl, certificate }: TestIdentityProvider, { privateKey }: DecryptionKey) {
  const decryptionKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { provider: { entityId, baseUrl, certificate }, decryptionKey }
}

export function kilobytes({ samlResponse }: VerifyInput): string {
  return `${(Buffer.from(samlResponse, 'base64').length / 1000).toFixed(1)} KB`
}
