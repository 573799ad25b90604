import type { Account, Grant } from './account.ts'
import type { ApiToken, NewApiToken } from './api-token.ts'
import type { Application } from './application.ts'
import type { Connection } from './connection.ts'
import type { ConnectionDraft, ConnectionVersion } from './connection-version.ts'
import type { LinkRequest, LinkRequestWrites } from './link-request.ts'
import type {
  Enrolment,
  FoundCode,
  LocalAdministrator,
  LocalEntry,
  LocalHolder,
  NewLocalAdministrator,
  NewRecoveryCode,
  Passkey,
  PasskeyKey,
} from './local-administrator.ts'
import type { LogoutOutcome, LogoutRequest, NewLogoutRequest, SessionsEnded, SessionsEnding } from './logout.ts'
import type { MetadataLease, MetadataRefresh } from './metadata-refresh.ts'
import type { ApprovalNote, LeasedNotice, Notice } from './notice.ts'
import type { Organization } from './organization.ts'
import type { Impact, ImpactQuery } from './provenance.ts'
import type { RoleHolder, SignInInput } from './replay.ts'
import type { Role } from './role.ts'
import type { ServiceKey } from './service-key.ts'
import type { SessionHolder, SessionLimits } from './session.ts'
import type { SetUpState, SetUpWrites } from './set-up.ts'
import type {
  AccountEnding,
  AuditEvent,
  Handoff,
  LoginRequest,
  SignInAttempt,
  SignInQuery,
  SignInState,
  SignInWrites,
  TestSignIn,
  WaitingWrites,
} from './sign-in.ts'
import type { VerifiedDomain } from './verified-domain.ts'

/**
 * What storage must offer, one small interface per noun. `store/` implements them all over PostgreSQL, embedded or
 * served; nobody above knows which. Every method states the codes it throws; any of them may throw
 * `storage_unavailable`, and `input_invalid` for a value that no database can hold (a U+0000, a year without four digits).
 * A `find…` gives `undefined` where a `get…` would throw. Whoever throws has written nothing. IDs of accounts, sessions,
 * attempts and events are UUIDs.
 */

export interface OrganizationDirectory {
  /** Creates it with its two born roles. Throws `organization_exists`. */
  createOrganization(organization: Organization, event: AuditEvent): Promise<void>
  /** Replaces the name and the seat limit, and counts the active accounts where there is one. Throws `organization_not_found`. */
  updateOrganization(organization: Organization, event: AuditEvent): Promise<void>
  findOrganization(id: string): Promise<Organization | undefined>
  listOrganizations(): Promise<readonly Organization[]>
}

export interface ConnectionDirectory {
  /** With version 1, whatever was given. Throws `connection_exists` (in any organization), `organization_not_found`. */
  createConnection(connection: Connection, event: AuditEvent): Promise<void>
  /**
   * Replaces name, identity provider, entity ID and settings; raises the version. Throws `connection_not_found`, and
   * `connection_changed` unless the stored version is the given one.
   */
  updateConnection(connection: Connection, event: AuditEvent): Promise<void>
  /**
   * Replaces the identity provider alone and raises the version. `stale`, and nothing written, unless the stored version is
   * the given one, or when the connection is gone.
   */
  replaceIdentityProvider(connection: Connection, event: AuditEvent): Promise<'replaced' | 'stale'>
  findConnection(id: string): Promise<Connection | undefined>
  listConnections(organizationId?: string): Promise<readonly Connection[]>
}

/** What connections were and what they may become. Whatever writes a connection keeps its version. */
export interface ConnectionVersionDirectory {
  /** The newest first, the present one among them. */
  listConnectionVersions(
    connection: Pick<Connection, 'organizationId' | 'id'>,
    limit: number,
  ): Promise<readonly ConnectionVersion[]>
  findConnectionVersion(
    connection: Pick<Connection, 'organizationId' | 'id'>,
    version: number,
  ): Promise<ConnectionVersion | undefined>
  /** Replaces the draft there is. */
  saveConnectionDraft(draft: ConnectionDraft, event: AuditEvent): Promise<void>
  findConnectionDraft(connection: Pick<Connection, 'organizationId' | 'id'>): Promise<ConnectionDraft | undefined>
  /** False: there was none, and nothing was recorded. */
  removeConnectionDraft(connection: Pick<Connection, 'organizationId' | 'id'>, event: AuditEvent): Promise<boolean>
}

