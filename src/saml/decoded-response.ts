declare const decoded: unique symbol

/** The XML text of a response. Only `decodeResponse` makes one: size, base64 and UTF-8 have been checked, nothing else. */
export type DecodedResponse = { readonly xml: string; readonly [decoded]: true }
