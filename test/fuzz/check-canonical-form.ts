import { CanonicalFormTooLong, canonicalize } from '../../src/saml/xml/canonicalize.ts'
import type { XmlElement, XmlNode } from '../../src/saml/xml/element.ts'
import { scan } from '../../src/saml/xml/scan.ts'
import { ScanError } from '../../src/saml/xml/scan-error.ts'
import { documentRules, messageRules, type ScanRules } from '../../src/saml/xml/scan-rules.ts'
import { type Finding, finding } from './finding.ts'
import { canonicalPart, withDocument } from './libxml2.ts'
import type { Random } from './random.ts'
import { prefixNames } from './random-document.ts'

export interface CanonicalCounts {
  accepted: number
  compared: number
}

/**
 * Where our scanner accepts a text: libxml2 accepts it too, the canonical forms of the whole and of a part are the same
 * bytes, and reading the canonical form gives the same tree again.
 */
export function checkCanonicalForm(xml: string, random: Random, counts: CanonicalCounts): Finding | undefined {
  for (const rules of [messageRules, documentRules]) {
    const root = accepted(xml, rules)
    if (root === undefined) continue
    counts.accepted++
    // Instructions are left out when they are ignored, and belong to the canonical form: nothing to compare.
    if (rules === documentRules && xml.replace(/^<\?xml\s/, '').includes('<?')) continue
    const found = compare(xml, root, rules, random, counts)
    if (found !== undefined) return found
  }
  return undefined
}

function accepted(xml: string, rules: ScanRules): XmlElement | undefined {
  try {
    return scan(xml, rules).root
  } catch (error) {
    if (error instanceof ScanError) return undefined
    throw error
  }
}

function compare(
  xml: string,
  root: XmlElement,
  rules: ScanRules,
  random: Random,
  counts: CanonicalCounts,
): Finding | undefined {
  const part = somePart(root, random)
  const prefixes = random.chance(0.5)
    ? []
    : random.times(random.below(5), () => random.pick([...prefixNames, '#default', 'xml']))
  const inclusivePrefixes = prefixes.map((prefix) => (prefix === '#default' ? '' : prefix))
  try {
    return withDocument(xml, (document) => {
      for (const one of [
        { element: root, path: '/*', prefixes: [], inclusive: [] },
        { ...part, prefixes, inclusive: inclusivePrefixes },
      ]) {
        const ours = canonicalize(one.element, { inclusivePrefixes: one.inclusive, maxCharacters: rules.maxCharacters })
        const theirs = canonicalPart(document, one)
        counts.compared++
        if (ours !== theirs)
          return finding('the canonical form differs', {
            ours,
            theirs,
            path: one.path,
            prefixes: one.prefixes.join(' '),
          })
        const again = readAgain(ours, one.element, one.inclusive, rules)
        if (again !== undefined) return again
      }
      return undefined
    })
  } catch (error) {
    if (error instanceof CanonicalFormTooLong) return undefined
    const { details } = error as { readonly details?: unknown }
    return finding('libxml2 refuses what we accept', { error: `${error}\n${JSON.stringify(details)}` })
  }
}

function readAgain(
  canonical: string,
  element: XmlElement,
  inclusivePrefixes: readonly string[],
  rules: ScanRules,
): Finding | undefined {
  const again = accepted(canonical, rules)
  // It may be longer than what it is the form of: then nothing is read from it.
  if (again === undefined && Buffer.byteLength(canonical) > rules.maxCharacters) return undefined
  if (again === undefined) return finding('the canonical form is not read again', { canonical })
  if (describe(again) !== describe(element)) {
    return finding('the canonical form is read as another tree', {
      canonical,
      first: describe(element),
      again: describe(again),
    })
  }
  const twice = canonicalize(again, { inclusivePrefixes, maxCharacters: rules.maxCharacters })
  return twice === canonical
    ? undefined
    : finding('the canonical form has another canonical form', { canonical, twice })
}

/** All that a reader may see of a tree, which a namespace prefix is not. */
function describe(node: XmlNode): string {
  if (typeof node === 'string') return JSON.stringify(node)
  const attributes = node.attributes.map(({ namespace, localName, value }) =>
    JSON.stringify([namespace, localName, value]),
  )
  return `{${node.namespace}}${node.localName}(${attributes.sort().join()})[${node.children.map(describe).join()}]`
}

/** Some element of the tree, with the XPath that leads to it. */
function somePart(root: XmlElement, random: Random): { readonly element: XmlElement; readonly path: string } {
  let [element, path] = [root, '/*']
  while (random.chance(0.7)) {
    const children = element.children.filter((node) => typeof node !== 'string')
    if (children.length === 0) break
    const index = random.below(children.length)
    element = children[index] ?? element
    path += `/*[${index + 1}]`
  }
  return { element, path }
}
