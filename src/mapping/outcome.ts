/** What a rule came to: values, or why there are none. */
export type Outcome =
  | { readonly kind: 'values'; readonly values: readonly string[]; readonly rule: string }
  /** Its `when` gave false: the rule says nothing. */
  | { readonly kind: 'passed-over' }
  | Fault

/** Why a rule gives no value. */
export interface Fault {
  readonly kind: 'missing' | 'empty' | 'repeated' | 'malformed'
  /** The attribute or source it is about. */
  readonly at: string
  readonly wanted: string
  readonly arrived: string
}

/** Why values cannot be used. The value itself is not repeated: it may be personal. */
export interface Malformed {
  readonly wanted: string
}

export function isMalformed(result: readonly string[] | Malformed): result is Malformed {
  return !Array.isArray(result)
}
