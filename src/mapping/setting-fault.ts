import { LatchkeyError } from '../errors.ts'

/** A setting that cannot be used, found before it is saved. Throws `input_invalid`. */
export function refuseSetting(fault: {
  /** `pattern`, `expression`. */
  readonly check: string
  readonly wanted: string
  readonly arrived: string
  /** Dotted path of the setting, and the position in it where one is known. */
  readonly at: string
  readonly advice?: string
}): never {
  throw new LatchkeyError('input_invalid', fault)
}
