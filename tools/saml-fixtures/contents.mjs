// Correctly signed messages whose content is refused: one case for each check.
import {
  assertion,
  attribute,
  attributeStatement,
  audiences,
  authnStatement,
  conditions,
  confirmation,
  nameId,
  response,
  saml,
  sp,
  status,
  subject,
} from './messages.mjs'
import { signed } from './sign.mjs'

const refused = (code, check) => [`refused ${code}`, `check: ${check}`]
const oneSigned = (given) => response(signed(assertion(given)))
const confirmed = (...confirmations) => oneSigned({ subject: subject(nameId() + confirmations.join('')) })
const code = (value, inside = '') =>
  `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${value}">${inside}</samlp:StatusCode>`
const other = 'https://other.example'
const unsolicited = response(
  signed(assertion({ subject: subject(nameId() + confirmation({ inResponseTo: undefined })) })),
  { inResponseTo: undefined },
)

export const contents = {
  'status-not-success': {
    xml: response('', {
      statusPart: status(
        `${code('Requester', code('NoPassive'))}<samlp:StatusMessage>Sorry &amp; goodbye</samlp:StatusMessage>`,
      ),
    }),
    expect: [
      ...refused('saml_no_passive', 'StatusCode'),
      'arrived: urn:oasis:names:tc:SAML:2.0:status:Requester > urn:oasis:names:tc:SAML:2.0:status:NoPassive: Sorry & goodbye',
    ],
  },
  'status-not-success-beside-an-assertion': {
    xml: response(signed(assertion()), { statusPart: status(code('Responder')) }),
    expect: refused('saml_status_not_success', 'StatusCode'),
  },
  'status-not-success-signed': {
    xml: signed(response('', { statusPart: status(code('Responder', code('AuthnFailed'))) })),
    expect: refused('saml_status_not_success', 'StatusCode'),
  },
  'status-message-long': {
    xml: response('', {
      statusPart: status(
        `${code('Responder')}<samlp:StatusMessage>${'x'.repeat(253)}${'\u{1f511}'.repeat(500)}</samlp:StatusMessage>`,
      ),
    }),
    expect: [
      ...refused('saml_status_not_success', 'StatusCode'),
      `arrived: urn:oasis:names:tc:SAML:2.0:status:Responder: ${'x'.repeat(253)}…`,
    ],
  },
  'status-success-only-nested': {
    xml: response(signed(assertion()), { statusPart: status(code('Responder', code('Success'))) }),
    expect: refused('saml_status_not_success', 'StatusCode'),
  },
  'status-missing': {
    xml: response(signed(assertion()), { statusPart: '' }),
    expect: refused('saml_structure_invalid', 'Response'),
  },
  'assertion-missing': { xml: signed(response('')), expect: refused('saml_assertion_missing', 'Response') },
  'assertion-encrypted': {
    xml: response(`<saml:EncryptedAssertion xmlns:saml="${saml}"></saml:EncryptedAssertion>`),
    expect: refused('saml_assertion_encrypted', 'Response'),
  },
  'name-id-encrypted': {
    xml: oneSigned({ subject: subject(`<saml:EncryptedID></saml:EncryptedID>${confirmation()}`) }),
    expect: refused('saml_assertion_encrypted', 'Subject'),
  },
  'attribute-encrypted': {
    xml: oneSigned({ attributes: attributeStatement('<saml:EncryptedAttribute></saml:EncryptedAttribute>') }),
    expect: refused('saml_assertion_encrypted', 'AttributeStatement'),
  },
  'version-of-response': {
    xml: response(signed(assertion()), { version: '1.1' }),
    expect: refused('saml_version_unsupported', 'Response/Version'),
  },
  'version-of-assertion': {
    xml: oneSigned({ version: '2.1' }),
    expect: refused('saml_version_unsupported', 'Assertion/Version'),
  },
  'issuer-of-response': {
    xml: response(signed(assertion()), { issuer: other }),
    expect: [...refused('saml_issuer_mismatch', 'Response/Issuer'), `arrived: ${other}`],
  },
  'issuer-of-assertion': {
    xml: oneSigned({ issuer: other }),
    expect: refused('saml_issuer_mismatch', 'Assertion/Issuer'),
  },
  'issuer-of-assertion-in-signed-response': {
    xml: signed(response(assertion({ issuer: other }))),
    expect: refused('saml_issuer_mismatch', 'Assertion/Issuer'),
  },
  'issuer-format': {
    xml: oneSigned({ issuerAttributes: ' Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"' }),
    expect: refused('saml_issuer_mismatch', 'Assertion/Issuer/Format'),
  },
  'issuer-removed-after-signing': {
    xml: signed(response(assertion())).replace(/(<saml:Assertion[^>]*>)<saml:Issuer>[^<]*<\/saml:Issuer>/, '$1'),
    expect: refused('saml_digest_mismatch', 'DigestValue'),
  },
  'destination-elsewhere': {
    xml: response(signed(assertion()), { destination: other }),
    expect: [
      ...refused('saml_destination_mismatch', 'Response/Destination'),
      'wanted: https://sp.example/acs',
      `arrived: ${other}`,
    ],
  },
  'destination-missing-in-signed-response': {
    xml: signed(response(assertion(), { destination: undefined })),
    expect: refused('saml_destination_mismatch', 'Response/Destination'),
  },
  'destination-with-trailing-slash': {
    xml: response(signed(assertion()), { destination: 'https://sp.example/acs/' }),
    expect: refused('saml_destination_mismatch', 'Response/Destination'),
  },

  'subject-missing': { xml: oneSigned({ subject: null }), expect: refused('saml_subject_missing', 'Assertion') },
  'confirmation-missing': {
    xml: confirmed(),
    expect: refused('saml_subject_confirmation_invalid', 'SubjectConfirmation'),
  },
  'confirmation-holder-of-key': {
    xml: confirmed(confirmation({ method: 'urn:oasis:names:tc:SAML:2.0:cm:holder-of-key' })),
    expect: refused('saml_subject_confirmation_invalid', 'SubjectConfirmation'),
  },
  'confirmation-without-data': {
    xml: confirmed(confirmation({ noData: true })),
    expect: refused('saml_recipient_mismatch', 'SubjectConfirmationData/Recipient'),
  },
  'recipient-elsewhere': {
    xml: confirmed(confirmation({ recipient: other })),
    expect: refused('saml_recipient_mismatch', 'SubjectConfirmationData/Recipient'),
  },
  'recipient-missing': {
    xml: confirmed(confirmation({ recipient: null })),
    expect: refused('saml_recipient_mismatch', 'SubjectConfirmationData/Recipient'),
  },
  'confirmation-without-end': {
    xml: confirmed(confirmation({ notOnOrAfter: null })),
    expect: refused('saml_time_invalid', 'SubjectConfirmationData/NotOnOrAfter'),
  },
  'confirmation-expired': {
    xml: confirmed(confirmation({ notOnOrAfter: '2026-06-01T11:59:00Z' })),
    expect: refused('saml_expired', 'SubjectConfirmationData/NotOnOrAfter'),
  },
  'confirmation-expired-beside-one-for-another': {
    xml: confirmed(confirmation({ recipient: other }), confirmation({ notOnOrAfter: '2026-06-01T11:59:00Z' })),
    expect: refused('saml_expired', 'SubjectConfirmationData/NotOnOrAfter'),
  },
  'confirmation-not-yet-valid': {
    xml: confirmed(confirmation({ notBefore: '2026-06-01T12:01:01Z' })),
    expect: refused('saml_not_yet_valid', 'SubjectConfirmationData/NotBefore'),
  },

  'unsolicited-not-allowed': {
    xml: unsolicited,
    expect: refused('saml_unsolicited', 'SubjectConfirmationData/InResponseTo'),
  },
  'unsolicited-too-old': {
    xml: unsolicited,
    settings: {
      now: '2026-06-01T12:01:00.001Z',
      allowIdpInitiated: true,
      maxUnsolicitedAgeSeconds: 60,
      clockSkewSeconds: 0,
    },
    expect: refused('saml_unsolicited_too_old', 'Assertion/IssueInstant'),
  },
  'in-response-to-empty-is-unsolicited': {
    xml: response(signed(assertion({ subject: subject(nameId() + confirmation({ inResponseTo: '' })) })), {
      inResponseTo: '',
    }),
    expect: refused('saml_unsolicited', 'SubjectConfirmationData/InResponseTo'),
  },
  'in-response-to-differs': {
    xml: response(signed(assertion()), { inResponseTo: '_request2' }),
    expect: refused('saml_in_response_to_mismatch', 'SubjectConfirmationData/InResponseTo'),
  },
  'in-response-to-differs-in-signed-response': {
    xml: signed(response(assertion(), { inResponseTo: '_request2' })),
    expect: refused('saml_in_response_to_mismatch', 'SubjectConfirmationData/InResponseTo'),
  },
  'in-response-to-only-in-unsigned-response': {
    xml: oneSigned({ subject: subject(nameId() + confirmation({ inResponseTo: undefined })) }),
    settings: { allowIdpInitiated: true },
    expect: refused('saml_in_response_to_mismatch', 'SubjectConfirmationData/InResponseTo'),
  },

  'conditions-missing': {
    xml: oneSigned({ conditions: null }),
    expect: refused('saml_audience_missing', 'Conditions/AudienceRestriction'),
  },
  'audience-restriction-missing': {
    xml: oneSigned({ conditions: conditions({ inside: '' }) }),
    expect: refused('saml_audience_missing', 'Conditions/AudienceRestriction'),
  },
  'audience-of-another': {
    xml: oneSigned({ conditions: conditions({ inside: audiences(other) }) }),
    expect: [...refused('saml_audience_mismatch', 'Audience'), `wanted: ${sp}`, `arrived: ${other}`],
  },
  'audience-in-one-restriction-only': {
    xml: oneSigned({ conditions: conditions({ inside: audiences(sp) + audiences(other) }) }),
    expect: refused('saml_audience_mismatch', 'Audience'),
  },
  'audience-only-begins-alike': {
    xml: oneSigned({ conditions: conditions({ inside: audiences(`${sp}/x`) }) }),
    expect: refused('saml_audience_mismatch', 'Audience'),
  },
  'condition-unknown': {
    xml: oneSigned({ conditions: conditions({ inside: `${audiences(sp)}<saml:Condition></saml:Condition>` }) }),
    expect: refused('saml_condition_unknown', 'Conditions'),
  },
  'not-on-or-after-reached': {
    xml: oneSigned(),
    settings: { now: '2026-06-01T12:06:00Z' },
    expect: refused('saml_expired', 'Conditions/NotOnOrAfter'),
  },
  'not-on-or-after-reached-without-skew': {
    xml: oneSigned(),
    settings: { now: '2026-06-01T12:05:00Z', clockSkewSeconds: 0 },
    expect: refused('saml_expired', 'Conditions/NotOnOrAfter'),
  },
  'not-before-one-second-early': {
    xml: oneSigned(),
    settings: { now: '2026-06-01T11:53:59Z' },
    expect: refused('saml_not_yet_valid', 'Conditions/NotBefore'),
  },
  'not-before-one-second-early-without-skew': {
    xml: oneSigned(),
    settings: { now: '2026-06-01T11:54:59Z', clockSkewSeconds: 0 },
    expect: refused('saml_not_yet_valid', 'Conditions/NotBefore'),
  },
  'time-malformed': {
    xml: oneSigned({ conditions: conditions({ notOnOrAfter: 'tomorrow' }) }),
    expect: refused('saml_time_invalid', 'Conditions/NotOnOrAfter'),
  },
  'time-without-zone': {
    xml: oneSigned({ conditions: conditions({ notOnOrAfter: '2026-06-01T12:05:00' }) }),
    expect: refused('saml_time_invalid', 'Conditions/NotOnOrAfter'),
  },
  'time-of-no-calendar': {
    xml: oneSigned({ conditions: conditions({ notOnOrAfter: '2026-06-31T12:05:00Z' }) }),
    expect: refused('saml_time_invalid', 'Conditions/NotOnOrAfter'),
  },
  'issue-instant-missing': {
    xml: oneSigned({ issueInstant: 'now' }),
    expect: refused('saml_time_invalid', 'Assertion/IssueInstant'),
  },

  'authn-statement-missing': {
    xml: oneSigned({ authn: null }),
    expect: refused('saml_authn_statement_missing', 'Assertion'),
  },
  'authn-instant-malformed': {
    xml: oneSigned({ authn: authnStatement({ authnInstant: '' }) }),
    expect: refused('saml_time_invalid', 'AuthnStatement/AuthnInstant'),
  },
  'authentication-too-old': {
    xml: oneSigned(),
    settings: { maxAuthnAgeSeconds: 59, clockSkewSeconds: 0 },
    expect: refused('saml_authn_too_old', 'AuthnStatement/AuthnInstant'),
  },
  'authentication-in-the-future': {
    xml: oneSigned({ authn: authnStatement({ authnInstant: '2026-06-01T12:01:01Z' }) }),
    settings: { maxAuthnAgeSeconds: 3600 },
    expect: refused('saml_not_yet_valid', 'AuthnInstant/NotBefore'),
  },
  'session-expired': {
    xml: oneSigned({ authn: authnStatement({ sessionNotOnOrAfter: '2026-06-01T12:00:00Z' }) }),
    expect: refused('saml_session_expired', 'AuthnStatement/SessionNotOnOrAfter'),
  },
  'session-expired-in-second-statement': {
    xml: oneSigned({ authn: authnStatement() + authnStatement({ sessionNotOnOrAfter: '2026-06-01T11:00:00Z' }) }),
    expect: refused('saml_session_expired', 'AuthnStatement/SessionNotOnOrAfter'),
  },

  'attribute-without-name': {
    xml: oneSigned({ attributes: attributeStatement('<saml:Attribute></saml:Attribute>') }),
    expect: refused('saml_structure_invalid', 'Attribute'),
  },
  'attribute-value-is-xml': {
    xml: oneSigned({ attributes: attributeStatement(attribute('a', '<x:y xmlns:x="urn:x"></x:y>')) }),
    expect: refused('saml_structure_invalid', 'AttributeValue'),
  },
  'name-id-twice': {
    xml: oneSigned({ subject: subject(nameId() + nameId('eve@idp.example') + confirmation()) }),
    expect: refused('saml_structure_invalid', 'Subject'),
  },
  'name-id-holds-an-element': {
    xml: oneSigned({ subject: subject(nameId('ada<x:y xmlns:x="urn:x"></x:y>') + confirmation()) }),
    expect: refused('saml_structure_invalid', 'NameID'),
  },
  'assertion-has-unknown-child': {
    xml: oneSigned({ extra: '<x:y xmlns:x="urn:x"></x:y>' }),
    expect: refused('saml_structure_invalid', 'Assertion'),
  },
  'assertion-has-text': { xml: oneSigned({ extra: 'text' }), expect: refused('saml_structure_invalid', 'Assertion') },
  'response-has-unknown-child': {
    xml: response(`${signed(assertion())}<x:y xmlns:x="urn:x"></x:y>`),
    expect: refused('saml_structure_invalid', 'Response'),
  },
  'not-a-response': { xml: signed(assertion()), expect: refused('saml_structure_invalid', 'Assertion') },
}
