import type { Pool } from 'pg'
import { uuidv7 } from 'uuidv7'
import { type Connection, connectionSettings } from '../../src/directory/connection.ts'
import type { Directory } from '../../src/directory/directory.ts'
import { nameIdText } from '../../src/provisioning/subject-key.ts'

const organizationId = 'company-a'
export const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'

export function accountIdOf(number: number): string {
  return `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`
}

/** A company whose people have all signed in before: one in a hundred is a manager. */
export async function openCompany(pool: Pool, directory: Directory, people: number): Promise<Connection> {
  const event = () => {
    return { id: uuidv7(), at: new Date(), actor: 'bench', action: 'bench', target: 'bench', detail: {} }
  }
  const createdAt = new Date()
  await directory.createOrganization({ id: organizationId, name: 'Company A', createdAt }, event())
  for (const name of ['employee', 'manager']) {
    await directory.createRole({ organizationId, name, description: '', kind: 'application' }, event())
  }
  const connection: Connection = {
    organizationId,
    id: 'company-a',
    name: 'Company A',
    identityProvider: {
      entityId: 'https://idp.company-a.example',
      singleSignOnServices: [{ binding: 'redirect', location: 'https://idp.company-a.example/sso' }],
      signingCertificates: ['TUlJQw=='],
      wantAuthnRequestsSigned: false,
    },
    settings: connectionSettings.parse({ defaultRole: 'employee', grantableRoles: ['employee', 'manager'] }),
    version: 1,
    createdAt,
  }
  await directory.createConnection(connection, event())
  await fill(pool, people)
  return connection
}

/** What a person's attributes are, by their number; one in a hundred is a manager. */
export function attributesOf(number: string, role: string): Readonly<Record<string, readonly string[]>> {
  return {
    uid: [`person${number}`],
    cn: [`Person Number ${number}`],
    givenName: ['Person'],
    sn: [`Number ${number}`],
    mail: [`person${number}@company-a.example`],
    title: ['Analyst'],
    department: ['Research'],
    employeeNumber: [number],
    role: [role],
    groups: ['staff', 'berlin', 'research', 'readers', 'writers'],
  }
}

function fieldsOf(number: string): string {
  const { groups: _groups, ...fields } = attributesOf(number, 'employee')
  const owner = { source: 'connection:company-a', since: new Date() }
  const entries = Object.entries(fields).map(([name, values]) => [name, { values, rule: name, ...owner }])
  return JSON.stringify(Object.fromEntries(entries))
}

async function fill(pool: Pool, people: number): Promise<void> {
  const id = `('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`
  await pool.query(
    `insert into account (organization_id, id, username, username_key, state, fields, created_at, updated_at, version)
     select $1, ${id}, 'person' || n, 'person' || n, 'active', replace($3, 'NUMBER', n::text)::jsonb, now(), now(), 1
     from generate_series(1, $2::integer) as n`,
    [organizationId, people, fieldsOf('NUMBER')],
  )
  await pool.query(
    `insert into identity (organization_id, connection_id, subject_key, account_id, created_at)
     select $1, 'company-a', replace($3, 'SUBJECT', 'subject-' || n), ${id}, now()
     from generate_series(1, $2::integer) as n`,
    [organizationId, people, nameIdText({ value: 'SUBJECT', format: persistent })],
  )
  await pool.query(
    `insert into grant_set (organization_id, account_id, kind, source, held)
     select $1, ${id}, 'role', 'connection:company-a',
       jsonb_build_object(case when n % 100 = 0 then 'manager' else 'employee' end, jsonb_build_array('assertion-role', now()))
     from generate_series(1, $2::integer) as n`,
    [organizationId, people],
  )
  const groups = attributesOf('', '').groups?.map((name) => [name, ['assertion-group', new Date()]]) ?? []
  await pool.query(
    `insert into grant_set (organization_id, account_id, kind, source, held)
     select $1, ${id}, 'group', 'connection:company-a', $3::jsonb
     from generate_series(1, $2::integer) as n`,
    [organizationId, people, JSON.stringify(Object.fromEntries(groups))],
  )
  await pool.query('analyze')
}
