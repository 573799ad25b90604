import { X509Certificate } from 'node:crypto'
import type { Connection } from '../directory/connection.ts'
import type { ConnectionDirectory, ServiceKeyDirectory } from '../directory/directory.ts'
import type { ServiceKey } from '../directory/service-key.ts'
import { listKeys } from './keys.ts'

/**
 * What ends one day and must be renewed before: their signing certificates, their metadata, our own keys. Whatever has ended
 * is still accepted, because metadata is what makes a key trusted; but identity providers stop signing with it.
 */
export interface Expiry {
  readonly kind: 'signing-certificate' | 'metadata' | 'own-key'
  /** Absent for our own keys. */
  readonly connection?: string
  /** Which of our own keys. */
  readonly purpose?: ServiceKey['purpose']
  readonly endsAt: Date
}

/** Days before the end at which the tone gets sharper. */
export const expiryStages = [1, 7, 30, 90] as const

/** The sharpest stage that has been reached; undefined while more than 90 days are left. */
export function stageOf(daysLeft: number): (typeof expiryStages)[number] | undefined {
  return expiryStages.find((stage) => daysLeft <= stage)
}

/** Whole days, rounded down; negative once it has ended. */
export function daysLeft(endsAt: Date, now: Date): number {
  return Math.floor((endsAt.getTime() - now.getTime()) / 86_400_000)
}

/** Of several certificates the one that ends last counts: while it lasts, a rollover is under way and all is well. */
export async function listExpiries(
  directory: Pick<ConnectionDirectory, 'listConnections'> & ServiceKeyDirectory,
): Promise<readonly Expiry[]> {
  const connections = (await directory.listConnections()).flatMap(expiriesOf)
  const keys = await listKeys({}, { directory })
  const own = keys.flatMap(({ state, purpose, endsAt }) =>
    endsAt === undefined || state !== 'current' ? [] : [{ kind: 'own-key' as const, purpose, endsAt }],
  )
  return [...connections, ...own]
}

function expiriesOf({ id, identityProvider }: Connection): readonly Expiry[] {
  const ends = identityProvider.signingCertificates.map((text) => certificateEnd(text).getTime())
  const { validUntil } = identityProvider
  return [
    { kind: 'signing-certificate', connection: id, endsAt: new Date(Math.max(...ends)) },
    ...(validUntil === undefined ? [] : [{ kind: 'metadata' as const, connection: id, endsAt: validUntil }]),
  ]
}

function certificateEnd(base64: string): Date {
  return new Date(new X509Certificate(Buffer.from(base64, 'base64')).validTo)
}