/** Refreshing metadata from its address: what came of it, and which node may do it. */
export interface MetadataRefreshDirectory {
  /** Replaces what was known and ends the lease. */
  saveMetadataRefresh(refresh: MetadataRefresh): Promise<void>
  findMetadataRefresh(connection: Pick<Connection, 'organizationId' | 'id'>): Promise<MetadataRefresh | undefined>
  listMetadataRefreshes(): Promise<readonly MetadataRefresh[]>
  /** Takes connections whose metadata is due, at most `limit` of each kind: known and never refreshed. Gives their ids; no other node gets them meanwhile. */
  leaseDueMetadata(lease: MetadataLease, limit: number): Promise<readonly string[]>
  /** Takes one connection, due or not, unless another node has it or it was tried after `attemptedBefore`. */
  leaseMetadata(
    connection: Pick<Connection, 'organizationId' | 'id'>,
    lease: MetadataLease,
    attemptedBefore: Date,
  ): Promise<boolean>
}

export interface RoleDirectory {
  /** Throws `role_exists`, `organization_not_found`. */
  createRole(role: Role, event: AuditEvent): Promise<void>
  /** Replaces the description; the kind is for ever. Throws `role_not_found`. */
  updateRole(role: Role, event: AuditEvent): Promise<void>
  listRoles(organizationId: string): Promise<readonly Role[]>
}

export interface AccountWithGrants {
  readonly account: Account
  readonly grants: readonly Grant[]
}

export interface AccountDirectory {
  /** By user name (in normal form) or by id. */
  findAccount(organizationId: string, usernameOrId: string): Promise<AccountWithGrants | undefined>
  /** In order of user name; `after` is the last user name of the page before. */
  listAccounts(
    organizationId: string,
    page: { readonly limit: number; readonly after?: string; readonly state?: Account['state'] },
  ): Promise<readonly Account[]>
  /** One that is there already stays as it is. Throws `account_not_found`, `role_not_found`. */
  grantRole(organizationId: string, accountId: string, grant: Grant, event: AuditEvent): Promise<void>
  /** Throws `account_not_found`; `last_administrator` when no other active account would hold an administration role. */
  revokeRole(organizationId: string, accountId: string, grant: Grant, event: AuditEvent): Promise<void>
  /**
   * Changes the state and, unless it is then `active`, ends every session of the account in the same transaction. Gives the number
   * of sessions ended; `stale` when the account is no longer in the state `from`. Throws `account_not_found`, `seat_limit_reached`,
   * `last_administrator`.
   */
  setAccountState(
    organizationId: string,
    accountId: string,
    change: { readonly from: Account['state']; readonly to: Account['state'] },
    event: AuditEvent,
  ): Promise<{ readonly sessionsEnded: number } | 'stale'>
}

/** Domains that are proved, and which identity leads to which account. */
export interface LinkingDirectory {
  /** One that is there already stays, with its token. */
  addDomain(domain: VerifiedDomain, event: AuditEvent): Promise<void>
  listDomains(organizationId?: string): Promise<readonly VerifiedDomain[]>
  /** Keeps what a look at the DNS found. Throws `domain_not_found`; `domain_taken` when another organization has proved it. */
  checkedDomain(
    domain: Pick<VerifiedDomain, 'organizationId' | 'domain' | 'verifiedAt' | 'checkedAt'>,
    event: AuditEvent | undefined,
  ): Promise<void>
  /** Throws `domain_not_found`. */
  removeDomain(domain: Pick<VerifiedDomain, 'organizationId' | 'domain'>, event: AuditEvent): Promise<void>
  /** Over which connections an account is known, and since when, in order of time. */
  listIdentities(
    organizationId: string,
    accountId: string,
  ): Promise<readonly { readonly connectionId: string; readonly since: Date }[]>
  /** Leads a subject key to this account; ends the sessions it had on another. Gives the account it led to. Throws `account_not_found`. */
  relinkIdentity(
    link: {
      readonly organizationId: string
      readonly connectionId: string
      readonly subjectKey: string
      readonly accountId: string
    },
    event: AuditEvent,
  ): Promise<{ readonly before?: string }>
}

