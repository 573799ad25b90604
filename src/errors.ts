/**
 * Every refusal Latchkey can give: a stable code, the sentence a person may read, and which side must act.
 *
 * This is the one list. `docs/errors.md` repeats it for readers and a test keeps the two equal; the HTTP status of each
 * code stands in `http/status-of.ts`. Nothing here knows SAML, HTTP or storage.
 */

/** Which side can make the refusal go away. */
export type FixSide =
  /** The administrator of the identity provider that issued the message. */
  | 'identity-provider'
  /** The administrator of this Latchkey installation or of the organization's connection. */
  | 'service-provider'
  /** The person: begin again, or ask for access. */
  | 'person'
  /** The developer or operator who called Latchkey: a flag, a file, a request. */
  | 'caller'

interface ErrorEntry {
  /** One sentence that is safe to show to anybody: it never repeats input. */
  readonly sentence: string
  readonly fix: FixSide
}

const entry = (fix: FixSide, sentence: string): ErrorEntry => ({ fix, sentence })

export const errorEntries = {
  // receive and decode
  request_too_large: entry('caller', 'The request is larger than this service accepts.'),
  request_invalid: entry('caller', 'The request is not one this service understands.'),
  method_not_allowed: entry('caller', 'This address does not answer this kind of request.'),
  content_type_unsupported: entry('caller', 'The content of the request is of a type this address does not accept.'),
  saml_malformed: entry('identity-provider', 'The sign-in message is not well-formed.'),
  saml_too_large: entry('identity-provider', 'The sign-in message is larger than this service accepts.'),
  saml_limits_exceeded: entry('identity-provider', 'The sign-in message is more complex than this service accepts.'),
  saml_doctype_not_allowed: entry('identity-provider', 'The sign-in message contains a document type declaration.'),
  saml_comment_not_allowed: entry('identity-provider', 'The sign-in message contains an XML comment.'),
  saml_processing_instruction_not_allowed: entry(
    'identity-provider',
    'The sign-in message contains a processing instruction.',
  ),
  saml_id_invalid: entry(
    'identity-provider',
    'An identifier in the sign-in message is missing, malformed or repeated.',
  ),

  // verify: structure and signature
  saml_structure_invalid: entry('identity-provider', 'The sign-in message does not have the structure SAML requires.'),
  saml_version_unsupported: entry('identity-provider', 'The sign-in message is not of SAML version 2.0.'),
  saml_status_not_success: entry('identity-provider', 'The identity provider did not complete the sign-in.'),
  saml_no_passive: entry('person', 'You are not signed in at your organization at this moment. Please sign in.'),
  saml_assertion_missing: entry('identity-provider', 'The sign-in message says nothing about a person.'),
  saml_assertion_encrypted: entry(
    'identity-provider',
    'The assertion is encrypted and this connection has no key for it.',
  ),
  saml_encryption_missing: entry('identity-provider', 'The assertion is not encrypted as this connection requires.'),
  saml_encryption_malformed: entry(
    'identity-provider',
    'The encrypted part of the sign-in message is not built as SAML requires.',
  ),
  saml_encryption_algorithm_not_allowed: entry(
    'identity-provider',
    'The sign-in message is encrypted in a way that is not accepted.',
  ),
  saml_decryption_failed: entry('identity-provider', 'The sign-in message could not be decrypted.'),
  saml_signature_missing: entry('identity-provider', 'The sign-in message is not signed as this connection requires.'),
  saml_signature_misplaced: entry(
    'identity-provider',
    'The sign-in message has a signature in a place where none belongs.',
  ),
  saml_signature_malformed: entry(
    'identity-provider',
    'The signature of the sign-in message is not built as SAML requires.',
  ),
  saml_signature_algorithm_not_allowed: entry(
    'identity-provider',
    'The sign-in message uses a signature algorithm that is not accepted.',
  ),
  saml_signature_invalid: entry('identity-provider', 'The signature of the sign-in message could not be verified.'),
  saml_digest_mismatch: entry('identity-provider', 'The sign-in message was changed after it was signed.'),
  saml_key_too_weak: entry('identity-provider', 'The identity provider signs with a key that is too short.'),

  // verify: content
  saml_issuer_mismatch: entry('identity-provider', 'The sign-in message comes from another identity provider.'),
  saml_destination_mismatch: entry('identity-provider', 'The sign-in message was meant for another address.'),
  saml_recipient_mismatch: entry('identity-provider', 'The assertion was meant for another address.'),
  saml_audience_mismatch: entry('identity-provider', 'The assertion was issued for another service.'),
  saml_audience_missing: entry('identity-provider', 'The assertion does not say which service it was issued for.'),
  saml_not_yet_valid: entry('identity-provider', 'The assertion is not valid yet.'),
  saml_expired: entry('identity-provider', 'The assertion is no longer valid.'),
  saml_time_invalid: entry('identity-provider', 'A time in the sign-in message is missing or malformed.'),
  saml_condition_unknown: entry('identity-provider', 'The assertion sets a condition that this service does not know.'),
  saml_subject_missing: entry('identity-provider', 'The assertion does not name a person.'),
  saml_name_id_format_mismatch: entry(
    'identity-provider',
    'The identity provider names the person in another form than this service asks for.',
  ),
  saml_subject_confirmation_invalid: entry(
    'identity-provider',
    'The assertion is not confirmed in a way this service accepts.',
  ),
  saml_authn_statement_missing: entry('identity-provider', 'The assertion does not say that the person signed in.'),
  saml_authn_too_old: entry('identity-provider', 'The person signed in at the identity provider too long ago.'),
  saml_authn_context_mismatch: entry(
    'identity-provider',
    'The person did not sign in at the identity provider in the way this service asks for.',
  ),
  saml_session_expired: entry('identity-provider', 'The session at the identity provider has already ended.'),
  saml_in_response_to_mismatch: entry('identity-provider', 'The sign-in message answers a different request.'),
  saml_unsolicited: entry('identity-provider', 'This connection does not accept a sign-in that was not begun here.'),
  saml_unsolicited_too_old: entry('identity-provider', 'The sign-in was begun too long ago. Begin it again.'),

  // artifacts
  saml_artifact_malformed: entry(
    'identity-provider',
    'The artifact of the sign-in message is not built as SAML requires.',
  ),
  saml_artifact_not_allowed: entry('service-provider', 'This connection does not accept sign-in messages by artifact.'),
  saml_artifact_source_mismatch: entry('identity-provider', 'The artifact comes from another identity provider.'),
  saml_artifact_endpoint_unknown: entry(
    'identity-provider',
    'The artifact names an address of the identity provider that this service does not know.',
  ),
  saml_artifact_unreachable: entry(
    'identity-provider',
    'The identity provider could not be asked for the sign-in message.',
  ),
  saml_artifact_timeout: entry('identity-provider', 'The identity provider took too long to give the sign-in message.'),
  saml_artifact_redirected: entry(
    'identity-provider',
    'The identity provider sent this service elsewhere for the sign-in message, where it does not go.',
  ),
  saml_artifact_too_large: entry(
    'identity-provider',
    'The identity provider answered with more than this service accepts.',
  ),
  saml_artifact_response_mismatch: entry('identity-provider', 'The identity provider answered another question.'),
  saml_artifact_not_resolved: entry(
    'person',
    'The identity provider does not give out the sign-in message (any more). Please sign in again.',
  ),
  saml_artifact_replayed: entry('person', 'This sign-in was used before. Please sign in again.'),

  // single logout
  saml_logout_parameters_invalid: entry(
    'identity-provider',
    'The sign-out message did not arrive in the form SAML requires.',
  ),
  saml_logout_name_id_encrypted: entry(
    'identity-provider',
    'The sign-out message names the person in a way this service cannot read.',
  ),
  logout_request_replayed: entry('person', 'This sign-out message was used before.'),
  logout_request_unknown: entry(
    'person',
    'This sign-out was not begun here, took too long, or was finished before. Your session here has ended all the same.',
  ),

  // metadata
  metadata_malformed: entry('caller', 'The metadata is not well-formed.'),
  metadata_too_large: entry('caller', 'The metadata is larger than this service accepts.'),
  metadata_unreachable: entry('caller', 'The metadata could not be fetched.'),
  metadata_not_identity_provider: entry('caller', 'The metadata does not describe a SAML 2.0 identity provider.'),
  metadata_entity_ambiguous: entry('caller', 'The metadata describes several identity providers: say which one.'),
  metadata_entity_not_found: entry(
    'caller',
    'The metadata does not describe the identity provider that was asked for.',
  ),
  metadata_entity_id_invalid: entry('caller', 'The metadata has no usable entity ID.'),
  metadata_endpoint_missing: entry(
    'caller',
    'The metadata has no sign-in address with a binding this service can use.',
  ),
  metadata_endpoint_invalid: entry('caller', 'A sign-in address in the metadata is not usable.'),
  metadata_certificate_missing: entry('caller', 'The metadata has no signing certificate.'),
  metadata_certificate_invalid: entry('caller', 'A certificate in the metadata cannot be read.'),
  metadata_key_too_weak: entry('identity-provider', 'The identity provider signs with a key that is too short.'),
  metadata_changed: entry('caller', 'The metadata was changed after it was signed.'),
  metadata_signature_missing: entry('caller', 'The metadata is not signed, and this connection wants it to be.'),
  metadata_signature_invalid: entry('caller', 'The signature of the metadata could not be verified.'),
  metadata_entity_changed: entry(
    'caller',
    'The metadata no longer describes the identity provider of this connection.',
  ),
  metadata_source_missing: entry(
    'caller',
    'This connection was given its metadata as a file: it has no address to refresh from.',
  ),
  metadata_expired: entry('caller', 'The metadata is no longer valid.'),

  // map, plan, authorize, apply
  attribute_missing: entry(
    'identity-provider',
    'Your organization did not send everything this service needs to know.',
  ),
  attribute_invalid: entry('identity-provider', 'Your organization sent a value this service cannot use.'),
  mapping_module_unknown: entry(
    'service-provider',
    'Your sign-in cannot be worked on: a part of this service is missing.',
  ),
  mapping_module_failed: entry(
    'service-provider',
    'Your sign-in cannot be worked on: a part of this service has failed.',
  ),
  mapping_module_timeout: entry('service-provider', 'Your sign-in took this service too long. Please try again.'),
  mapping_module_result_invalid: entry(
    'service-provider',
    'Your sign-in cannot be worked on: a part of this service gave something unusable.',
  ),
  sign_in_denied: entry('service-provider', 'You may not sign in here.'),
  subject_key_transient: entry('identity-provider', 'Your organization sent a name that changes at every sign-in.'),
  subject_key_missing: entry('identity-provider', 'Your organization did not send the value that identifies you.'),
  subject_key_invalid: entry('identity-provider', 'The value that identifies you cannot be used.'),
  default_role_invalid: entry(
    'service-provider',
    'The role that new accounts of your organization get does not exist.',
  ),
  account_creation_disabled: entry(
    'service-provider',
    'There is no account for you here, and none is created by signing in.',
  ),
  account_conflict: entry('service-provider', 'Another account already uses your user name.'),
  account_pending: entry('service-provider', 'Your account waits for the approval of an administrator.'),
  seat_limit_reached: entry('service-provider', 'Your organization has no place left for another account.'),
  account_link_pending: entry(
    'service-provider',
    'You have an account here already. An administrator can connect it with the way you signed in now.',
  ),
  account_link_proof_required: entry(
    'person',
    'You have an account here already. Sign in the way you did before to show that it is yours.',
  ),
  account_link_proof_failed: entry(
    'person',
    'You signed in as somebody else than whose account it is. Nothing was connected, and you are not signed in.',
  ),
  link_request_unknown: entry(
    'person',
    'Connecting the two ways to sign in took too long, was finished before, or began in another browser. Please sign in again.',
  ),
  account_field_conflict: entry('service-provider', 'Another account already has a value that only one may have.'),
  account_suspended: entry('service-provider', 'Your account is suspended.'),
  account_deactivated: entry('service-provider', 'Your account has ended.'),
  account_expired: entry('identity-provider', 'Your access has ended.'),
  account_not_entitled: entry('service-provider', 'Your account may not open this page.'),
  assertion_replayed: entry('person', 'This sign-in message was used before. Please sign in again.'),
  login_request_unknown: entry(
    'person',
    'This sign-in was not begun here, took too long, or was finished before. Please begin again.',
  ),
  login_request_other_browser: entry('person', 'This sign-in was begun in another browser. Please begin again.'),
  login_requests_exhausted: entry(
    'person',
    'Too many people are signing in at this moment. Please try again in a minute.',
  ),
  sign_in_only_tested: entry('person', 'This was a test of the sign-in: nobody was signed in.'),
  sign_in_busy: entry('person', 'The service is busy. Please try again.'),
  sign_in_queue_full: entry(
    'person',
    'Very many people are signing in at this moment. Please try again in a few seconds.',
  ),

  set_up_needed: entry('person', 'Your organization has to ask you something first. Please sign in with a browser.'),
  set_up_ended: entry('person', 'This page was answered before or has run out. Please sign in again.'),
  set_up_other_browser: entry('person', 'This page belongs to a sign-in in another browser. Please sign in again.'),
  test_sign_in_unknown: entry(
    'person',
    'This test of the sign-in was used before or has run out. Ask for a new address.',
  ),

  // break-glass
  break_glass_refused: entry(
    'person',
    'This does not open anything. Check what you entered; each recovery code works once.',
  ),
  break_glass_busy: entry('person', 'There were too many tries in this minute. Please wait a minute.'),
  break_glass_form_invalid: entry(
    'person',
    'This page was open for too long, or was not sent from here. Please begin again.',
  ),
  enrolment_link_invalid: entry(
    'service-provider',
    'This link registers nothing: it is wrong, was used, or has run out. Ask for a new one.',
  ),
  passkey_invalid: entry('person', 'This passkey could not be registered.'),
  passkey_exists: entry('person', 'This passkey is registered already.'),
  account_is_local: entry(
    'service-provider',
    'This account belongs to a local administrator, whom no connection may touch.',
  ),

  // sessions, hand-off, gateway
  session_required: entry('person', 'Please sign in first.'),
  handoff_invalid: entry(
    'person',
    'The way back to the application was used before, took too long, or began in another browser.',
  ),
  return_to_not_allowed: entry('caller', 'The address to return to does not belong to this service.'),
  origin_not_allowed: entry('caller', 'A page of another site may not open this connection.'),
  host_unknown: entry('caller', 'No application is known under this host name.'),
  upstream_unreachable: entry('service-provider', 'The application behind this address does not answer.'),
  header_value_invalid: entry('service-provider', 'Your account contains a value that cannot be passed on safely.'),

  // administration
  organization_not_found: entry('caller', 'There is no such organization.'),
  organization_exists: entry('caller', 'An organization of this name exists already.'),
  connection_not_found: entry('caller', 'There is no such connection.'),
  connection_exists: entry('caller', 'A connection of this name exists already.'),
  connection_changed: entry('caller', 'The connection was changed meanwhile. Please try again.'),
  connection_version_not_found: entry('caller', 'The connection has no such version.'),
  connection_draft_missing: entry('caller', 'There is no draft of this connection.'),
  change_budget_exceeded: entry('caller', 'The draft would change more people than it may.'),
  role_loss_unconfirmed: entry('caller', 'People would lose roles by this change, and nobody has confirmed it.'),
  connection_disabled: entry('service-provider', 'Sign-in over this connection is switched off.'),
  account_not_found: entry('caller', 'There is no such account.'),
  account_not_local: entry('caller', 'This account is not a local administrator.'),
  passkey_not_found: entry('caller', 'There is no such passkey.'),
  domain_not_found: entry('caller', 'There is no such domain.'),
  dns_unavailable: entry('caller', 'The DNS servers did not answer.'),
  domain_taken: entry('caller', 'Another organization has proved to own this domain.'),
  domain_not_verified: entry('caller', 'The DNS of the domain does not show the record that proves it.'),
  account_state_unfit: entry('caller', 'The account is in a state that does not allow this.'),
  account_not_pending: entry('caller', 'This account does not wait for approval.'),
  approval_link_invalid: entry('caller', 'This link decides nothing: it is wrong, or its request is over.'),
  waiting_page_unknown: entry(
    'person',
    'This page belongs to another browser, is too old, or what it was about is over. Please sign in again.',
  ),
  approval_note_invalid: entry('person', 'Write a text of at most 500 characters.'),
  approval_note_final: entry('person', 'Your text was changed once already and stays as it is.'),
  last_administrator: entry('caller', 'This is the last administrator of the organization, who stays.'),
  role_not_found: entry('caller', 'There is no such role.'),
  role_exists: entry('caller', 'A role of this name exists already.'),
  role_not_grantable: entry('caller', 'A role that administers Latchkey cannot be granted by a connection.'),
  application_not_found: entry('caller', 'There is no such application.'),
  application_exists: entry('caller', 'Another application already uses this host name.'),
  attempt_not_linkable: entry('caller', 'This attempt names nobody who could be linked.'),
  attempt_not_found: entry('caller', 'There is no sign-in attempt of this reference.'),
  sign_in_input_missing: entry('caller', 'What this sign-in said is not kept.'),
  key_exists: entry('caller', 'There is a next key already: promote it first.'),
  key_not_found: entry('caller', 'There is no next key to promote.'),
  api_token_exists: entry('caller', 'A token of this name exists already.'),
  api_token_not_found: entry('caller', 'There is no such token.'),
  api_token_required: entry('caller', 'This address wants a token.'),
  api_token_invalid: entry('caller', 'The token is wrong, has ended or was revoked.'),
  api_scope_insufficient: entry('caller', 'The token may not do this.'),
  api_busy: entry('caller', 'The API has too much to do at this moment. Please try again in a second.'),
  command_unknown: entry('caller', 'The command was not understood.'),
  input_invalid: entry('caller', 'The input is not valid.'),
  configuration_invalid: entry('caller', 'The configuration is not valid.'),

  // running
  port_in_use: entry('caller', 'The port is in use by another program.'),
  data_directory_locked: entry('caller', 'Another Latchkey process uses this data directory.'),
  storage_not_durable: entry(
    'caller',
    'The storage does not write to disk when asked to, so nothing would survive a power cut.',
  ),
  storage_version_unsupported: entry('caller', 'This version of Latchkey cannot use a database of this version.'),
  storage_not_empty: entry('caller', 'The target database is not empty.'),
  storage_mismatch: entry('caller', 'The copy does not equal its source.'),
  storage_schema_changed: entry('caller', 'The tables in the database were made by other files than these.'),
  storage_unavailable: entry('service-provider', 'The storage does not answer. Please try again.'),
  secret_wrong: entry('caller', 'The secret is not the one that the keys in the storage were sealed with.'),
  not_found: entry('caller', 'There is nothing at this address.'),
  internal: entry('service-provider', 'Something went wrong on our side.'),
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorEntries

/** What the administrator may see and a stranger may not. Never secrets, never a whole message. */
export interface ErrorDetail {
  /** The check that refused, in the words of the specification: `Audience`, `NotOnOrAfter`. */
  readonly check?: string
  readonly wanted?: string
  readonly arrived?: string
  /** Where in the input: a line, a position, an element, a setting. */
  readonly at?: string
  /** What to do about it, where the sentence of the code does not say enough. */
  readonly advice?: string
  /** Names of all attributes that did arrive. */
  readonly arrivedAttributes?: readonly string[]
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds?: number
  /** Shown to the person: why, in words that an administrator wrote. */
  readonly explanation?: string
  /** Shown to the person: whom to ask. */
  readonly contact?: string
  /** Where a person who begins again is led afterwards. */
  readonly returnTo?: string
  /** What the identity is matched on: kept with the attempt, so that an administrator can link it. */
  readonly subjectKey?: string
  /** Id of the account that waits; its page leads on in the same browser. */
  readonly account?: string
  /** The link request that was kept; its page leads on in the same browser. */
  readonly linkRequest?: string
  /** Names the recorded attempt: shown to the person, searched for by the administrator. */
  readonly reference?: string
}

/** The one error class. Decide by `code`, never by reading `message`. */
export class LatchkeyError extends Error {
  readonly code: ErrorCode
  readonly detail: ErrorDetail
  override readonly name = 'LatchkeyError'

  constructor(code: ErrorCode, detail: ErrorDetail = {}, options?: ErrorOptions) {
    super(errorEntries[code].sentence, options)
    this.code = code
    this.detail = detail
  }

  get fix(): FixSide {
    return errorEntries[this.code].fix
  }

  get reference(): string | undefined {
    return this.detail.reference
  }
}

export function isLatchkeyError(error: unknown, code?: ErrorCode): error is LatchkeyError {
  return error instanceof LatchkeyError && (code === undefined || error.code === code)
}
