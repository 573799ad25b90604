import { LatchkeyError } from '../errors.ts'

/** Longest value of one header, encoded, in bytes. Usual servers take four times as much in a line. */
const maxValueBytes = 2048

/**
 * A value as it stands in an identity header: printable ASCII stays as it is, but `%`, `,` and a space at either end;
 * everything else is its UTF-8 bytes as `%XX` in upper case. `decodeURIComponent`, `rawurldecode` and `unquote` undo it.
 *
 * Throws `header_value_invalid` for control characters, half surrogate pairs and values beyond 2 KiB.
 */
export function encodeHeaderValue(value: string, header: string): string {
  if (/[\p{Cc}\p{Cs}]/u.test(value)) throw refused(header, 'a control character or half a character')
  const encoded = value.replace(/^ +| +$|[%,]|[^ -~]+/g, percentEncode)
  if (encoded.length > maxValueBytes) throw refused(header, `${encoded.length} bytes`)
  return encoded
}

/** Several values in one header: each encoded, joined by commas without a space. */
export function encodeHeaderList(values: readonly string[], header: string): string {
  return values.map((value) => encodeHeaderValue(value, header)).join(',')
}

/** `encodeURIComponent` leaves none of what arrives here as it is. */
function percentEncode(text: string): string {
  return encodeURIComponent(text)
}

function refused(header: string, arrived: string): LatchkeyError {
  return new LatchkeyError('header_value_invalid', {
    check: header,
    wanted: `text without control characters, at most ${maxValueBytes} bytes when encoded`,
    arrived,
    advice: 'Correct the value where the account has it from: the identity provider, or the mapping of the connection.',
  })
}
