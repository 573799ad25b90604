import { randomBytes } from 'node:crypto'
import type { Pool } from 'pg'
import { uuidv7 } from 'uuidv7'
import type { Administration } from '../../src/admin/administration.ts'
import { type CommandInput, type CommandName, type CommandResult, runCommand } from '../../src/admin/commands.ts'
import { contentOfText } from '../../src/admin/metadata-content.ts'
import { normalForm } from '../../src/directory/account.ts'
import { LatchkeyError } from '../../src/errors.ts'
import { previewHeaders } from '../../src/gateway/preview-headers.ts'
import { migrateSchema } from '../../src/store/migrate-schema.ts'
import { createDirectory } from '../../src/store/postgres-directory.ts'
import { writeIdentityProviderMetadata } from '../../src/test-identity-provider/metadata.ts'
import { createIdentityProviderKey } from '../../src/test-identity-provider/signing-key.ts'
import { newPerson, type Person, writesFor } from '../store/samples.ts'
import type { OpenTestDatabase } from '../support/databases.ts'

export const now = new Date('2026-03-01T12:00:00.000Z')
const { certificate } = await createIdentityProviderKey({ now })

/** Metadata of an identity provider at this address. */
export function metadataOf(baseUrl: string): string {
  return writeIdentityProviderMetadata({ entityId: `${baseUrl}/metadata`, baseUrl, certificate })
}

/** An administrator at work on a database of their own. */
export interface Office {
  readonly deps: Administration
  readonly pool: Pool
  run<N extends CommandName>(name: N, input: CommandInput<N>): Promise<CommandResult<N>>
  /** Everything in every table, to see that nothing was written. */
  contents(): Promise<string>
  /** Somebody signs in for the first time; gives the account's id. */
  signIn(connectionId: string, person?: Person): Promise<string>
}

export async function openOffice({ pool }: Pick<OpenTestDatabase, 'pool'>): Promise<Office> {
  await migrateSchema(pool)
  const directory = createDirectory(pool)
  const deps: Administration = {
    directory,
    now: () => now,
    newId: () => uuidv7(),
    actor: 'cli',
    publicUrl: 'https://login.example',
    randomBytes,
    resolveTxt: async () => [],
    secret: () => Buffer.alloc(32, 3),
    identityHeaders: previewHeaders,
    fetchMetadata: async (url) => {
      if (url === 'https://idp.example/metadata') {
        return { unchanged: false, content: contentOfText(metadataOf('https://idp.example')), validators: {} }
      }
      throw new LatchkeyError('metadata_unreachable', { at: url })
    },
  }
  return {
    deps,
    pool,
    // runCommand gives what the table says, as JSON; the types are the table's.
    run: async <N extends CommandName>(name: N, input: CommandInput<N>) =>
      (await runCommand(name, input, deps)) as CommandResult<N>,
    contents: () => readContents(pool),
    signIn: async (connectionId, person = newPerson()) => {
      const connection = await directory.findConnection(connectionId)
      if (!connection) throw new Error(`no connection ${connectionId}`)
      const state = await directory.readSignInState({
        organizationId: connection.organizationId,
        connectionId,
        subjectKey: person.subjectKey,
        usernameKey: normalForm(person.username),
      })
      const writes = writesFor(connection, person, state)
      await directory.applySignIn(writes)
      return writes.account.id
    },
  }
}

/** Every row of every table, to see that nothing was written. */
export async function readContents(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public' order by 1",
  )
  const parts: string[] = []
  for (const { name } of rows) {
    const { rows: texts } = await pool.query<{ text: string }>(`select t::text as text from "${name}" t order by 1`)
    parts.push(`${name}:`, ...texts.map(({ text }) => text))
  }
  return parts.join('\n')
}

/** A company with one connection, two roles of its own and an application. */
export async function furnish(office: Pick<Office, 'run'>): Promise<void> {
  await office.run('organization.create', { id: 'company-a', name: 'Company A' })
  await office.run('role.create', { name: 'editor', description: 'Edits.' })
  await office.run('connection.add', {
    id: 'company-a',
    metadata: { text: metadataOf('https://idp.example') },
    settings: { grantableRoles: ['editor'] },
  })
  await office.run('declaration.apply', {
    declaration: {
      applications: {
        benefits: {
          name: 'Benefits',
          origin: 'https://benefits.example',
          upstream: 'http://127.0.0.1:9000',
          connections: ['company-a'],
        },
      },
    },
  })
}
