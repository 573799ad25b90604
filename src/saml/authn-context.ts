/** How the person must sign in, as a request asks for it and as the answer is held to it. SAML Core 3.3.2.2.1. */
export interface RequestedAuthnContext {
  /** URIs of authentication context classes; at least one. */
  readonly classRefs: readonly string[]
  /** Default `exact`. */
  readonly comparison?: 'exact' | 'minimum' | 'maximum' | 'better' | undefined
  /**
   * Classes from the weakest to the strongest, every one of `classRefs` among them. The specification orders none, so
   * without it nothing but `exact` can be verified.
   */
  readonly order?: readonly string[] | undefined
}

/**
 * Whether a class that came back is what was asked for. `minimum`: as strong as at least one of those asked for;
 * `maximum`: no stronger than at least one; `better`: stronger than every one. A class outside the order is neither.
 */
export function satisfiesAuthnContext(classRef: string | undefined, requested: RequestedAuthnContext): boolean {
  if (classRef === undefined) return false
  const { classRefs, comparison = 'exact', order = [] } = requested
  if (comparison === 'exact') return classRefs.includes(classRef)
  const strength = order.indexOf(classRef)
  if (strength === -1) return false
  const asked = classRefs.map((wanted) => order.indexOf(wanted)).filter((position) => position !== -1)
  if (asked.length === 0) return false
  if (comparison === 'minimum') return strength >= Math.min(...asked)
  if (comparison === 'maximum') return strength <= Math.max(...asked)
  return strength > Math.max(...asked)
}

/** For a refusal: what would have been enough. */
export function describeAuthnContext({ classRefs, comparison = 'exact' }: RequestedAuthnContext): string {
  return `${comparison === 'exact' ? 'one of' : `${comparison} of`} ${classRefs.join(', ')}`
}
