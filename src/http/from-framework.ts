import type { IncomingMessage } from 'node:http'
import type { FastifyError } from 'fastify'
import { type ErrorCode, LatchkeyError } from '../errors.ts'

/** What the framework refused before a route saw it, or a request that broke off. Anything else stays as it is. */
export function fromFramework(error: unknown, raw: IncomingMessage): unknown {
  if (raw.destroyed && !raw.complete) return new LatchkeyError('request_invalid', { check: 'end of the request' })
  const { code, statusCode } = error as Partial<FastifyError>
  const ours = frameworkCodes[code ?? '']
  if (ours !== undefined) return new LatchkeyError(ours, { check: code ?? '' })
  const isRequest = code?.startsWith('FST_') && statusCode !== undefined && statusCode >= 400 && statusCode < 500
  return isRequest ? new LatchkeyError('request_invalid', { check: code ?? '' }) : error
}

const frameworkCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'request_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'content_type_unsupported',
}
