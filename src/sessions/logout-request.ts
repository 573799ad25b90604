import type { NewLogoutRequest } from '../directory/logout.ts'

/** How long the identity provider may take to answer, and our own page can say what it answered. */
const logoutRequestSeconds = 600

/** What is kept of a session that ends: an unguessable ID, which is also that of the LogoutRequest (an xs:ID). */
export function newLogoutRequest(
  { now, randomBytes }: { readonly now: Date; readonly randomBytes: (length: number) => Buffer },
  returnTo?: string,
): NewLogoutRequest {
  return {
    id: `_${randomBytes(20).toString('hex')}`,
    ...(returnTo === undefined ? {} : { returnTo }),
    createdAt: now,
    expiresAt: new Date(now.getTime() + logoutRequestSeconds * 1000),
  }
}

/** Whether this could be an ID of ours: no shape, no query. */
export function isLogoutRequestId(text: string): boolean {
  return /^_[0-9a-f]{40}$/.test(text)
}
