import type { TestIdentityProvider } from '../../src/test-identity-provider/identity-provider.ts'
import type { SignedPart } from '../../src/test-identity-provider/response.ts'
import { type DecryptionKey, issueResponse } from '../response.ts'

/** One response, and what its readers have to know beforehand. */
export interface VerifyInput {
  readonly name: string
  readonly sign: SignedPart
  readonly samlResponse: string
  readonly provider: TestIdentityProvider
  readonly decryptionKey: DecryptionKey
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

export function makeInput(name: InputName, provider: TestIdentityProvider, decryptionKey: DecryptionKey): VerifyInput {
  const { sign, groups, isEncrypted = false }: Shape = shapes[name]
  const encryptFor = isEncrypted ? decryptionKey : undefined
  const samlResponse = issueResponse(provider, { sign, groups, ...(encryptFor && { encryptFor }) })
  return { name, sign, samlResponse, provider, decryptionKey, isEncrypted, attributes: 10 }
}

export function kilobytes({ samlResponse }: VerifyInput): string {
  return `${(Buffer.from(samlResponse, 'base64').length / 1000).toFixed(1)} KB`
}
