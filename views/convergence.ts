/** What a pool does after its interrupt moved to another node, one line a design. */
import type { Convergence } from '../verify/convergence.ts'

type Column = readonly [head: readonly [string, string, string], cell: (it: Convergence) => string]
const count = (value: number): string => value.toLocaleString('en')
const columns: readonly Column[] = [
  [['', '', 'design'], (it) => it.design],
  [['', 'pool', 'asks for'], (it) => it.asksFor],
  [['remote', 'pages', 'served'], (it) => count(it.remoteServed)],
  [['last with', 'allo-', 'cation'], (it) => (it.lastRemote === 0 ? '-' : count(it.lastRemote))],
  [
    ['none left', 'after', 'allocations'],
    (it) => (it.converged === undefined ? 'never' : count(it.converged)),
  ],
  [['released', 'at once,', 'at most'], (it) => count(it.mostReleased)],
  [['of them', 'under', 'lock'], (it) => count(it.mostUnderLock)],
  [['from the', 'allocator', 'before'], (it) => count(it.allocatorBefore)],
  [['of 1,000', 'pages', 'after'], (it) => count(it.allocatorAfter)],
]

export function convergenceTable(all: readonly Convergence[]): string {
  const cells = [
    ...[0, 1, 2].map((line) => columns.map(([head]) => head[line]!)),
    ...all.map((it) => columns.map(([, cell]) => cell(it))),
  ]
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)))
  return cells
    .map((row) =>
      row
        .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