type LocalAccount = Pick<LocalAdministrator, 'organizationId' | 'accountId'>

/** Local administrators, and what they come in with. */
export interface LocalAdministratorDirectory {
  /** Throws `account_conflict` when the user name is taken. */
  createLocalAdministrator(wanted: NewLocalAdministrator, event: AuditEvent): Promise<void>
  /** In order of user name. */
  listLocalAdministrators(organizationId: string): Promise<readonly LocalAdministrator[]>
  /** By user name (in normal form) or by id. */
  findLocalAdministrator(organizationId: string, usernameOrId: string): Promise<LocalAdministrator | undefined>
  /** With the account, its sessions and all it comes in with. Throws `account_not_local`, `last_administrator`. */
  removeLocalAdministrator(account: LocalAccount, event: AuditEvent): Promise<void>
  /** All that were there, used or not, are gone. Throws `account_not_local`. */
  replaceRecoveryCodes(account: LocalAccount, codes: readonly NewRecoveryCode[], event: AuditEvent): Promise<void>
  /** Replaces the link there is. Throws `account_not_local`. */
  offerEnrolment(account: LocalAccount, enrolment: Enrolment, event: AuditEvent): Promise<void>
  /** Whose link this is, while it counts; it is not used up. */
  findEnrolment(
    codeHash: string,
    now: Date,
  ): Promise<(LocalHolder & { readonly credentialIds: readonly string[] }) | undefined>
  /** Uses the link up. False, and nothing written: it does not count. Throws `passkey_exists`. */
  addPasskey(
    passkey: LocalAccount &
      PasskeyKey &
      Pick<Passkey, 'credentialId' | 'name' | 'isSynced'> & { readonly enrolmentHash: string },
    event: AuditEvent,
  ): Promise<boolean>
  /** Throws `passkey_not_found`, `last_administrator` when nobody else could administer then. */
  removePasskey(account: LocalAccount, credentialId: string, event: AuditEvent): Promise<void>
  findRecoveryCode(query: { readonly codeHash: string; readonly usernameKey: string }): Promise<FoundCode>
  findPasskey(credentialId: string): Promise<(LocalHolder & PasskeyKey & Pick<Passkey, 'name'>) | undefined>
  /** Gives how many recovery codes are left. `stale`, and nothing written: the account or what it came with no longer counts. */
  enterLocally(entry: LocalEntry): Promise<{ readonly codesLeft: number } | 'stale'>
}

/** What administrators are told of, and what people who wait say to them. */
export interface NoticeDirectory {
  /** One of the same id stays as it is. Notices of people who begin to wait are kept with them, by `keepWaiting`. */
  keepNotice(notice: Notice): Promise<void>
  /** Takes those that are due, the oldest first; nobody else gets them before `leasedUntil`. */
  leaseNotices(
    lease: { readonly now: Date; readonly leasedUntil: Date },
    limit: number,
  ): Promise<readonly LeasedNotice[]>
  /** It was delivered, or is over: it goes. */
  settleNotice(notice: Pick<Notice, 'organizationId' | 'id'>): Promise<void>
  postponeNotice(notice: Pick<Notice, 'organizationId' | 'id'>, until: Date, reason: string): Promise<void>
  /** How many people wait for approval, and how many notices to be delivered. */
  measureWaiting(): Promise<{ readonly accounts: number; readonly notices: number }>
  /** Writes the text, or changes it once. Throws `account_not_pending`, `approval_note_final`. */
  writeApprovalNote(
    note: { readonly organizationId: string; readonly accountId: string; readonly text: string },
    event: AuditEvent,
  ): Promise<void>
  /** By account; those without one are left out. */
  findApprovalNotes(organizationId: string, accountIds: readonly string[]): Promise<ReadonlyMap<string, ApprovalNote>>
}

