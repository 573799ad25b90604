import type { IssuedAttribute } from './response.ts'

/** The people of the test identity provider, and what it says about them. */
export interface Person {
  readonly id: string
  /** One line on the page where one chooses who one is. */
  readonly story: string
  /** The persistent NameID: says nothing, never changes. SAML Core 8.3.7. */
  readonly nameId: string
  readonly uid: string
  readonly cn: string
  readonly sn: string
  readonly givenName: string
  readonly displayName: string
  readonly mail: string
  readonly telephoneNumber: string
  readonly title: string
  readonly roles: readonly string[]
  readonly organization: string
  readonly department: string
  readonly employeeNumber: string
  readonly groups: readonly string[]
  /** ISO 8601; empty: the person stays. */
  readonly accountExpiryTime: string
}

/** What may change: never who it is. */
export type PersonChanges = Partial<Omit<Person, 'id' | 'story' | 'nameId'>>

export interface PeopleOptions {
  /** Name of the organization they work for. */
  readonly organization: string
  readonly now: Date
  /** After how many seconds the contractor's access ends. */
  readonly contractorEndsInSeconds: number
  readonly randomBytes: (size: number) => Buffer
}

/** A new employee, a project manager, an administrator of benefits and a contractor whose access ends. */
export function createPeople(options: PeopleOptions): readonly Person[] {
  const ends = new Date(options.now.getTime() + options.contractorEndsInSeconds * 1000)
  const person = (given: string, family: string, story: string, rest: RestOfPerson): Person => ({
    id: given.toLowerCase(),
    story,
    nameId: options.randomBytes(16).toString('hex'),
    uid: `${given}.${family}`.toLowerCase(),
    cn: `${given} ${family}`,
    sn: family,
    givenName: given,
    displayName: `${given} ${family}`,
    mail: `${given}.${family}@company-a.example`.toLowerCase(),
    organization: options.organization,
    accountExpiryTime: '',
    ...rest,
  })
  return [
    person('Nina', 'Newcomer', 'New employee, first day today', {
      telephoneNumber: '+1 555 0101',
      title: 'Junior Analyst',
      roles: ['employee'],
      department: 'Finance',
      employeeNumber: '1001',
      groups: ['all-staff', 'finance'],
    }),
    person('Paul', 'Project', 'Project manager with a team', {
      telephoneNumber: '+1 555 0102',
      title: 'Project Manager',
      roles: ['employee', 'project-manager'],
      department: 'Projects',
      employeeNumber: '1002',
      groups: ['all-staff', 'projects', 'managers'],
    }),
    person('Ada', 'Admin', 'Administrator of the benefits', {
      telephoneNumber: '+1 555 0103',
      title: 'Benefits Administrator',
      roles: ['employee', 'benefits-administrator'],
      department: 'Human Resources',
      employeeNumber: '1003',
      groups: ['all-staff', 'human-resources'],
    }),
    person('Carl', 'Contractor', 'Contractor whose access ends', {
      telephoneNumber: '+1 555 0104',
      title: 'Consultant',
      roles: ['contractor'],
      department: 'Projects',
      employeeNumber: 'C-2001',
      groups: ['contractors'],
      accountExpiryTime: `${ends.toISOString().slice(0, 19)}Z`,
    }),
  ]
}

type RestOfPerson = Pick<Person, 'telephoneNumber' | 'title' | 'roles' | 'department' | 'employeeNumber' | 'groups'> &
  Partial<Pick<Person, 'accountExpiryTime'>>

/** Attribute name → the part of a person it carries, in the order they are sent. */
const sentAttributes = {
  uid: 'uid',
  cn: 'cn',
  sn: 'sn',
  givenName: 'givenName',
  displayName: 'displayName',
  mail: 'mail',
  telephoneNumber: 'telephoneNumber',
  title: 'title',
  role: 'roles',
  organization: 'organization',
  department: 'department',
  employeeNumber: 'employeeNumber',
  groups: 'groups',
  'account-expiry-time': 'accountExpiryTime',
} as const satisfies Readonly<Record<string, keyof Person>>

/** What is empty is not sent. */
export function attributesOf(person: Person): readonly IssuedAttribute[] {
  return Object.entries(sentAttributes)
    .map(([name, part]) => ({ name, values: [person[part]].flat().filter((value) => value !== '') }))
    .filter(({ values }) => values.length > 0)
}
