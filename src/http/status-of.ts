import type { ErrorCode } from '../errors.ts'

/**
 * The one table from codes to HTTP statuses, for Latchkey's own host and for the gateway. It is total: a code without a
 * line here does not compile.
 *
 * 400 a request or message nobody could use, 401 sign in first, 403 understood and refused, 404 nothing here,
 * 409 against the present state, 413 too large, 502 and 503 not now.
 */
export const statusOf: Readonly<Record<ErrorCode, number>> = {
  // receive and decode
  request_too_large: 413,
  request_invalid: 400,
  method_not_allowed: 405,
  content_type_unsupported: 415,
  saml_malformed: 400,
  saml_too_large: 413,
  saml_limits_exceeded: 413,
  saml_doctype_not_allowed: 400,
  saml_comment_not_allowed: 400,
  saml_processing_instruction_not_allowed: 400,
  saml_id_invalid: 400,

  // verify: structure and signature
  saml_structure_invalid: 400,
  saml_version_unsupported: 400,
  saml_status_not_success: 403,
  saml_assertion_missing: 400,
  saml_assertion_encrypted: 400,
  saml_signature_missing: 403,
  saml_signature_misplaced: 403,
  saml_signature_malformed: 403,
  saml_signature_algorithm_not_allowed: 403,
  saml_signature_invalid: 403,
  saml_digest_mismatch: 403,
  saml_key_too_weak: 403,

  // verify: content
  saml_issuer_mismatch: 403,
  saml_destination_mismatch: 403,
  saml_recipient_mismatch: 403,
  saml_audience_mismatch: 403,
  saml_audience_missing: 403,
  saml_not_yet_valid: 403,
  saml_expired: 403,
  saml_time_invalid: 400,
  saml_condition_unknown: 403,
  saml_subject_missing: 403,
  saml_subject_confirmation_invalid: 403,
  saml_authn_statement_missing: 403,
  saml_authn_too_old: 403,
  saml_session_expired: 403,
  saml_in_response_to_mismatch: 403,
  saml_unsolicited: 403,

  // metadata
  metadata_malformed: 400,
  metadata_too_large: 413,
  metadata_unreachable: 502,
  metadata_not_identity_provider: 400,
  metadata_entity_ambiguous: 400,
  metadata_entity_not_found: 400,
  metadata_entity_id_invalid: 400,
  metadata_endpoint_missing: 400,
  metadata_endpoint_invalid: 400,
  metadata_certificate_missing: 400,
  metadata_certificate_invalid: 400,
  metadata_key_too_weak: 400,
  metadata_changed: 400,
  metadata_expired: 400,

  // map, plan, authorize, apply
  attribute_missing: 403,
  attribute_invalid: 403,
  subject_key_transient: 403,
  subject_key_missing: 403,
  subject_key_invalid: 403,
  account_creation_disabled: 403,
  default_role_invalid: 403,
  account_conflict: 409,
  account_suspended: 403,
  account_deactivated: 403,
  account_expired: 403,
  account_not_entitled: 403,
  assertion_replayed: 403,
  login_request_unknown: 403,
  login_request_other_browser: 403,
  login_requests_exhausted: 503,
  sign_in_busy: 503,

  // sessions, hand-off, gateway
  session_required: 401,
  handoff_invalid: 403,
  return_to_not_allowed: 400,
  origin_not_allowed: 403,
  host_unknown: 421,
  upstream_unreachable: 502,
  header_value_invalid: 403,

  // administration
  organization_not_found: 404,
  organization_exists: 409,
  connection_not_found: 404,
  connection_exists: 409,
  connection_disabled: 403,
  account_not_found: 404,
  role_not_found: 404,
  role_exists: 409,
  role_not_grantable: 403,
  application_not_found: 404,
  application_exists: 409,
  attempt_not_found: 404,
  command_unknown: 400,
  input_invalid: 400,
  configuration_invalid: 400,

  // running
  port_in_use: 500,
  data_directory_locked: 500,
  storage_not_durable: 500,
  storage_version_unsupported: 500,
  storage_not_empty: 409,
  storage_mismatch: 500,
  storage_schema_changed: 500,
  storage_unavailable: 503,
  not_found: 404,
  secret_wrong: 500,
  internal: 500,
}