export interface ApplicationDirectory {
  /**
   * Creates (version 1) or replaces by id and raises the version. Throws `application_exists` when another application
   * has the host name, be it on another port.
   */
  saveApplication(application: Application, event: AuditEvent): Promise<void>
  listApplications(): Promise<readonly Application[]>
}

export interface SignInDirectory {
  /**
   * Keeps a pending request; removes the oldest of the same browser beyond 16. Throws `login_requests_exhausted` when
   * the connection already has 10,000 that have not expired, `connection_not_found`.
   */
  beginLoginRequest(request: LoginRequest): Promise<void>
  /**
   * Gives a login request that has expired too: look at `expiresAt`. Throws `connection_not_found`;
   * `subject_key_invalid`, `attribute_invalid` when the subject key or the user name is longer than 2,048 bytes.
   */
  readSignInState(query: SignInQuery): Promise<SignInState>
  /**
   * One transaction. Throws `assertion_replayed`, `login_request_unknown`, `account_conflict` (user name taken meanwhile);
   * with a `linkProof` also `link_request_unknown`, and `account_link_pending` when its connection links by proof no more.
   * Gives `stale` when another sign-in or an administrator changed what the plan was made for: read and plan again.
   * Raises the account's version only when something other than `lastSignInAt` changes, so people who sign in many times
   * at once need at most one more reading. Throws `attribute_invalid` when the name of a grant is longer than 2,048 bytes.
   */
  applySignIn(writes: SignInWrites): Promise<'applied' | 'stale'>
  /** As `applySignIn`, for an account that waits for approval: everything but a way in. Throws and gives the same. */
  keepWaiting(writes: WaitingWrites): Promise<'applied' | 'stale'>
  /**
   * Keeps who may prove that an account is theirs, in the place of what the same identity asked before. Throws
   * `assertion_replayed`, `login_request_unknown`. `stale` as above.
   */
  keepLinkRequest(request: LinkRequestWrites): Promise<'applied' | 'stale'>
  /** Of this browser and not expired, with the other connections over which its account is known. */
  findLinkRequest(
    which: Pick<LinkRequest, 'id' | 'browserHash'>,
    now: Date,
  ): Promise<{ readonly request: LinkRequest; readonly connections: readonly string[] } | undefined>
  /** Moves the account's end and ends its sessions, in one transaction. Throws `assertion_replayed`. `stale` as above. */
  endAccount(ending: AccountEnding): Promise<'applied' | 'stale'>
  recordAttempt(attempt: SignInAttempt): Promise<void>
  /** The accepted attempt that wrote something into the account at this very moment. */
  findAttemptAt(account: Pick<Account, 'organizationId' | 'id'>, at: Date): Promise<SignInAttempt | undefined>
  /** By id or by `referenceOf` it, in any case, with dashes or without; of several the newest. Of any organization. */
  findAttempt(reference: string): Promise<SignInAttempt | undefined>
  /** The newest first. */
  listAttempts(query: {
    readonly organizationId: string
    readonly connectionId?: string
    readonly outcome?: SignInAttempt['outcome']
    readonly limit: number
  }): Promise<readonly SignInAttempt[]>
}

/** What only a preview asks; nothing here writes. */
export interface PreviewDirectory {
  /** Whether a sign-in with this assertion would be `assertion_replayed`. */
  isAssertionConsumed(connection: Pick<Connection, 'organizationId' | 'id'>, assertionId: string): Promise<boolean>
}

