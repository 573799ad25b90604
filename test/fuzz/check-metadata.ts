import { isDeepStrictEqual } from 'node:util'
import { readMetadata } from '../../src/saml/metadata/read-metadata.ts'
import {
  type Answer,
  answerOf,
  isProven,
  isRefusedUnproven,
  readWhole,
  shortest,
  withoutPlace,
} from '../saml/metadata/same-answer.ts'
import { type Finding, finding } from './finding.ts'
import type { MetadataCase } from './metadata-input.ts'

export interface MetadataCounts {
  compared: number
  /** Of these, no refusal. */
  read: number
}

/**
 * Metadata gives one answer, whether the scanner reads it in one or in the shortest pieces, however it arrives; and it is
 * used only where the verifier of messages, reading the whole, finds it as it was signed.
 */
export function checkMetadata(
  xml: string,
  { options, partCharacters }: MetadataCase,
  counts: MetadataCounts,
): Finding | undefined {
  const whole = readWhole(xml, options)
  const inPieces = answerOf(() => readMetadata(xml, options, { ...shortest, partCharacters }))
  counts.compared++
  if ('read' in whole) counts.read++
  if (!isDeepStrictEqual(withoutPlace(whole), withoutPlace(inPieces))) {
    return finding('metadata reads otherwise in pieces', { whole: show(whole), inPieces: show(inPieces) })
  }
  if (isRefusedUnproven(whole) === isProven(xml, options.signingCertificate)) {
    return finding('metadata is judged otherwise by the verifier of messages', { answer: show(whole) })
  }
  return undefined
}

function show(answer: Answer): string {
  return JSON.stringify(answer, null, 2)
}
