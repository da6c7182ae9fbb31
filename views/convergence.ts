/** What a pool does after its interrupt moved to another node, one line a design. */
import type { Convergence } from '../costs/convergence.ts'

type Column = readonly [head: readonly [string, string, string], cell: (it: Convergence) => string]
const count = (value: number): string => value.toLocaleString('en')
const columns: readonly Column[] = [
  [['', 'design, and what', 'its pool asks for'], (it) => `  ${it.asksFor}`],
  [['remote', 'pages', 'served'], (it) => count(it.remoteServed)],
  [['last with', 'allo-', 'cation'], (it) => (it.lastRemote === 0 ? '-' : count(it.lastRemote))],
  [['none', 'left', 'after'], (it) => (it.converged === undefined ? 'never' : count(it.converged))],
  [['released', 'at once,', 'at most'], (it) => count(it.mostReleased)],
  [['of them', 'under', 'lock'], (it) => count(it.mostUnderLock)],
  [['allo-', 'cator', 'before'], (it) => count(it.allocatorBefore)],
  [['of', '1,000', 'after'], (it) => count(it.allocatorAfter)],
]

/** At most 80 columns. */
export function convergenceTable(all: readonly Convergence[]): string {
  const heads = [0, 1, 2].map((line) => columns.map(([head]) => head[line]!))
  const rows = all.map((it) => columns.map(([, cell]) => cell(it)))
  const widths = columns.map((_, i) =>
    Math.max(...[...heads, ...rows].map((row) => row[i]!.length)),
  )
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd()
  return [
    ...heads.map(line),
    ...all.flatMap((it, i) => [
      ...(it.design === all[i - 1]?.design ? [] : [it.design]),
      line(rows[i]!),
    ]),
  ].join('\n')
}
