import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import type { TestContext } from 'node:test'
import type { Pool } from 'pg'
import { applyDeclaration } from '../../src/admin/apply-declaration.ts'
import { freezeSettings } from '../../src/config/settings.ts'
import { serviceAddresses } from '../../src/directory/service-addresses.ts'
import { administrationOf, openLatchkey } from '../../src/main.ts'
import { createTestIdentityProvider } from '../../src/test-identity-provider/identity-provider.ts'
import { startCommandLine } from '../cli/command-line.ts'
import { createTestDatabase } from '../support/databases.ts'
import { makeTemporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

/** `latchkey serve --processes N` as an operator starts it, with one connection whose identity provider really signs. */
export interface SeveralProcesses {
  readonly port: number
  readonly pool: Pool
  /** Lines of the log so far. */
  log(): readonly Readonly<Record<string, unknown>>[]
  /** The form that a browser would post. */
  formOf(person: string): string
  /** Posts it over a connection of its own. */
  post(form: string): Promise<Answer>
  metrics(): Promise<string>
  /** As a service manager does. Gives the exit code. */
  terminate(): Promise<number | null>
}

export interface Answer {
  readonly status: number | undefined
  readonly cookies: readonly string[]
  readonly text: string
}

export const connectionId = 'company-a'
export const acsPath = `/sso/${connectionId}/acs`
export const host = 'login.example'

/** With `mappingModule`, the path of one that the connection is mapped by. */
export async function startSeveral(
  t: TestContext,
  processes: number,
  mappingModule?: string,
): Promise<SeveralProcesses> {
  const database = await createTestDatabase('served')
  t.after(database.remove)
  const publicUrl = `https://${host}`
  const secret = randomBytes(32)
  const mappingModules = mappingModule === undefined ? [] : [{ name: 'own', path: mappingModule }]
  const settings = { ...freezeSettings({ publicUrl, mappingModules }), storage: database.settings, secret }
  const latchkey = await openLatchkey(settings)
  t.after(() => latchkey.close())
  const provider = await createTestIdentityProvider({ baseUrl: 'https://idp.company-a.example' })
  const connection = {
    metadata: { text: provider.metadata() },
    settings: { allowIdpInitiated: true, ...(mappingModule && { mappingModule: 'own' }) },
  }
  const declaration = { organizations: { 'company-a': { connections: { [connectionId]: connection } } } }
  await applyDeclaration({ declaration }, administrationOf(settings, latchkey.directory))

  const cwd = makeTemporaryFolder('processes')
  const { child, texts, ended } = startCommandLine(
    ['serve', '--processes', String(processes), '--listen-port', '0', '--public-url', publicUrl],
    {
      cwd,
      environment: {
        LATCHKEY_DATABASE_URL: 'url' in database.settings ? database.settings.url : '',
        LATCHKEY_SECRET: secret.toString('base64'),
        ...(mappingModule && { LATCHKEY_MAPPING_MODULES: `own=${mappingModule}` }),
      },
    },
  )
  t.after(async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(cwd, { recursive: true, force: true })
  })
  const log = () =>
    texts.out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  const ready = await until(() => {
    if (child.exitCode !== null) throw new Error(`${texts.out}${texts.error}`)
    return log().find(({ msg }) => msg === 'ready')
  })
  const port = Number(String(ready.address).split(':').at(-1))
  return {
    port,
    pool: latchkey.storage.pool,
    log,
    formOf(person) {
      const { samlResponse } = provider.issueResponse({
        serviceProvider: serviceAddresses({ id: connectionId }, publicUrl),
        person: { nameId: person, attributes: { uid: person, mail: `${person}@company-a.example` } },
      })
      return `SAMLResponse=${encodeURIComponent(samlResponse)}`
    },
    post: (form) => ask(port, acsPath, form),
    metrics: async () => (await ask(port, '/metrics')).text,
    async terminate() {
      child.kill('SIGTERM')
      return (await ended).code
    },
  }
}

/** How long an answer may take before it counts as lost. */
const patienceMs = 10_000

function ask(port: number, path: string, form?: string): Promise<Answer> {
  const headers = { host, 'content-type': 'application/x-www-form-urlencoded' }
  const method = form === undefined ? 'GET' : 'POST'
  const agent = new Agent({ keepAlive: false })
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, path, method, headers, agent, timeout: patienceMs },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        response.on('error', reject)
        response.on('end', () =>
          resolve({ status: response.statusCode, cookies: response.headers['set-cookie'] ?? [], text }),
        )
      },
    )
    asked.on('timeout', () => asked.destroy(new Error('no answer')))
    asked.on('error', reject)
    asked.end(form)
  })
}
