import { type Logger, pino } from 'pino'
import type { Settings } from './config/settings.ts'
import { describeError } from './http/describe-error.ts'

/** How long a line may wait for others: to write each for itself costs more than to make it. */
const gatheredMilliseconds = 100
const gatheredBytes = 8192
/** Several processes write to one pipe: what is longer may be written into the middle of another's (`PIPE_BUF`, pipe(7)). */
const unbrokenBytes = 4096

/**
 * One line of JSON an event, on standard output; what waits is written when the process ends. `process`: which of several
 * processes speaks.
 */
export function createLog({ logLevel }: Pick<Settings, 'logLevel'>, process?: number): Logger {
  const options = {
    level: logLevel,
    base: process === undefined ? null : { process },
    timestamp: pino.stdTimeFunctions.isoTime,
    // Messages and details of errors may quote what a person sent.
    serializers: { err: describeError },
  }
  const gathering =
    process === undefined ? { minLength: gatheredBytes } : { minLength: unbrokenBytes / 2, maxWrite: unbrokenBytes }
  return pino(options, pino.destination({ dest: 1, sync: false, periodicFlush: gatheredMilliseconds, ...gathering }))
}
