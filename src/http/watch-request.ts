import type { IncomingMessage, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { HttpDependencies } from './http-dependencies.ts'
import { contextOf } from './request-context.ts'

/** Asked every few seconds by machines: their lines would bury the others. */
const probes: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])

/** When the answer has ended: one line in the log and one measurement. The route's pattern stands for the address. */
export function watchRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { log, metrics }: Pick<HttpDependencies, 'log' | 'metrics'>,
): void {
  const startedMs = performance.now()
  response.once('close', () => {
    const { id, route = 'none', applicationId, token, refused } = contextOf(request)
    const method = request.method ?? ''
    const status = response.headersSent ? response.statusCode : 0
    const ms = performance.now() - startedMs
    if (applicationId !== undefined) metrics.gatewayRequestFinished({ applicationId, status, seconds: ms / 1000 })
    else metrics.requestFinished({ route, method, status, seconds: ms / 1000 })
    log[probes.has(route) ? 'debug' : 'info'](
      {
        requestId: id,
        method,
        route,
        status,
        ms: Math.round(ms * 10) / 10,
        ...(applicationId !== undefined && { application: applicationId }),
        ...(token !== undefined && { token }),
        ...(refused !== undefined && { refused }),
        ...(!response.writableFinished && { brokenOff: true }),
      },
      'request',
    )
  })
}