/** Trying a connection without signing in anywhere. */
export interface TestSignInDirectory {
  /** Throws `connection_not_found`. */
  createTestSignIn(test: TestSignIn, event: AuditEvent): Promise<void>
  /** Whether the code counts; it is not used up. */
  findTestSignIn(code: Pick<TestSignIn, 'connectionId' | 'codeHash'>, now: Date): Promise<boolean>
  /** Uses the code up, once. False: it is unknown, used or has run out. */
  redeemTestSignIn(code: Pick<TestSignIn, 'connectionId' | 'codeHash'>, now: Date): Promise<boolean>
  /** Whether this browser began a request whose ID begins so and that has not run out. */
  isBrowserTesting(
    browser: { readonly connectionId: string; readonly browserHash: string; readonly requestPrefix: string },
    now: Date,
  ): Promise<boolean>
}

/** Sign-ins that wait for the person to answer. */
export interface SetUpDirectory {
  /** One that has ended too: look at `expiresAt` and `doneAt`. */
  findSetUp(ticket: { readonly connectionId: string; readonly ticketHash: string }): Promise<SetUpState | undefined>
  /**
   * One transaction: the answers are kept, the session gets its token. `stale` when anything is no longer as it was read,
   * and when the set-up, its session or its account are over. Throws `account_field_conflict`.
   */
  completeSetUp(writes: SetUpWrites): Promise<'applied' | 'stale'>
  /** Which of these fields have a value that another account has and only one may have. */
  listTakenFields(
    writes: Pick<SetUpWrites, 'organizationId' | 'accountId' | 'fields' | 'uniqueFields'>,
  ): Promise<readonly string[]>
}

export interface SessionDirectory {
  /**
   * The session of this token hash if it and its parent live, its account is active and not expired; touches `lastSeenAt`
   * at most once a minute, its parent's too. `applicationId` absent: only sessions of Latchkey's own host.
   */
  findSession(
    tokenHash: string,
    at: { readonly applicationId?: string; readonly now: Date; readonly limits: SessionLimits },
  ): Promise<SessionHolder | undefined>
  /** Throws `session_required` when its session has ended. */
  createHandoff(handoff: Handoff): Promise<void>
  /**
   * Consumes the code and opens the application's session in one transaction. `undefined`, and nothing consumed, when
   * code, application, browser or time do not fit, or session or account no longer live.
   */
  redeemHandoff(redeem: {
    readonly codeHash: string
    readonly applicationId: string
    readonly browserHash: string
    readonly session: { readonly id: string; readonly tokenHash: string }
    readonly now: Date
  }): Promise<{ readonly returnTo: string; readonly expiresAt: Date } | undefined>
}

export interface LogoutDirectory {
  /** Ends the session and all that hang on the same sign-in, and keeps what its identity provider must be told. `undefined`: there is no such session. */
  endSession(tokenHash: string, request: NewLogoutRequest): Promise<LogoutRequest | undefined>
  /** One transaction: consumes the request, ends the sessions it names with all that hang on them, records the event. `replayed`, and nothing ended, when the request was consumed before. */
  endSessionsByNameId(ending: SessionsEnding): Promise<SessionsEnded | 'replayed'>
  /** Not one that has expired. */
  findLogoutRequest(id: string, now: Date): Promise<LogoutRequest | undefined>
  /** Writes down the answer, once. `undefined` when there is none of this connection that waits for one. */
  completeLogoutRequest(answer: {
    readonly organizationId: string
    readonly connectionId: string
    readonly id: string
    readonly outcome: LogoutOutcome
    readonly now: Date
  }): Promise<LogoutRequest | undefined>
}

export interface ServiceKeyDirectory {
  /** Keeps the key unless one of its purpose exists; gives the keys of that purpose, the oldest first. */
  ensureServiceKey(key: ServiceKey): Promise<readonly ServiceKey[]>
  listServiceKeys(purpose: ServiceKey['purpose']): Promise<readonly ServiceKey[]>
  /** Keeps a key that does not sign yet. Throws `key_exists` when its purpose has a next one already. */
  createNextServiceKey(key: ServiceKey, event: AuditEvent): Promise<void>
  /**
   * The next key of the purpose signs from now on; of those that signed before only the last is kept. Throws
   * `key_not_found` when there is no next one.
   */
  promoteServiceKey(purpose: ServiceKey['purpose'], now: Date, event: AuditEvent): Promise<void>
}

