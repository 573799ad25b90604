import type { ConnectionSettings } from '../directory/connection.ts'
import type { FieldRule } from '../directory/mapping-settings.ts'
import { claims, microsoftClaims } from './claim-names.ts'

/**
 * Where a connection reads each field when its settings do not say: the usual names of identity providers, as friendly
 * name, OID, WS-Federation claim. Names are matched exactly, the first that arrives with a value wins.
 */

const usualRoleNames = ['role', 'roles', 'Role', 'Roles', `${microsoftClaims}/role`]

export const defaultFieldAttributes: Readonly<Record<string, readonly string[]>> = {
  uid: [
    'uid',
    'urn:oid:0.9.2342.19200300.100.1.1',
    'UID',
    'username',
    'User.Username',
    'eduPersonPrincipalName',
    'eppn',
    'urn:oid:1.3.6.1.4.1.5923.1.1.1.6',
    `${claims}/upn`,
    'subject-id',
    'urn:oasis:names:tc:SAML:attribute:subject-id',
    `${claims}/nameidentifier`,
  ],
  cn: ['cn', 'urn:oid:2.5.4.3', 'Cn', 'commonName', 'http://schemas.xmlsoap.org/claims/CommonName', `${claims}/name`],
  sn: ['sn', 'urn:oid:2.5.4.4', 'Sn', 'surname', 'lastName', 'LastName', 'User.LastName', `${claims}/surname`],
  givenName: [
    'givenName',
    'urn:oid:2.5.4.42',
    'Givenname',
    'GivenName',
    'firstName',
    'FirstName',
    'User.FirstName',
    `${claims}/givenname`,
  ],
  displayName: [
    'displayName',
    'urn:oid:2.16.840.1.113730.3.1.241',
    'DisplayName',
    'http://schemas.microsoft.com/identity/claims/displayname',
  ],
  mail: [
    'mail',
    'urn:oid:0.9.2342.19200300.100.1.3',
    'Mail',
    'email',
    'Email',
    'emailAddress',
    'urn:oid:1.2.840.113549.1.9.1',
    'User.Email',
    `${claims}/emailaddress`,
  ],
  telephoneNumber: [
    'telephoneNumber',
    'urn:oid:2.5.4.20',
    'TelephoneNumber',
    'phone',
    'phoneNumber',
    `${claims}/homephone`,
    `${claims}/otherphone`,
  ],
  title: ['title', 'urn:oid:2.5.4.12', 'Title', 'jobTitle', `${claims}/jobtitle`],
  role: usualRoleNames,
  organization: ['organization', 'o', 'urn:oid:2.5.4.10', 'Organization', 'organizationName', 'company'],
  department: ['department', 'Department', 'ou', 'urn:oid:2.5.4.11', `${claims}/department`],
  employeeNumber: [
    'employeeNumber',
    'urn:oid:2.16.840.1.113730.3.1.3',
    'EmployeeNumber',
    'employeeId',
    'employeeID',
    `${claims}/employeeid`,
  ],
}

/** Attributes whose values name roles. */
export const defaultRoleAttributes: readonly string[] = usualRoleNames

/** Attributes whose values name groups. */
export const defaultGroupAttributes: readonly string[] = [
  'groups',
  'Groups',
  'group',
  'memberOf',
  'urn:oid:1.2.840.113556.1.2.102',
  'isMemberOf',
  'urn:oid:1.3.6.1.4.1.5923.1.5.1.1',
  'member',
  'http://schemas.xmlsoap.org/claims/Group',
  `${microsoftClaims}/groups`,
]

/** Attributes that say when the account ends. */
export const defaultExpiryAttributes: readonly string[] = [
  'account-expiry-time',
  'accountExpiryTime',
  'account_expiry_time',
]

/** Entra ID sends this in place of the groups when there are more than it sends: which groups is then unknown, not none. */
export const groupsOverageAttribute = 'http://schemas.microsoft.com/claims/groups.link'

/** What a connection reads, its settings and the defaults put together. */
export interface EffectiveMapping {
  readonly fields: readonly (readonly [field: string, rules: readonly FieldRule[]])[]
  readonly roleAttributes: readonly string[]
  readonly groupAttributes: readonly string[]
  readonly expiryAttributes: readonly string[]
}

/**
 * A field the settings name is read as they say, and only so; `false` is not read; every other standard field keeps its
 * usual names. See docs/decisions/0050.
 */
export function effectiveMapping(settings: ConnectionSettings): EffectiveMapping {
  const fields = new Map<string, readonly FieldRule[]>()
  for (const [field, attributes] of Object.entries(defaultFieldAttributes)) {
    fields.set(field, [{ attributes: [...attributes], required: false }])
  }
  for (const [field, rule] of Object.entries(settings.attributeMapping ?? {})) {
    if (rule === false) fields.delete(field)
    else fields.set(field, Array.isArray(rule) ? rule : [rule])
  }
  return {
    fields: [...fields],
    roleAttributes: settings.roleAttributes ?? defaultRoleAttributes,
    groupAttributes: settings.groupAttributes ?? defaultGroupAttributes,
    expiryAttributes: settings.expiryAttributes ?? defaultExpiryAttributes,
  }
}
