/** How much the scanner reads before it gives up. Every limit bounds a cost: together they keep reading linear in the size. */
export interface ScanRules {
  readonly maxCharacters: number
  readonly maxDepth: number
  readonly maxElements: number
  readonly maxAttributesPerElement: number
  readonly maxDeclarationsPerElement: number
  /** Declarations that an element sees, its ancestors' included. */
  readonly maxDeclarationsInScope: number
  /** Comments and processing instructions. A document type declaration is refused in any case. */
  readonly commentsAndInstructions: 'refuse' | 'ignore'
}

/** A protocol message: small, and nothing in it that a reader might skip. */
export const messageRules: ScanRules = {
  maxCharacters: 256 * 1024,
  maxDepth: 48,
  maxElements: 10_000,
  maxAttributesPerElement: 16,
  maxDeclarationsPerElement: 16,
  maxDeclarationsInScope: 80,
  commentsAndInstructions: 'refuse',
}

/** A document such as metadata: written by people and tools, up to a whole federation long. */
export const documentRules: ScanRules = {
  maxCharacters: 128 * 1024 * 1024,
  maxDepth: 64,
  maxElements: 5_000_000,
  maxAttributesPerElement: 64,
  maxDeclarationsPerElement: 64,
  maxDeclarationsInScope: 160,
  commentsAndInstructions: 'ignore',
}
