declare const decoded: unique symbol

/** The XML of a response. Only `decodeResponse` makes one: size, base64 and UTF-8 have been checked, nothing else. */
export interface DecodedResponse {
  readonly bytes: Buffer
  /** The same as text. */
  readonly xml: string
  readonly [decoded]: true
}