export interface ApiTokenDirectory {
  /** Throws `api_token_exists`. */
  createApiToken(token: NewApiToken, event: AuditEvent): Promise<void>
  /** The token of this hash unless it has ended. That it was used is written down at most once an hour. */
  useApiToken(tokenHash: string, now: Date): Promise<ApiToken | undefined>
  /** In order of name, ended ones too. */
  listApiTokens(): Promise<readonly ApiToken[]>
  /** Throws `api_token_not_found`. */
  removeApiToken(name: string, event: AuditEvent): Promise<void>
}

export interface AuditDirectory {
  /** What was done to a target (`account:UUID`) in one act at this moment, in order. */
  listAuditEvents(organizationId: string, target: string, at: Date): Promise<readonly AuditEvent[]>
  recordAuditEvent(organizationId: string, event: AuditEvent): Promise<void>
}

/** What accepted sign-ins said, and reading the state of many people at once. */
export interface ReplayDirectory {
  /** Of each person and connection the newest stays; those of accounts that are gone are left out. At most one of a person. */
  keepSignInInputs(inputs: readonly SignInInput[]): Promise<void>
  /** In order of account. */
  listSignInInputs(
    connection: Pick<Connection, 'organizationId' | 'id'>,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<readonly SignInInput[]>
  countSignInInputs(connection: Pick<Connection, 'organizationId' | 'id'>): Promise<number>
  findSignInInput(
    connection: Pick<Connection, 'organizationId' | 'id'>,
    accountId: string,
  ): Promise<SignInInput | undefined>
  pruneSignInInputs(before: Date): Promise<void>
  /** Active and pending accounts that the connection leads to, in order of account. */
  listRoleHolders(
    connection: Pick<Connection, 'organizationId' | 'id'>,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<readonly RoleHolder[]>
  /** As `readSignInState` gives them, in the order asked; no login requests. */
  readSignInStates(
    connection: Pick<Connection, 'organizationId' | 'id'>,
    keys: readonly Pick<SignInQuery, 'subjectKey' | 'usernameKey'>[],
  ): Promise<readonly SignInState[]>
}

export interface ProvenanceDirectory {
  /** What a connection has written, and what nobody else would keep. */
  readImpact(query: ImpactQuery): Promise<Impact>
}

export interface Housekeeping {
  /** Removes what has expired: pending accounts nobody approved, login requests, test sign-ins, set-ups, link requests, consumed assertions, hand-offs, sessions, logout requests; attempts older than the given date. */
  pruneExpired(now: Date, attemptsBefore: Date): Promise<Readonly<Record<string, number>>>
  /** Refuses with `storage_unavailable` unless a query is answered. */
  checkStorage(): Promise<void>
}

/** What an administrator's act may read and write; inside `transaction` all of it together or nothing. */
export interface AdministrationDirectory
  extends OrganizationDirectory,
    ConnectionDirectory,
    ConnectionVersionDirectory,
    MetadataRefreshDirectory,
    RoleDirectory,
    AccountDirectory,
    LinkingDirectory,
    ApplicationDirectory {}

export interface Directory
  extends AdministrationDirectory,
    LocalAdministratorDirectory,
    SignInDirectory,
    PreviewDirectory,
    TestSignInDirectory,
    SetUpDirectory,
    SessionDirectory,
    LogoutDirectory,
    ServiceKeyDirectory,
    ApiTokenDirectory,
    AuditDirectory,
    ProvenanceDirectory,
    ReplayDirectory,
    NoticeDirectory,
    Housekeeping {
  /**
   * Everything that `work` does with the directory it is given, or nothing when it throws; a refusal that it catches does
   * not spoil the rest. It must not wait for any other directory: there may be only one connection.
   */
  transaction<T>(work: (directory: AdministrationDirectory) => Promise<T>): Promise<T>
  close(): Promise<void>
}
