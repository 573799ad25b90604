import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import type { Approvals } from '../admin/approvals.ts'
import type { WaitingRoom } from '../admin/waiting-room.ts'
import type { BreakGlassDependencies } from '../break-glass/break-glass-dependencies.ts'
import type { Settings } from '../config/settings.ts'
import type { Application } from '../directory/application.ts'
import type {
  ApplicationDirectory,
  ConnectionDirectory,
  Housekeeping,
  LocalAdministratorDirectory,
  LogoutDirectory,
  OrganizationDirectory,
  PreviewDirectory,
  SessionDirectory,
  SetUpDirectory,
  SignInDirectory,
  TestSignInDirectory,
} from '../directory/directory.ts'
import type { ServiceKeys } from '../keys/service-keys.ts'
import type { PreviewDependencies } from '../preview/preview-dependencies.ts'
import type { SignInDependencies } from '../sign-in/sign-in-dependencies.ts'
import type { SignInQueue } from '../sign-in/sign-in-queue.ts'
import type { ApiDependencies } from './api/api-dependencies.ts'
import type { Metrics, MetricsOfProcess } from './metrics.ts'

/** What answers on the host names of applications. `gateway/` implements it; this folder never imports it. */
export interface ApplicationGateway {
  handle(request: IncomingMessage, response: ServerResponse, application: Application): Promise<void> | void
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, application: Application): Promise<void> | void
}

/** The processes that share our port, this one among them. */
export interface OtherProcesses {
  /** What each of them has counted, as its registry gives it; those that do not answer are left out. */
  gatherMetrics(): Promise<readonly MetricsOfProcess[]>
}

/** What the HTTP side needs from outside; everything a sign-in needs is part of it. */
export interface HttpDependencies extends SignInDependencies {
  readonly directory: SignInDirectory &
    PreviewDirectory &
    TestSignInDirectory &
    SetUpDirectory &
    SessionDirectory &
    LogoutDirectory &
    LocalAdministratorDirectory &
    Pick<Housekeeping, 'checkStorage'> &
    Pick<ConnectionDirectory, 'listConnections'> &
    Pick<ApplicationDirectory, 'listApplications'> &
    Pick<OrganizationDirectory, 'findOrganization' | 'listOrganizations'>
  /** Decides requests for approval by their links. */
  readonly approvals: Approvals
  /** Absent: `/api/v1` is not there. */
  readonly api?: ApiDependencies
  /** For local administrators. */
  readonly breakGlass: Pick<BreakGlassDependencies, 'secret' | 'pace' | 'recordPace'>
  /** For people who wait for approval. */
  readonly waitingRoom: WaitingRoom
  readonly listen: Settings['listen']
  readonly keys: ServiceKeys
  /** What the gateway would send; for the page at the end of a test. */
  readonly identityHeaders: PreviewDependencies['identityHeaders']
  /** In front of everything that begins or completes a sign-in. */
  readonly signInQueue: SignInQueue
  readonly gateway: ApplicationGateway
  readonly metrics: Metrics
  /** Absent: this is the only one. */
  readonly otherProcesses?: OtherProcesses | undefined
  readonly log: Logger
}
