import { z } from 'zod'
import {
  attributeNames,
  conditions,
  dateFormat,
  fieldMapping,
  fieldName,
  grantRules,
  timeZone,
  updatePolicy,
} from './mapping-settings.ts'
import { namePattern } from './organization.ts'
import type { OrganizationDeclarations } from './organization-declarations.ts'

/**
 * A connection: one organization uses one identity provider. `connectionSettings` is what an administrator writes;
 * `docs/configuration.md` is generated from the descriptions below.
 */

/** What becomes of roles that no longer arrive: kept, taken back where this connection granted them, or all taken. */
export const roleSync = z.enum(['addOnly', 'reconcileOwned', 'authoritative'])
export type RoleSync = z.infer<typeof roleSync>

const classRefs = z.array(z.string().min(1).max(512)).min(1).max(32)

/** How the person must sign in at the identity provider. */
const requestedAuthnContext = z
  .strictObject({
    classRefs: classRefs.describe('URIs of authentication context classes.'),
    comparison: z.enum(['exact', 'minimum', 'maximum', 'better']).default('exact'),
    order: classRefs
      .optional()
      .describe('Classes from the weakest to the strongest: what `minimum`, `maximum` and `better` are verified by.'),
  })
  .refine(
    ({ classRefs, comparison, order }) =>
      comparison === 'exact' || (order !== undefined && classRefs.every((classRef) => order.includes(classRef))),
    'expected an order that names every class of classRefs, for any comparison but exact',
  )
  .refine(({ order = [] }) => new Set(order).size === order.length, 'expected an order that names each class once')

