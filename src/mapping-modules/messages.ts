/** What the two sides of a module's thread say to each other. Texts are JSON. */
export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unloadable'; readonly reason: string }
  | { readonly kind: 'gave'; readonly text: string }
  /** It threw: which error, and where in the file. */
  | { readonly kind: 'threw'; readonly error: string }
  | { readonly kind: 'unusable'; readonly wanted: string; readonly arrived: string }

export interface ThreadData {
  /** A file URL. */
  readonly file: string
}

/** Longest answer, in characters of JSON: all that a field or a grant may be, for somebody with very many. */
export const mostCharacters = 3_000_000
