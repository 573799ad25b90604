const prefix = 'urn:oasis:names:tc:SAML:2.0:ac:classes:'

/** What a sign-in here is called when nobody asks for anything else. */
export const usualClass = `${prefix}PasswordProtectedTransport`

/** From the weakest to the strongest. One click is as good as any of them: this identity provider is for trying things out. */
const classes: readonly string[] = ['Password', 'PasswordProtectedTransport', 'TimeSyncToken', 'X509'].map(
  (name) => prefix + name,
)

/** SAML Core 3.3.2.2.1. */
export interface WantedAuthnContext {
  readonly classRefs: readonly string[]
  readonly comparison: string
}

/** The class an answer names; `undefined` when nothing here is what was asked for. */
export function chooseClass(wanted: WantedAuthnContext | undefined): string | undefined {
  if (wanted === undefined || isWanted(usualClass, wanted)) return usualClass
  return classes.find((known) => isWanted(known, wanted))
}

function isWanted(candidate: string, { classRefs, comparison }: WantedAuthnContext): boolean {
  if (comparison === 'exact') return classRefs.includes(candidate)
  const strength = classes.indexOf(candidate)
  const known = classRefs.map((classRef) => classes.indexOf(classRef)).filter((position) => position !== -1)
  if (known.length === 0) return false
  if (comparison === 'minimum') return strength >= Math.min(...known)
  if (comparison === 'maximum') return strength <= Math.max(...known)
  return comparison === 'better' && strength > Math.max(...known)
}