export const connectionSettings = z.strictObject({
  samlEnabled: z.boolean().default(true).describe('Whether anybody may sign in over this connection.'),
  jitProvisioning: z.boolean().default(true).describe('Whether a first sign-in opens an account.'),
  newAccounts: z
    .enum(['active', 'pending'])
    .default('active')
    .describe(
      '`pending`: whoever arrives for the first time waits until an administrator approves. Accounts that exist are never made to wait.',
    ),
  approvalDays: z
    .int()
    .min(1)
    .max(365)
    .default(14)
    .describe('After how many days a request for approval lapses. The account goes with it.'),
  reinstateDeactivated: z
    .boolean()
    .default(false)
    .describe(
      'Whether a sign-in gives a deactivated account its access back. A suspended one stays suspended in any case.',
    ),
  linking: z
    .enum(['off', 'approval', 'verifiedDomain', 'proof'])
    .default('off')
    .describe(
      'What happens when somebody unknown arrives with the user name of an account: `off` refuses; `approval` refuses and tells the person that an administrator can connect the two (`latchkey account relink`); `verifiedDomain` connects them when their e-mail addresses agree and the organization has proved to own the domain; `proof` connects them when the person signs in over another connection by which the account is known already. An account that administers Latchkey is never connected by signing in.',
    ),
  idpManagedRoles: z
    .boolean()
    .default(true)
    .describe('Whether roles in the assertion are granted, and taken back when they no longer arrive.'),
  roleSync: roleSync
    .default('reconcileOwned')
    .describe(
      'What becomes of roles that no longer arrive, where roles are managed: `addOnly` keeps them, `reconcileOwned` takes back what this connection granted, `authoritative` takes back what anybody granted. Roles that administer Latchkey are never touched.',
    ),
  allowIdpInitiated: z.boolean().default(false).describe('Accepts a sign-in that begins at the identity provider.'),
  wantAssertionsSigned: z.boolean().default(false).describe('Refuses an assertion without a signature of its own.'),
  wantResponseSigned: z.boolean().default(false).describe('Refuses a response without a signature of its own.'),
  wantAssertionsEncrypted: z
    .boolean()
    .default(false)
    .describe('Refuses an assertion that is not encrypted. An encrypted one is opened in any case.'),
  dangerouslyAllowSha1: z
    .boolean()
    .default(false)
    .describe('Accepts signatures with SHA-1, which can be forged at a price. Only until the other side has changed.'),
  dangerouslyAllowWeakKeys: z
    .boolean()
    .default(false)
    .describe('Accepts signatures by RSA keys of 1024 to 2047 bits. Only until the other side has changed.'),
  signAuthnRequests: z
    .boolean()
    .optional()
    .describe('Signs our requests. Without it, done when the metadata asks for it.'),
  authnRequestBinding: z
    .enum(['redirect', 'post'])
    .optional()
    .describe('Binding of our requests. Without it, redirect where the metadata offers it.'),
  responseBinding: z
    .enum(['post', 'artifact'])
    .default('post')
    .describe(
      'How responses come: `post` in a form, through the browser; `artifact` by a name, for which we ask the identity provider ourselves (its metadata must list an ArtifactResolutionService). With `artifact`, one that is posted is accepted too.',
    ),
  nameIdFormat: z
    .string()
    .max(256)
    .optional()
    .describe(
      'NameID format to ask for (a URI); another one that comes back is refused, unless it asked for `…:unspecified`. Without it, none is asked for.',
    ),
  forceAuthn: z
    .boolean()
    .default(false)
    .describe(
      'Asks the identity provider to have people sign in anew each time, and refuses an answer that is older than the request.',
    ),
  requestedAuthnContext: requestedAuthnContext
    .optional()
    .describe(
      'How people must sign in at the identity provider: `classRefs`, `comparison` (`exact`, `minimum`, `maximum`, `better`), and `order`, from weakest to strongest, for all but `exact`. Any other way is refused. Without it, any.',
    ),
  singleLogout: z
    .boolean()
    .default(true)
    .describe(
      'Signs people out at the identity provider too when they sign out here. What the identity provider itself asks for is done in any case.',
    ),
  clockSkewSeconds: z.int().min(0).max(300).default(60).describe('How far the two clocks may differ, in seconds.'),
  maxUnsolicitedAgeSeconds: z
    .int()
    .min(1)
    .default(300)
    .describe(
      'Refuses a sign-in begun at the identity provider when its assertion was issued longer ago than this. Browsers bring one within seconds.',
    ),
  maxAuthnAgeSeconds: z
    .int()
    .min(1)
    .optional()
    .describe('Refuses when the person signed in at the identity provider longer ago than this. Without it, any age.'),
  subjectKey: z
    .union([
      z.literal('nameId'),
      z.strictObject({ attribute: z.string().min(1).max(512), ignoreCase: z.boolean().optional() }),
    ])
    .default('nameId')
    .describe(
      'What identifies the person for good: the NameID, or an attribute that never changes. `ignoreCase` is for e-mail addresses and names of users: other case and blanks around are the same person.',
    ),
  attributeMapping: z
    .record(fieldName, fieldMapping)
    .optional()
    .describe(
      'Account field → a rule that says where to read it, or several of which the first that gives a value wins; `false` does not read it. A standard field that is not named here is read from its usual names.',
    ),
  fieldUpdates: updatePolicy
    .default('everySignIn')
    .describe(
      'When a sign-in writes a field that arrived: `onCreate`, `everySignIn`, `ifEmpty` or `never`. A rule may say otherwise for its field (`update`). What somebody else wrote is never overwritten.',
    ),
  roleAttributes: attributeNames
    .optional()
    .describe('Attributes whose values name roles. Without it, the usual names; an empty list reads none.'),
  groupAttributes: attributeNames
    .optional()
    .describe('Attributes whose values name groups. Without it, the usual names; an empty list reads none.'),
  roleRules: grantRules
    .optional()
    .describe('Rules that make roles from anything that arrives, besides those of `roleAttributes`.'),
  groupRules: grantRules
    .optional()
    .describe('Rules that make groups from anything that arrives, besides those of `groupAttributes`.'),
  mappingModule: z
    .string()
    .regex(namePattern)
    .optional()
    .describe(
      "A function of the operator's own that maps besides the rules, by its name in the setting `mappingModules`. Fields that `attributeMapping` gives a value go before it, the usual names after it.",
    ),
  conditions: conditions
    .optional()
    .describe(
      'Conditions on whom the mapping found, before anything is written: the first that holds decides. When none does, the sign-in goes on.',
    ),
  rolePrefix: z.string().min(1).max(64).optional().describe('Put before each role name that arrives.'),
  groupPrefix: z.string().min(1).max(64).optional().describe('Put before each group name that arrives.'),
  grantableGroups: z
    .array(
      z
        .string()
        .min(1)
        .max(1024)
        .refine((name) => !name.slice(0, -1).includes('*'), 'expected a name, with * at its end only'),
    )
    .max(1000)
    .optional()
    .describe(
      'Groups that an assertion may give, with the prefix; `*` at the end of a name stands for any rest. Without it, all.',
    ),
  expiryAttributes: attributeNames
    .optional()
    .describe(
      'Attributes that say when the account ends. Without it, `account-expiry-time`; an empty list reads none.',
    ),
  expiryFormat: dateFormat
    .optional()
    .describe(
      'How the end of the account is written: `iso-8601`, `epoch-seconds`, `epoch-milliseconds`, `ldap-generalized-time`, or `ad-file-time`, whose 0 and greatest value mean never. Anything else refuses the sign-in. Without it, `iso-8601`.',
    ),
  expiryTimeZone: timeZone
    .optional()
    .describe(
      'Time zone of an end that says none, such as `Europe/Berlin`. Without it, such an end refuses the sign-in.',
    ),
  defaultRole: z
    .string()
    .regex(namePattern)
    .optional()
    .describe('Role of an account for which no grantable role arrives. Without it, `agent`.'),
  grantableRoles: z
    .array(z.string().regex(namePattern))
    .max(1000)
    .default([])
    .describe('Roles that an assertion may grant. Never one that administers Latchkey.'),
  emailDomains: z
    .array(
      z
        .string()
        .regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, 'expected a domain in lower case, like company-a.example')
        .max(253),
    )
    .max(100)
    .optional()
    .describe(
      'E-mail domains, in lower case, whose people the sign-in page leads here. A signpost only: it grants and proves nothing.',
    ),
  defaultReturnTo: z
    .string()
    .max(8192)
    .optional()
    .describe('Where a sign-in begun at the identity provider leads when its RelayState names no known address.'),
})
export type ConnectionSettings = z.infer<typeof connectionSettings>
/** What a caller may write: everything that has a default may be left out. */
export type ConnectionSettingsInput = z.input<typeof connectionSettings>

