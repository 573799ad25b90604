import { serviceAddresses } from '../../src/directory/service-addresses.ts'
import type { TestIdentityProvider } from '../../src/test-identity-provider/identity-provider.ts'
import type { IssuedAttribute } from '../../src/test-identity-provider/response.ts'

/** Who signs in, and what their identity provider says: 10 attributes, one of them with 20 groups, the assertion signed. */

export const connectionId = 'company-a'
export const publicUrl = 'https://login.example'

const serviceProvider = serviceAddresses({ id: connectionId }, publicUrl)
export const acsPath = new URL(serviceProvider.acsUrl).pathname

/** Of 100 sign-ins 20 are a person's first, 20 find a person with a new title, 60 find everything as it was. */
export const mixture = 'of 100 sign-ins 20 are first ones, 20 bring a new title, 60 bring nothing new'
const firstOfFive = 0
const changedOfFive = 1

interface Person {
  readonly crowd: string
  readonly number: number
  titleVersion: number
}

export interface Crowd {
  /** So many persons who were never here; afterwards they were. Gives form bodies. */
  issueFirst(count: number): readonly Buffer[]
  /** So many of those who were here, whoever was away longest first; nothing about them is new. */
  issueReturning(count: number): readonly Buffer[]
  /** So many sign-ins in the proportions of `mixture`, of persons who each come once. */
  issueMixture(count: number): readonly Buffer[]
}

/** `crowd` tells its persons from those of another. */
export function createCrowd(provider: TestIdentityProvider, crowd: string): Crowd {
  const waiting: Person[] = []
  let persons = 0

  function newPerson(): Person {
    persons += 1
    return { crowd, number: persons, titleVersion: 1 }
  }

  /** Whoever has been away longest. */
  function returning(): Person {
    const person = waiting.shift()
    if (person === undefined) throw new Error('nobody was here before')
    return person
  }

  function personAt(index: number): Person {
    if (index % 5 === firstOfFive) return newPerson()
    const person = returning()
    if (index % 5 === changedOfFive) person.titleVersion += 1
    return person
  }

  function issue(count: number, choose: (index: number) => Person): readonly Buffer[] {
    const chosen = Array.from({ length: count }, (_unused, index) => choose(index))
    waiting.push(...chosen)
    return chosen.map((person) => formBody(provider, person))
  }

  return {
    issueFirst: (count) => issue(count, newPerson),
    issueReturning: (count) => issue(count, returning),
    issueMixture: (count) => issue(count, personAt),
  }
}

/** The response of one person of a crowd, by number. */
export function issuePerson(provider: TestIdentityProvider, crowd: string, number: number): Buffer {
  return formBody(provider, { crowd, number, titleVersion: 1 })
}

/** What a browser posts. */
function formBody(provider: TestIdentityProvider, person: Person): Buffer {
  const { samlResponse } = provider.issueResponse({
    serviceProvider,
    person: { nameId: `3f5e-4b8e-${person.crowd}-${person.number}`, attributes: attributesOf(person) },
    notOnOrAfter: new Date(Date.now() + 3_600_000),
    beforeSigning: { assertion: addTypes },
  })
  return Buffer.from(`SAMLResponse=${encodeURIComponent(samlResponse)}`)
}

function attributesOf({ crowd, number, titleVersion }: Person): readonly IssuedAttribute[] {
  return [
    attribute('uid', '0.9.2342.19200300.100.1.1', `${crowd}${number}`),
    attribute('cn', '2.5.4.3', `Person ${number}`),
    attribute('sn', '2.5.4.4', `${number}`),
    attribute('givenName', '2.5.4.42', 'Person'),
    attribute('mail', '0.9.2342.19200300.100.1.3', `${crowd}${number}@company-a.example`),
    attribute('title', '2.5.4.12', `Analyst ${titleVersion}`),
    attribute('department', '2.5.4.11', `Department ${number % 10}`),
    attribute('organization', '2.5.4.10', 'Company A'),
    attribute('employeeNumber', '2.16.840.1.113730.3.1.3', `A-${number}`),
    attribute('isMemberOf', '1.3.6.1.4.1.5923.1.5.1.1', ...groups),
  ]
}

const groups = Array.from(
  { length: 20 },
  (_unused, index) => `cn=benefits-group-${index},ou=groups,dc=company-a,dc=example`,
)

function attribute(friendlyName: string, oid: string, ...values: readonly string[]): IssuedAttribute {
  const nameFormat = 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri'
  return { name: `urn:oid:${oid}`, friendlyName, nameFormat, values }
}

/** Values say their type, as those of most products do. */
function addTypes(assertion: string): string {
  const typed = '<saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">'
  return assertion.replaceAll('<saml:AttributeValue>', typed)
}
