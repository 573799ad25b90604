import { LatchkeyError } from '../errors.ts'

/**
 * What the log may say of an unexpected error: its class, its codes and where it came from. A message is kept only of
 * those classes whose messages speak of code; others may quote what a person sent.
 */
export function describeError(error: unknown, depth = 0): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { type: typeof error }
  const { code, constraint, syscall } = error as { code?: unknown; constraint?: unknown; syscall?: unknown }
  return {
    type: error.name,
    ...(speaksOfCode(error) && { message: error.message }),
    ...(typeof code === 'string' && { code }),
    ...(typeof constraint === 'string' && { constraint }),
    ...(typeof syscall === 'string' && { syscall }),
    stack: stackFrames(error),
    ...(error.cause !== undefined && depth < 3 && { cause: describeError(error.cause, depth + 1) }),
  }
}

function speaksOfCode(error: Error): boolean {
  return [LatchkeyError, TypeError, RangeError, ReferenceError].some((type) => error instanceof type)
}

/** The frames without the first line, which repeats the message. */
function stackFrames(error: Error): readonly string[] {
  const lines = (error.stack ?? '').split('\n').map((line) => line.trim())
  return lines.filter((line) => /^at .*:\d+:\d+\)?$/.test(line)).slice(0, 12)
}
