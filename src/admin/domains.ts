import { z } from 'zod'
import { challengeOf, type VerifiedDomain } from '../directory/verified-domain.ts'
import { isLatchkeyError, LatchkeyError } from '../errors.ts'
import { type Administration, auditEvent } from './administration.ts'
import { chooseOrganization } from './organizations.ts'
import { nameInput, parseInput } from './parse-input.ts'

/**
 * Domains that organizations prove to own by a TXT record. Only they let a sign-in be linked to an account by its e-mail
 * address. Looked at again every day: a domain whose record is gone proves nothing any more.
 */

/** Gives the texts of the TXT records of this name, none when there is no such name. Throws when DNS does not answer. */
export type ResolveTxt = (name: string) => Promise<readonly string[]>

const domainText = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'expected a domain like company-a.example, other letters in Punycode (xn--…), without a dot at the end',
  )

export const domainInput = z.strictObject({ organization: nameInput.optional(), domain: domainText })
export const listDomainsInput = z.strictObject({ organization: nameInput.optional() })

export interface ShownDomain extends VerifiedDomain {
  /** The record to be made. */
  readonly challenge: { readonly name: string; readonly value: string }
}

type Input = z.input<typeof domainInput>

/** Begins the proof; again gives the same challenge. Throws `organization_not_found`. */
export async function addDomain(input: Input, deps: Administration): Promise<ShownDomain> {
  const { organizationId, domain } = await readInput(input, deps)
  const token = deps.randomBytes(24).toString('base64url')
  const event = auditEvent(deps, 'domain.added', `domain:${domain}`)
  await deps.directory.addDomain({ organizationId, domain, token, createdAt: deps.now() }, event)
  return getDomain({ organizationId, domain }, deps)
}

/** Throws `organization_not_found`. */
export async function listDomains(
  input: z.input<typeof listDomainsInput>,
  deps: Administration,
): Promise<readonly ShownDomain[]> {
  const { organization } = parseInput(listDomainsInput, input)
  const { id } = await chooseOrganization(organization, deps.directory)
  return (await deps.directory.listDomains(id)).map(shown)
}

/** Looks the record up now. Throws `domain_not_found`, `domain_not_verified`, `domain_taken`, `dns_unavailable`. */
export async function verifyDomain(input: Input, deps: Administration): Promise<ShownDomain> {
  const known = await getDomain(await readInput(input, deps), deps)
  if (await checkDomain(known, deps)) return getDomain(known, deps)
  throw new LatchkeyError('domain_not_verified', {
    check: 'TXT record',
    wanted: known.challenge.value,
    arrived: 'no such record',
    at: known.challenge.name,
    advice: 'A new record takes minutes to hours to be seen everywhere.',
  })
}

/** Throws `domain_not_found`. */
export async function removeDomain(input: Input, deps: Administration): Promise<{ readonly domain: string }> {
  const which = await readInput(input, deps)
  await deps.directory.removeDomain(which, auditEvent(deps, 'domain.removed', `domain:${which.domain}`))
  return { domain: which.domain }
}

/** Looks again at every proved domain that nobody has looked at for a day. Gives those that were lost. */
export async function recheckDomains(deps: Administration): Promise<readonly VerifiedDomain[]> {
  const lost: VerifiedDomain[] = []
  const dayAgo = new Date(deps.now().getTime() - 86_400_000)
  for (const known of await deps.directory.listDomains()) {
    if (known.verifiedAt === undefined || (known.checkedAt !== undefined && known.checkedAt > dayAgo)) continue
    if (!(await stillStands(known, deps))) lost.push(known)
  }
  return lost
}

/** A domain that cannot be looked up at this moment stays what it was. */
async function stillStands(known: VerifiedDomain, deps: Administration): Promise<boolean> {
  try {
    return await checkDomain(known, deps)
  } catch (error) {
    if (isLatchkeyError(error, 'dns_unavailable')) return true
    throw error
  }
}

/** Whether the record stands; written down with the time. */
async function checkDomain(known: VerifiedDomain, deps: Administration): Promise<boolean> {
  const { name, value } = challengeOf(known)
  const stands = (await lookUp(name, deps)).includes(value)
  const wasVerified = known.verifiedAt !== undefined
  const action = stands ? 'domain.verified' : 'domain.lost'
  const event = stands === wasVerified ? undefined : auditEvent(deps, action, `domain:${known.domain}`)
  const { organizationId, domain } = known
  const verified = stands ? { verifiedAt: known.verifiedAt ?? deps.now() } : {}
  await deps.directory.checkedDomain({ organizationId, domain, ...verified, checkedAt: deps.now() }, event)
  return stands
}

async function lookUp(name: string, { resolveTxt }: Administration): Promise<readonly string[]> {
  try {
    return await resolveTxt(name)
  } catch (cause) {
    throw new LatchkeyError('dns_unavailable', { check: 'TXT record', at: name }, { cause })
  }
}

async function readInput(input: Input, deps: Administration) {
  const { organization, domain } = parseInput(domainInput, input)
  const { id } = await chooseOrganization(organization, deps.directory)
  return { organizationId: id, domain }
}

async function getDomain(
  { organizationId, domain }: Pick<VerifiedDomain, 'organizationId' | 'domain'>,
  { directory }: Administration,
): Promise<ShownDomain> {
  const found = (await directory.listDomains(organizationId)).find((known) => known.domain === domain)
  if (found !== undefined) return shown(found)
  throw new LatchkeyError('domain_not_found', {
    check: 'domain',
    arrived: domain,
    at: `organization:${organizationId}`,
  })
}

function shown(domain: VerifiedDomain): ShownDomain {
  return { ...domain, challenge: challengeOf(domain) }
}
