import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import formbody from '@fastify/formbody'
import fastify from 'fastify'
import { LatchkeyError } from '../errors.ts'
import { createTestIdentityProvider, type TestIdentityProvider } from './identity-provider.ts'
import type { SignedPart } from './response.ts'
import { addRoutes } from './site/routes.ts'
import type { ServiceProviderLink, Site } from './site/site.ts'
import { openState, type ProviderState } from './state.ts'

/** The test identity provider as a web site, for the demo and for whoever wants to try a connection by hand. */
export interface TestIdentityProviderServerOptions {
  /** 0: any free one. */
  readonly port: number
  /** Default `127.0.0.1`. */
  readonly host?: string | undefined
  /** Name of the company, for example `Company A`. */
  readonly name: string
  /** Origin people and service providers reach it under. Default `http://{host}:{port}`. */
  readonly publicUrl?: string | undefined
  /** Default `{publicUrl}/metadata`. */
  readonly entityId?: string | undefined
  readonly serviceProviders?: readonly ServiceProviderLink[] | undefined
  /** Keeps key, people and settings in `test-identity-provider.json` there. Without it, in memory. */
  readonly dataDirectory?: string | undefined
  /** What is signed until somebody changes it. Default `assertion`. */
  readonly sign?: SignedPart | undefined
  /** When a contractor's access ends, counted from the first start. Default five days. */
  readonly contractorEndsInSeconds?: number | undefined
  /** Refuses requests that are not signed; then only HTTP-Redirect is offered. Default false. */
  readonly wantAuthnRequestsSigned?: boolean | undefined
  readonly now?: (() => Date) | undefined
}

export interface RunningTestIdentityProvider {
  readonly url: string
  readonly entityId: string
  /** Issues responses without a browser. */
  readonly provider: TestIdentityProvider
  readonly people: ProviderState['people']
  readonly changePerson: ProviderState['changePerson']
  readonly changeSettings: ProviderState['changeSettings']
  readonly metadata: () => string
  /** Replaces the list it was started with. */
  readonly setServiceProviders: (serviceProviders: readonly ServiceProviderLink[]) => void
  readonly close: () => Promise<void>
}

/** Throws `port_in_use`, and `configuration_invalid` when its file cannot be read. */
export async function startTestIdentityProvider(
  options: TestIdentityProviderServerOptions,
): Promise<RunningTestIdentityProvider> {
  const now = options.now ?? (() => new Date())
  const state = await openState({
    name: options.name,
    now: now(),
    contractorEndsInSeconds: options.contractorEndsInSeconds ?? 5 * 86_400,
    sign: options.sign ?? 'assertion',
    dataDirectory: options.dataDirectory,
  })
  const server = await listen(options.host ?? '127.0.0.1', options.port)
  const baseUrl = options.publicUrl ?? originOf(server)
  const entityId = options.entityId ?? `${baseUrl}/metadata`
  const provider = await createTestIdentityProvider({ baseUrl, entityId, key: state.key, now })
  let serviceProviders = options.serviceProviders ?? []
  const wantAuthnRequestsSigned = options.wantAuthnRequestsSigned ?? false
  const site: Site = {
    name: options.name,
    provider,
    state,
    serviceProviders: () => serviceProviders,
    wantAuthnRequestsSigned,
    now,
  }
  await serve(server, site)
  return {
    url: baseUrl,
    entityId,
    provider,
    people: state.people,
    changePerson: state.changePerson,
    changeSettings: state.changeSettings,
    metadata: () =>
      provider.metadata({
        wantAuthnRequestsSigned,
        redirectOnly: wantAuthnRequestsSigned,
        singleLogout: true,
        artifacts: true,
      }),
    setServiceProviders: (list) => {
      serviceProviders = list
    },
    close: () => close(server),
  }
}

/** The port is taken before anything else, so that a busy one is said at once and a free one is known to the pages. */
function listen(host: string, port: number): Promise<Server> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const detail = { check: 'test identity provider', arrived: `${host}:${port}` }
      reject(error.code === 'EADDRINUSE' ? new LatchkeyError('port_in_use', detail, { cause: error }) : error)
    })
    server.listen(port, host, () => resolve(server))
  })
}

async function serve(server: Server, site: Site): Promise<void> {
  const app = fastify({
    bodyLimit: 256 * 1024,
    serverFactory: (handler) => server.on('request', handler),
  })
  await app.register(formbody)
  addRoutes(app, site)
  await app.ready()
}

function originOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
