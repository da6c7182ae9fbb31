/** ` Did you mean "..."?` when one of the known names is close. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = known
    .map((it) => ({ it, distance: distance(name, it) }))
    .sort((a, b) => a.distance - b.distance)[0]
  return near !== undefined && near.distance <= Math.max(2, name.length / 3)
    ? ` Did you mean "${near.it}"?`
    : ''
}

/** Edit distance (Levenshtein). */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1)
      next.push(
        Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + Number(a[i - 1] !== b[j - 1])),
      )
    row = next
  }
  return row[b.length]!
}
