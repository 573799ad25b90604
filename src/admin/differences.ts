/** One value that differs; `before` or `after` is absent where there is none. Paths are dotted: `settings.clockSkewSeconds`. */
export interface Difference {
  readonly path: string
  readonly before?: unknown
  readonly after?: unknown
}

/** What differs between two plain values. Objects are compared key by key, everything else as a whole. */
export function differences(before: unknown, after: unknown, path = ''): readonly Difference[] {
  if (isPlainObject(before) && isPlainObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap((key) => differences(before[key], after[key], path === '' ? key : `${path}.${key}`))
  }
  if (asText(before) === asText(after)) return []
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }]
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** As JSON with sorted keys, so that two writings of one value are equal. */
function asText(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isPlainObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  )
}
