/** What a value is until somebody asks to read it: enough to compare by eye, too little to know a person by. */
export function maskValue(value: string): string {
  const characters = [...value]
  return characters.length <= 2 ? '••' : `${characters[0]}•••${characters.length > 6 ? characters.at(-1) : ''}`
}

/** Every text in a value, however deep. */
export function maskTexts(value: unknown): unknown {
  if (typeof value === 'string') return maskValue(value)
  if (Array.isArray(value)) return value.map(maskTexts)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskTexts(inner)]))
}
