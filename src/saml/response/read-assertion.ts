import { requiredTime, timeOf } from '../date-time.ts'
import type { Decryptor } from '../encryption/decryptor.ts'
import { assertionNamespace, signatureNamespace, unspecifiedFormat } from '../names.ts'
import { refusal } from '../refusal.ts'
import {
  atMostOne,
  elementsIn,
  plainText,
  requiredAttribute,
  structureError,
  trimSpace,
  withoutIndentation,
} from '../structure.ts'
import type { Attribute, NameId } from '../verified-assertion.ts'
import { withoutUndefined } from '../without-undefined.ts'
import { attributeOf, childrenNamed, isElement, textOf, type XmlElement } from '../xml/element.ts'
import { type Issuer, readIssuer } from './issuer.ts'
import { readAttributes } from './read-attributes.ts'

/** Everything an assertion says that web single sign-on looks at. SAML Core 2.3.3. */
export interface AssertionContent {
  readonly id: string
  readonly version: string
  readonly issueInstant: Date
  readonly issuer: Issuer
  readonly nameId: NameId | undefined
  readonly confirmations: readonly SubjectConfirmation[]
  readonly conditions: Conditions
  readonly authnStatements: readonly AuthnStatement[]
  readonly attributes: readonly Attribute[]
}

/** SAML Core 2.4.1.1. */
export interface SubjectConfirmation {
  readonly method: string
  readonly recipient: string | undefined
  readonly notBefore: Date | undefined
  readonly notOnOrAfter: Date | undefined
  /** Absent also when it arrives empty. */
  readonly inResponseTo: string | undefined
}

/** SAML Core 2.5.1. */
export interface Conditions {
  readonly notBefore: Date | undefined
  readonly notOnOrAfter: Date | undefined
  /** One list of audiences for each AudienceRestriction: all restrictions must be met. */
  readonly audienceRestrictions: readonly (readonly string[])[]
  /** Names of conditions that are not in SAML Core. */
  readonly unknown: readonly string[]
}

/** SAML Core 2.7.2. */
export interface AuthnStatement {
  readonly authnInstant: Date
  readonly sessionIndex: string | undefined
  readonly sessionNotOnOrAfter: Date | undefined
  readonly authnContextClassRef: string | undefined
}

/**
 * The assertion must be signed, so that a signature covers whatever stands encrypted inside it.
 *
 * Throws `saml_structure_invalid`, `saml_time_invalid`, `saml_subject_missing`, and what `decryptor` throws.
 */
export function readAssertion(assertion: XmlElement, decryptor: Decryptor): AssertionContent {
  checkChildren(assertion)
  const issueInstant = requiredTime(assertion, 'IssueInstant')
  const issuer = atMostOne(assertion, assertionNamespace, 'Issuer')
  if (issuer === undefined) throw structureError(assertion, 'Issuer')
  const subject = atMostOne(assertion, assertionNamespace, 'Subject')
  if (subject === undefined) throw refusal('saml_subject_missing', { check: 'Assertion', wanted: 'Subject' })
  return {
    id: requiredAttribute(assertion, 'ID'),
    version: attributeOf(assertion, 'Version') ?? '',
    issueInstant,
    issuer: readIssuer(issuer),
    ...readSubject(subject, decryptor),
    conditions: readConditions(atMostOne(assertion, assertionNamespace, 'Conditions')),
    authnStatements: childrenNamed(assertion, assertionNamespace, 'AuthnStatement').map(readAuthnStatement),
    attributes: readAttributes(childrenNamed(assertion, assertionNamespace, 'AttributeStatement'), decryptor),
  }
}

const knownChildren: ReadonlySet<string> = new Set([
  'Issuer',
  'Subject',
  'Conditions',
  'Advice',
  'AuthnStatement',
  'AttributeStatement',
  'AuthzDecisionStatement',
  'Statement',
])

function checkChildren(assertion: XmlElement): void {
  for (const child of elementsIn(assertion)) {
    const known = child.namespace === assertionNamespace && knownChildren.has(child.localName)
    if (known || isElement(child, signatureNamespace, 'Signature')) continue
    throw structureError(assertion, 'children that SAML Core 2.3.3 names', child.name)
  }
}

const subjectChildren: ReadonlySet<string> = new Set(['BaseID', 'NameID', 'EncryptedID', 'SubjectConfirmation'])

