import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client'
import type { BreakGlassNotice } from '../break-glass/break-glass-dependencies.ts'
import type { ErrorCode } from '../errors.ts'

/** What is counted. Labels are codes, routes and names that the operator chose: never a person, never a customer. */
/** Something that ends; the gauge of days counts down by itself. */
export interface MeasuredExpiry {
  readonly kind: string
  readonly connection?: string
  readonly purpose?: string
  readonly endsAt: Date
}

/** All that one process has counted, in a form that can be sent. */
export type MetricsOfProcess = MetricObjectWithValues<MetricValue<string>>[]

export interface Metrics {
  readonly registry: Registry
  signInFinished(outcome: { readonly refused?: ErrorCode; readonly seconds: number }): void
  sessionEnded(): void
  /** A local administrator came in, was refused, or registered a passkey. */
  breakGlassUsed(notice: BreakGlassNotice): void
  /** From now on the gauges say how full it is. */
  watchQueue(queue: { readonly running: number; readonly waiting: number }): void
  /** Replaces what the gauges of people and notices that wait say. */
  waitingRead(waiting: { readonly accounts: number; readonly notices: number }): void
  /** `outcome`: what became of one try to send a notice. */
  noticeTried(notice: { readonly kind: string; readonly outcome: string }): void
  /** Replaces what the gauge of days counts. */
  expiriesRead(expiries: readonly MeasuredExpiry[]): void
  requestFinished(request: {
    readonly route: string
    readonly method: string
    readonly status: number
    readonly seconds: number
  }): void
  /** For the gateway: `forwarded`, `entered` (an address of its own), or why it refused. */
  countRequest(applicationId: string, outcome: 'forwarded' | 'entered' | ErrorCode): void
  gatewayRequestFinished(request: {
    readonly applicationId: string
    readonly status: number
    readonly seconds: number
  }): void
}

const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export interface MetricsOptions {
  readonly now?: () => Date
  /** Which of several processes counts: a label on each line. Added up, counters would fall when one of them is started again. */
  readonly process?: number | undefined
}

export function createMetrics({ now = () => new Date(), process }: MetricsOptions = {}): Metrics {
  const registry = new Registry()
  if (process !== undefined) registry.setDefaultLabels({ process: String(process) })
  collectDefaultMetrics({ register: registry, prefix: 'latchkey_' })
  const registers = [registry]
  const signIns = new Counter({
    name: 'latchkey_sign_ins_total',
    help: 'Sign-ins finished, by outcome and code of the refusal.',
    labelNames: ['outcome', 'code'],
    registers,
  })
  const signInSeconds = new Histogram({
    name: 'latchkey_sign_in_duration_seconds',
    help: 'Time from the posted response to the answer.',
    labelNames: ['outcome'],
    buckets: durationBuckets,
    registers,
  })
  const sessions = new Counter({
    name: 'latchkey_sessions_total',
    help: "Sessions of Latchkey's own host that this process opened by a sign-in or ended by a sign-out.",
    labelNames: ['event'],
    registers,
  })
  const breakGlass = new Counter({
    name: 'latchkey_break_glass_total',
    help: 'Local administrators let in (entered) or refused, and passkeys registered for them; by what they came with.',
    labelNames: ['event', 'by'],
    registers,
  })
  const requests = new Histogram({
    name: 'latchkey_http_request_duration_seconds',
    help: "Requests to Latchkey's own host, by route.",
    labelNames: ['route', 'method', 'status'],
    buckets: durationBuckets,
    registers,
  })
  const gatewayRequests = new Histogram({
    name: 'latchkey_gateway_request_duration_seconds',
    help: 'Requests to applications behind the gateway, up to the end of the answer.',
    labelNames: ['application', 'status'],
    buckets: durationBuckets,
    registers,
  })
  const gatewayOutcomes = new Counter({
    name: 'latchkey_gateway_requests_total',
    help: 'Requests to applications behind the gateway, by what was done with them.',
    labelNames: ['application', 'outcome'],
    registers,
  })
  let queue = { running: 0, waiting: 0 }
  new Gauge({
    name: 'latchkey_sign_ins_in_queue',
    help: 'Sign-ins that this process works on (running) or that wait for that (waiting).',
    labelNames: ['state'],
    registers,
    collect() {
      this.set({ state: 'running' }, queue.running)
      this.set({ state: 'waiting' }, queue.waiting)
    },
  })
  const notices = new Counter({
    name: 'latchkey_notices_total',
    help: 'Notices to administrators, by kind and what became of each try to send one.',
    labelNames: ['kind', 'outcome'],
    registers,
  })
  const accountsWaiting = new Gauge({
    name: 'latchkey_accounts_waiting',
    help: 'People who wait for approval.',
    registers,
  })
  const noticesWaiting = new Gauge({
    name: 'latchkey_notices_waiting',
    help: 'Notices to administrators that have not been delivered.',
    registers,
  })
  let expiries: readonly MeasuredExpiry[] = []
  new Gauge({
    name: 'latchkey_expiry_days',
    help: "Days until a connection's last signing certificate or its metadata ends, or a key of our own (connection empty, its purpose given).",
    labelNames: ['kind', 'connection', 'purpose'],
    registers,
    collect() {
      this.reset()
      for (const { kind, connection = '', purpose = '', endsAt } of expiries) {
        this.set({ kind, connection, purpose }, (endsAt.getTime() - now().getTime()) / 86_400_000)
      }
    },
  })
  return {
    registry,
    waitingRead(waiting) {
      accountsWaiting.set(waiting.accounts)
      noticesWaiting.set(waiting.notices)
    },
    noticeTried: ({ kind, outcome }) => notices.inc({ kind, outcome }),
    expiriesRead(read) {
      expiries = read
    },
    signInFinished({ refused, seconds }) {
      const outcome = refused === undefined ? 'accepted' : 'refused'
      signIns.inc({ outcome, code: refused ?? '' })
      signInSeconds.observe({ outcome }, seconds)
      if (refused === undefined) sessions.inc({ event: 'opened' })
    },
    watchQueue(watched) {
      queue = watched
    },
    breakGlassUsed(notice) {
      const by = 'by' in notice ? notice.by : 'link'
      breakGlass.inc({ event: notice.event.replace('break_glass.', ''), by })
      if (notice.event === 'break_glass.entered') sessions.inc({ event: 'opened' })
    },
    sessionEnded: () => sessions.inc({ event: 'ended' }),
    requestFinished({ route, method, status, seconds }) {
      requests.observe({ route, method, status }, seconds)
    },
    countRequest: (application, outcome) => gatewayOutcomes.inc({ application, outcome }),
    gatewayRequestFinished({ applicationId, status, seconds }) {
      gatewayRequests.observe({ application: applicationId, status }, seconds)
    },
  }
}
