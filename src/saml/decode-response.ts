import { isUtf8 } from 'node:buffer'
import { decodeBase64 } from './base64.ts'
import { kindOf } from './check-settings.ts'
import type { DecodedResponse } from './decoded-response.ts'
import { refusal } from './refusal.ts'

/** Longest `SAMLResponse` form field that is read, in characters: 256 KiB, as bounded in every reading after it. */
export const maxResponseCharacters = 256 * 1024

/**
 * Decodes the form field `SAMLResponse`: strict base64, in which white space may stand (SAML Bindings 3.5.4), of valid
 * UTF-8. One byte order mark in front is dropped, as XML 1.0 section 4.3.3 wants it; nothing else is repaired.
 *
 * Throws `saml_too_large`, `saml_malformed`.
 */
export function decodeResponse(samlResponse: string): DecodedResponse {
  const bytes = checkedText(decodeField('SAMLResponse', samlResponse), 'SAMLResponse')
  return new ResponseText(bytes) as DecodedResponse & ResponseText
}

/** The bytes of a bounded base64 field. Throws `saml_too_large`, `saml_malformed`. */
export function decodeField(name: string, value: string): Buffer {
  // A form without the field, or with several of it, as some parsers of forms hand them on.
  if (typeof value !== 'string') throw malformed(name, 'one text', kindOf(value))
  if (value.length > maxResponseCharacters) {
    throw refusal('saml_too_large', {
      check: name,
      wanted: `at most ${maxResponseCharacters} characters`,
      arrived: `${value.length} characters`,
    })
  }
  const bytes = decodeBase64(value)
  if (bytes !== undefined) return bytes
  throw malformed(name, 'base64', `${value.length} characters that are not base64`)
}

/** The XML in the bytes of a message. Throws `saml_malformed`. */
export function decodeText(bytes: Buffer, name: string): string {
  return checkedText(bytes, name).toString('utf8')
}

function checkedText(bytes: Buffer, name: string): Buffer {
  if (!isUtf8(bytes)) throw malformed(name, 'UTF-8', `${bytes.length} bytes that are not UTF-8`)
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  return isMarked ? bytes.subarray(3) : bytes
}

class ResponseText {
  readonly bytes: Buffer

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  /** Made when it is asked for: verification reads the bytes. */
  get xml(): string {
    return this.bytes.toString('utf8')
  }
}

function malformed(check: string, wanted: string, arrived: string) {
  return refusal('saml_malformed', { check, wanted, arrived })
}
