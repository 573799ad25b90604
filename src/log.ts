import { type Logger, pino } from 'pino'
import type { Settings } from './config/settings.ts'
import { describeError } from './http/describe-error.ts'

/** One line of JSON an event, on standard output. `process`: which of several processes speaks. */
export function createLog({ logLevel }: Pick<Settings, 'logLevel'>, process?: number): Logger {
  return pino({
    level: logLevel,
    base: process === undefined ? null : { process },
    timestamp: pino.stdTimeFunctions.isoTime,
    // Messages and details of errors may quote what a person sent.
    serializers: { err: describeError },
  })
}