/** Another kind of name that is passed over would leave nobody, or somebody else. SAML Core 2.4.1. */
function readSubject(subject: XmlElement, decryptor: Decryptor): Pick<AssertionContent, 'nameId' | 'confirmations'> {
  for (const child of elementsIn(subject)) {
    if (child.namespace === assertionNamespace && subjectChildren.has(child.localName)) continue
    throw structureError(subject, 'children that SAML Core 2.4.1 names', child.name)
  }
  const nameId = nameIdOf(subject, decryptor)
  return {
    nameId: nameId && readNameId(nameId),
    confirmations: childrenNamed(subject, assertionNamespace, 'SubjectConfirmation').map(readConfirmation),
  }
}

/** SAML Core 2.2.4. */
function nameIdOf(subject: XmlElement, decryptor: Decryptor): XmlElement | undefined {
  const nameId = atMostOne(subject, assertionNamespace, 'NameID')
  const encrypted = atMostOne(subject, assertionNamespace, 'EncryptedID')
  if (encrypted === undefined) return nameId
  if (nameId !== undefined) throw structureError(subject, 'NameID or EncryptedID', 'both')
  return decryptor.decrypt(encrypted, { wanted: 'NameID', isSigned: true })
}

/**
 * An empty NameID names nobody: it counts as absent. The text is kept as it stands, for it is compared byte for byte; only
 * a pretty-printer's line breaks around it are no part of it.
 */
export function readNameId(element: XmlElement): NameId | undefined {
  const value = textOf(element)
  if (value === undefined) throw structureError(element, 'text only', 'an element inside')
  if (trimSpace(value) === '') return undefined
  return withoutUndefined({
    value: withoutIndentation(value),
    format: attributeOf(element, 'Format') || unspecifiedFormat,
    nameQualifier: attributeOf(element, 'NameQualifier'),
    spNameQualifier: attributeOf(element, 'SPNameQualifier'),
  })
}

function readConfirmation(confirmation: XmlElement): SubjectConfirmation {
  const data = atMostOne(confirmation, assertionNamespace, 'SubjectConfirmationData')
  return {
    method: requiredAttribute(confirmation, 'Method'),
    recipient: data && attributeOf(data, 'Recipient'),
    notBefore: data && timeOf(data, 'NotBefore'),
    notOnOrAfter: data && timeOf(data, 'NotOnOrAfter'),
    inResponseTo: (data && attributeOf(data, 'InResponseTo')) || undefined,
  }
}

function readConditions(conditions: XmlElement | undefined): Conditions {
  const audienceRestrictions: (readonly string[])[] = []
  const unknown: string[] = []
  if (conditions === undefined) return { notBefore: undefined, notOnOrAfter: undefined, audienceRestrictions, unknown }
  for (const condition of elementsIn(conditions)) {
    if (isElement(condition, assertionNamespace, 'AudienceRestriction')) {
      audienceRestrictions.push(elementsIn(condition).map(readAudience))
    } else if (!isMetByOneUse(condition)) unknown.push(condition.name)
  }
  return {
    notBefore: timeOf(conditions, 'NotBefore'),
    notOnOrAfter: timeOf(conditions, 'NotOnOrAfter'),
    audienceRestrictions,
    unknown,
  }
}

/** OneTimeUse holds of every assertion here; ProxyRestriction speaks of assertions we would issue, and we issue none. */
function isMetByOneUse(condition: XmlElement): boolean {
  return (
    isElement(condition, assertionNamespace, 'OneTimeUse') ||
    isElement(condition, assertionNamespace, 'ProxyRestriction')
  )
}

function readAudience(audience: XmlElement): string {
  if (!isElement(audience, assertionNamespace, 'Audience'))
    throw structureError(audience, 'saml:Audience', audience.name)
  return plainText(audience)
}

function readAuthnStatement(statement: XmlElement): AuthnStatement {
  const context = atMostOne(statement, assertionNamespace, 'AuthnContext')
  const classRef = context && atMostOne(context, assertionNamespace, 'AuthnContextClassRef')
  return {
    authnInstant: requiredTime(statement, 'AuthnInstant'),
    sessionIndex: attributeOf(statement, 'SessionIndex') || undefined,
    sessionNotOnOrAfter: timeOf(statement, 'SessionNotOnOrAfter'),
    authnContextClassRef: classRef && plainText(classRef),
  }
}
