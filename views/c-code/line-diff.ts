/** What changed between two texts, line by line, in the unified form in which patches are read. */

export interface DiffLine {
  readonly mark: ' ' | '-' | '+'
  readonly line: string
}
/** A longest common subsequence: lines of both texts in order, what goes before what comes. */
export function diffLines(from: readonly string[], to: readonly string[]): readonly DiffLine[] {
  const common = lengths(from, to)
  const out: DiffLine[] = []
  let i = 0
  let j = 0
  while (i < from.length || j < to.length) {
    if (i < from.length && j < to.length && from[i] === to[j]) {
      out.push({ mark: ' ', line: from[i]! })
      i += 1
      j += 1
    } else if (j === to.length || (i < from.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      out.push({ mark: '-', line: from[i]! })
      i += 1
    } else {
      out.push({ mark: '+', line: to[j]! })
      j += 1
    }
  }
  return out
}
/** How many lines the rests of both texts have in common, from each pair of places on. */
function lengths(from: readonly string[], to: readonly string[]): readonly (readonly number[])[] {
  const table = Array.from({ length: from.length + 1 }, () =>
    Array.from({ length: to.length + 1 }, () => 0),
  )
  for (let i = from.length - 1; i >= 0; i -= 1)
    for (let j = to.length - 1; j >= 0; j -= 1)
      table[i]![j] =
        from[i] === to[j]
          ? table[i + 1]![j + 1]! + 1
          : Math.max(table[i + 1]![j]!, table[i]![j + 1]!)
  return table
}

/** @param context equal lines that are shown around what changed; `@@` stands where others are left out */
export function unified(diff: readonly DiffLine[], context = 3): readonly string[] {
  const isNear = diff.map((_, i) =>
    diff.slice(Math.max(0, i - context), i + context + 1).some(({ mark }) => mark !== ' '),
  )
  return diff.flatMap(({ mark, line }, i) => {
    if (isNear[i] === true) return [mark + line]
    const goesOn = isNear.indexOf(true, i) !== -1 && isNear.lastIndexOf(true, i) !== -1
    return goesOn && isNear[i - 1] === true ? ['@@'] : []
  })
}
