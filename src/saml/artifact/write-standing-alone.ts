import { refusal } from '../refusal.ts'
import { CanonicalFormTooLong, canonicalize } from '../xml/canonicalize.ts'
import { allElements, type XmlElement } from '../xml/element.ts'

/** As many prefixes as an element can have in scope. */
const maxPrefixes = 80

/**
 * An element as a document of its own, with all the namespaces that are in scope where it stood. So whatever stands inside it has
 * the same exclusive canonical form as before, with any list of prefixes, and its signatures verify as they did in place.
 *
 * Throws `saml_limits_exceeded`.
 */
export function writeStandingAlone(element: XmlElement): string {
  const inclusivePrefixes = prefixesSeen(element)
  if (inclusivePrefixes.length > maxPrefixes) throw tooMuch('prefixes', `at most ${maxPrefixes}`)
  try {
    return canonicalize(element, { inclusivePrefixes })
  } catch (error) {
    if (!(error instanceof CanonicalFormTooLong)) throw error
    throw tooMuch('message on its own', 'a message of the size that can be posted')
  }
}

/** Declared around the element or inside it. */
function prefixesSeen(element: XmlElement): readonly string[] {
  const prefixes = new Set<string>()
  for (let at = element.parent; at !== undefined; at = at.parent) addDeclared(at, prefixes)
  for (const inside of allElements(element)) addDeclared(inside, prefixes)
  return [...prefixes]
}

function addDeclared({ declarations }: XmlElement, prefixes: Set<string>): void {
  for (const { prefix } of declarations) prefixes.add(prefix)
}

function tooMuch(check: string, wanted: string) {
  return refusal('saml_limits_exceeded', { check, wanted, arrived: 'more' })
}
