/** A request that cannot be carried out, said in one paragraph that names the way out. Exit code 3. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The closest of the known names, for "did you mean". */
export function unknownName(
  kind: string,
  name: string,
  known: readonly string[],
  names = 'list',
): UsageError {
  const near = known
    .map((it) => ({ it, distance: distance(name, it) }))
    .sort((a, b) => a.distance - b.distance)[0]
  const hint = near !== undefined && near.distance <= 6 ? ` Did you mean "${near.it}"?` : ''
  return new UsageError(
    `There is no ${kind} "${name}".${hint} "poolproof ${names}" names all of them.`,
  )
}

/** Edit distance (Levenshtein). */
function distance(a: string, b: string): number {
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
