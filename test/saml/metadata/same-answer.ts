import { createHash, X509Certificate } from 'node:crypto'
import { type ErrorDetail, isLatchkeyError } from '../../../src/errors.ts'
import type { CutterLimits } from '../../../src/saml/metadata/document-cutter.ts'
import { metadataNamespace } from '../../../src/saml/metadata/metadata-document.ts'
import { type ReadMetadataOptions, readMetadata, readMetadataStream } from '../../../src/saml/metadata/read-metadata.ts'
import { signatureNamespace } from '../../../src/saml/names.ts'
import { readSignature, readSignedInfo, type SignedInfo } from '../../../src/saml/signature/signature-parts.ts'
import { verifySignedInfo } from '../../../src/saml/signature/verify-signed-info.ts'
import { canonicalize } from '../../../src/saml/xml/canonicalize.ts'
import { childrenNamed, isElement, type XmlElement } from '../../../src/saml/xml/element.ts'
import { scan } from '../../../src/saml/xml/scan.ts'
import { documentRules } from '../../../src/saml/xml/scan-rules.ts'

/** What came of reading metadata: what was read, or the refusal. */
export type Answer = { readonly read: object } | { readonly code: string; readonly detail: ErrorDetail }

const whole: CutterLimits = {
  partCharacters: documentRules.maxCharacters,
  pieceCharacters: Number.POSITIVE_INFINITY,
  maxPieceCharacters: documentRules.maxCharacters,
  maxCharacters: documentRules.maxCharacters,
  maxElements: documentRules.maxElements,
}

/** Every piece as short as it may be. */
export const shortest: CutterLimits = { ...whole, pieceCharacters: 1 }

export function answerOf(run: () => object): Answer {
  try {
    return { read: run() }
  } catch (error) {
    if (!isLatchkeyError(error)) throw error
    return { code: error.code, detail: error.detail }
  }
}

/** Metadata in one piece, as the strict scanner reads a whole document. */
export function readWhole(text: string, options: ReadMetadataOptions): Answer {
  return answerOf(() => readMetadata(text, options, whole))
}

/** The same text in the shortest pieces, and arriving in parts of these lengths, over and over. */
export async function readInPieces(bytes: Buffer, options: ReadMetadataOptions, lengths: readonly number[]) {
  const open = () => partsOf(bytes, lengths)
  try {
    return { read: await readMetadataStream(open, options, shortest) }
  } catch (error) {
    if (!isLatchkeyError(error)) throw error
    return { code: error.code, detail: error.detail }
  }
}

export async function* partsOf(bytes: Buffer, lengths: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? bytes.length
    yield bytes.subarray(at, at + length)
    at += length
  }
}

/**
 * Whether a document is well-formed and is as it was signed, found out another way: the whole of it is scanned, and its
 * canonical form is written in one.
 */
export function isProven(text: string, signingCertificate: string | undefined): boolean {
  try {
    const { root } = scan(text.replace(/^\uFEFF?[ \t\r\n]*/, ''), documentRules)
    const signatures = childrenNamed(root, signatureNamespace, 'Signature')
    const [signature] = signatures
    if (signingCertificate !== undefined)
      return signatures.length === 1 && verifies(root, signature, signingCertificate)
    if (!isElement(root, metadataNamespace, 'EntitiesDescriptor')) return true
    return signature === undefined || (signatures.length === 1 && isAsSigned(root, signature))
  } catch {
    return false
  }
}

function verifies(root: XmlElement, signature: XmlElement | undefined, certificate: string): boolean {
  const { publicKey } = new X509Certificate(Buffer.from(certificate, 'base64'))
  if (signature === undefined) return false
  const { signedInfo } = verifySignedInfo(root, signature, [{ key: publicKey, fingerprint: '' }])
  return isDigestOf(signedInfo, root, signature)
}

function isAsSigned(root: XmlElement, signature: XmlElement): boolean {
  const signed = readSignedInfo(readSignature(signature).signedInfo)
  const id = root.attributes.find(({ name }) => name === 'ID')?.value
  if (signed.referenceUri !== '' && (id === undefined || signed.referenceUri !== `#${id}`)) return false
  return isDigestOf(signed, root, signature)
}

function isDigestOf(signed: SignedInfo, root: XmlElement, signature: XmlElement): boolean {
  const inclusivePrefixes = signed.referenceInclusivePrefixes
  const canonical = canonicalize(root, {
    without: signature,
    inclusivePrefixes,
    maxCharacters: documentRules.maxCharacters,
  })
  return createHash(signed.digestHash).update(canonical).digest().equals(signed.digestValue)
}

/** Whether a document was refused because it is not as it must be, whatever it says. */
export function isRefusedUnproven(answer: Answer): boolean {
  return 'code' in answer && notProven.has(answer.code) && !saidByEntity.has(answer.detail.check ?? '')
}

/** Checks of what a chosen entity says, under codes that the document may have too. */
const saidByEntity = new Set(['validUntil', 'X509Certificate'])

const notProven: ReadonlySet<string> = new Set([
  'metadata_malformed',
  'metadata_too_large',
  'metadata_changed',
  'metadata_signature_missing',
  'metadata_signature_invalid',
])

/** Of several faults of the XML, it is not said which one is told: a piece is refused before what follows is read. */
export function withoutPlace(answer: Answer): Answer {
  const isXml = 'code' in answer && answer.detail.check === 'XML'
  return isXml ? { code: 'metadata_malformed', detail: { check: 'XML' } } : answer
}
