/** The known name that a mistyped one most likely meant: at most about a third of its letters away. `undefined` when none is near. */
export function nearestName(mistyped: string, known: readonly string[]): string | undefined {
  const candidates = known
    .map((name) => ({ name, distance: editDistance(mistyped.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.ceil(name.length / 3)))
    .sort((a, b) => a.distance - b.distance)
  return candidates[0]?.name
}

/** Levenshtein distance; both texts are cut at 64 letters. */
function editDistance(a: string, b: string): number {
  const [from, to] = [[...a.slice(0, 64)], [...b.slice(0, 64)]]
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [row, letter] of from.entries()) {
    const current = [row + 1]
    for (const [column, other] of to.entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1)
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1))
    }
    previous = current
  }
  return previous[to.length] ?? 0
}
