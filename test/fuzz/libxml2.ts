import { ParseOption, type XmlC14NMode, XmlDocument, XmlElement } from 'libxml2-wasm'

/** The other reader: libxml2. Everything of it that a fuzzing run uses, each document disposed of on every path. */

const exclusive: (typeof XmlC14NMode)['XML_C14N_EXCLUSIVE_1_0'] = 1
// Huge: without it, names and texts are shorter and trees flatter than we read them.
const option =
  ParseOption.XML_PARSE_HUGE |
  ParseOption.XML_PARSE_NONET |
  ParseOption.XML_PARSE_NOERROR |
  ParseOption.XML_PARSE_NOWARNING

export interface CanonicalPart {
  /** XPath of the element whose subtree is wanted; left out: the document element. */
  readonly path?: string
  /** InclusiveNamespaces PrefixList as it stands in a message. */
  readonly prefixes?: readonly string[]
}

/** Throws what libxml2 throws when the text is not well-formed. */
export function withDocument<T>(xml: string | Uint8Array, action: (document: XmlDocument) => T): T {
  const document =
    typeof xml === 'string' ? XmlDocument.fromString(xml, { option }) : XmlDocument.fromBuffer(xml, { option })
  try {
    return action(document)
  } finally {
    document.dispose()
  }
}

/** Exclusive XML Canonicalization 1.0 without comments. */
export function canonicalPart(document: XmlDocument, { path = '/*', prefixes = [] }: CanonicalPart): string {
  const element = document.get(path)
  if (!(element instanceof XmlElement)) throw new Error(`libxml2 finds no element at ${path}`)
  return document.canonicalizeToString({
    mode: exclusive,
    nodeSet: new Set([element]),
    inclusiveNamespacePrefixes: [...prefixes],
  })
}

/** The text of the one NameID of a verified element, as libxml2 reads it. */
export function nameIdOf(xml: string): string | undefined {
  return withDocument(xml, (document) => {
    const found = document.find('//saml:Subject/saml:NameID', { saml: 'urn:oasis:names:tc:SAML:2.0:assertion' })
    if (found.length > 1) throw new Error(`libxml2 sees ${found.length} NameIDs`)
    return found[0]?.content
  })
}