/** One sign-in endpoint of the identity provider. */
export interface SingleSignOnService {
  readonly binding: 'redirect' | 'post'
  readonly location: string
}

/** One endpoint for logout messages of the identity provider. */
export interface SingleLogoutService {
  readonly binding: 'redirect' | 'post'
  readonly location: string
  /** Absent: responses go to `location` too. */
  readonly responseLocation?: string
}

/** Where an identity provider gives out what its artifacts stand for: SOAP. */
export interface ArtifactResolutionService {
  /** What artifacts name it by. */
  readonly index: number
  readonly location: string
  readonly isDefault?: boolean
}

/** What we keep of an identity provider's metadata. */
export interface IdentityProvider {
  readonly entityId: string
  readonly singleSignOnServices: readonly SingleSignOnService[]
  /** Absent: its metadata names none that we can use, or was imported before they were kept. */
  readonly singleLogoutServices?: readonly SingleLogoutService[]
  /** Absent: its metadata names none that we can use, or was imported before they were kept. */
  readonly artifactResolutionServices?: readonly ArtifactResolutionService[]
  /** Every signing certificate, base64 of the DER form, in document order. */
  readonly signingCertificates: readonly string[]
  readonly wantAuthnRequestsSigned: boolean
  /** When the metadata itself ends; absent when it says nothing. */
  readonly validUntil?: Date
  /** Where it is refreshed from; absent: it was given as a file. */
  readonly source?: MetadataSource
}

/** Where metadata comes from, and what must vouch for it besides TLS. */
export interface MetadataSource {
  readonly url: string
  /** Base64 of the DER form: what is fetched counts only when this key has signed it. */
  readonly signingCertificate?: string
  /** Accepts sign-in addresses without TLS on other machines. */
  readonly dangerouslyAllowHttp?: boolean
}

export interface Connection {
  readonly organizationId: string
  /** As `namePattern`; unique over all organizations, because it stands in `/sso/{connection}/…`. */
  readonly id: string
  readonly name: string
  readonly identityProvider: IdentityProvider
  /** Overrides our entity ID; absent: the metadata address. */
  readonly serviceProviderEntityId?: string
  readonly settings: ConnectionSettings
  /** What its organization declares, as it was read with it. Never written with it. */
  readonly declared?: OrganizationDeclarations
  /** Rises with every change, so that a node with an older copy notices. */
  readonly version: number
  readonly createdAt: Date
}
