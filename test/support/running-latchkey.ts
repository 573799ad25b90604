import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Administration } from '../../src/admin/administration.ts'
import { applyDeclaration } from '../../src/admin/apply-declaration.ts'
import type { DeclarationInput } from '../../src/admin/declaration.ts'
import { freezeSettings, type SettingValues } from '../../src/config/settings.ts'
import { administrationOf } from '../../src/main.ts'
import { type RunningServer, serve } from '../../src/server/serve.ts'
import { createTestDatabase, type DatabaseKind } from './databases.ts'
import { freePort } from './free-port.ts'

/** A whole server, as `latchkey serve` runs it, with an application behind it that answers with what it was sent. */
export interface RunningLatchkey {
  readonly server: RunningServer
  readonly publicUrl: string
  /** Acts as an administrator on the same storage. */
  readonly office: Administration
  readonly applicationOrigin: string
  /** Applies a declaration; the application `echo` is always part of it. */
  declare(organizations: DeclarationInput['organizations'], connections: readonly string[]): Promise<void>
}

interface Cleanup {
  after(work: () => Promise<void>): void
}

export async function startLatchkey(
  test: Cleanup,
  kind: DatabaseKind = 'embedded',
  more: SettingValues = {},
): Promise<RunningLatchkey> {
  const database = await createTestDatabase(kind)
  const port = await freePort()
  const settings = {
    ...freezeSettings({
      publicUrl: `http://latchkey.localhost:${port}`,
      listenPort: port,
      logLevel: 'silent',
      drainSeconds: 1,
      ...more,
    }),
    storage: database.settings,
    secret: Buffer.alloc(32, 7),
  }
  const server = await serve(settings)
  const application = await startEcho()
  test.after(async () => {
    await server.stop()
    application.close()
    application.closeAllConnections()
    await database.remove()
  })
  const applicationOrigin = `http://echo.localhost:${port}`
  const upstream = `http://127.0.0.1:${(application.address() as AddressInfo).port}`
  return {
    server,
    publicUrl: settings.publicUrl,
    office: administrationOf(settings, server.latchkey.directory),
    applicationOrigin,
    async declare(organizations, connections) {
      const policy = [
        { path: '/', allow: 'everyone' as const },
        { path: '/managers', roles: ['manager'] },
      ]
      const declaration: DeclarationInput = {
        ...(organizations === undefined ? {} : { organizations }),
        applications: { echo: { origin: applicationOrigin, upstream, connections: [...connections], policy } },
      }
      await applyDeclaration({ declaration }, administrationOf(settings, server.latchkey.directory))
      await server.catalog.reload()
    },
  }
}

/** Answers every request with its method, address and headers as JSON. */
async function startEcho(): Promise<Server> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
