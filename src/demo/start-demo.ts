import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { applyDeclaration } from '../admin/apply-declaration.ts'
import { freezeSettings, type Settings } from '../config/settings.ts'
import { LatchkeyError } from '../errors.ts'
import { administrationOf } from '../main.ts'
import { type RunningServer, serve } from '../server/serve.ts'
import { type RunningTestIdentityProvider, startTestIdentityProvider } from '../test-identity-provider/server.ts'
import { demoDeclaration } from './declaration.ts'
import { createPortal } from './portal/portal.ts'

/**
 * The demo: Latchkey, Company A's identity provider and Company B's portal, each on a site of its own (names under
 * `.localhost`; ports alone would be one site and hide lost cookies). Started again it finds the same accounts: all three keep
 * what they know in the data directory.
 */
export interface DemoOptions {
  readonly dataDirectory: string
  /** Where Latchkey and the gateway listen. 0: any free one, for the portal and the identity provider too. */
  readonly port: number
  readonly identityProviderPort: number
  readonly portalPort: number
  readonly logLevel: Settings['logLevel']
}

export const defaultDemoPorts = { port: 4400, identityProviderPort: 4401, portalPort: 4402 } as const

export interface RunningDemo {
  readonly settings: Settings
  readonly latchkey: RunningServer
  readonly identityProvider: RunningTestIdentityProvider
  readonly addresses: DemoAddresses
  stop(): Promise<void>
}

export interface DemoAddresses {
  /** What a person at Company B's door opens. */
  readonly portal: string
  /** Where an employee of Company A begins the day. */
  readonly identityProvider: string
  readonly latchkey: string
  /** The portal without the gateway before it: refuses everybody. */
  readonly bypass: string
}

/** Throws `port_in_use` naming the setting, and what `serve` throws. Stops what it had started. */
export async function startDemo(options: DemoOptions): Promise<RunningDemo> {
  const stops: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const part of stops.splice(0).reverse()) await part()
  }
  try {
    return await startParts(options, stops, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function startParts(
  options: DemoOptions,
  stops: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<RunningDemo> {
  const settings = settingsOf(options)
  const latchkeyUrl = settings.publicUrl
  const portalUrl = `http://benefits.localhost:${options.port}`
  const identityProviderUrl = `http://company-a.localhost:${options.identityProviderPort}`

  const latchkey = await namingFlag('--port', () => serve(settings))
  stops.push(() => latchkey.stop())

  const portal = createPortal({
    issuer: latchkeyUrl,
    audience: 'benefits',
    jwksUrl: `http://127.0.0.1:${options.port}/.well-known/jwks.json`,
  })
  await namingFlag('--portal-port', () => listen(portal, options.portalPort))
  stops.push(() => closeServer(portal))

  const encryptionCertificate = await certificateToEncryptFor(latchkey)
  const identityProvider = await namingFlag('--identity-provider-port', () =>
    startTestIdentityProvider({
      port: options.identityProviderPort,
      name: 'Company A',
      publicUrl: identityProviderUrl,
      dataDirectory: options.dataDirectory,
      serviceProviders: [
        {
          entityId: `${latchkeyUrl}/sso/company-a/metadata`,
          acsUrl: `${latchkeyUrl}/sso/company-a/acs`,
          logoutUrl: `${latchkeyUrl}/sso/company-a/logout`,
          name: 'Benefits',
          description: 'Health, dental and more, at Company B',
          relayState: `${portalUrl}/`,
          encryptionCertificate,
        },
      ],
    }),
  )
  stops.push(() => identityProvider.close())

  const bypass = `http://127.0.0.1:${options.portalPort}`
  const declaration = demoDeclaration({ metadata: identityProvider.metadata(), portalUrl, upstream: bypass })
  await applyDeclaration({ declaration }, administrationOf(settings, latchkey.latchkey.directory))
  await latchkey.catalog.reload()
  const addresses = { portal: portalUrl, identityProvider: identityProviderUrl, latchkey: latchkeyUrl, bypass }
  return { settings, latchkey, identityProvider, addresses, stop }
}

/** So that the identity provider can encrypt. */
async function certificateToEncryptFor({ latchkey }: RunningServer): Promise<string | undefined> {
  const [key] = await latchkey.directory.listServiceKeys('saml-encryption')
  return key?.publicPart
}

function settingsOf(options: DemoOptions): Settings {
  return freezeSettings({
    publicUrl: `http://latchkey.localhost:${options.port}`,
    listenPort: options.port,
    dataDirectory: options.dataDirectory,
    logLevel: options.logLevel,
    drainSeconds: 2,
  })
}

/** A busy port is said with the flag that changes it. */
async function namingFlag<T>(flag: string, start: () => Promise<T>): Promise<T> {
  try {
    return await start()
  } catch (error) {
    if (!(error instanceof LatchkeyError) || error.code !== 'port_in_use') throw error
    const detail = { ...error.detail, at: flag, advice: `Choose another with \`npm run demo -- ${flag} NUMBER\`.` }
    throw new LatchkeyError('port_in_use', detail, { cause: error })
  }
}

function listen(server: Server, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new LatchkeyError('port_in_use', { check: 'port', arrived: String(port) }, { cause: error })
          : error,
      ),
    )
    server.listen(port, '127.0.0.1', () => resolve(server.address() as AddressInfo))
  })
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
