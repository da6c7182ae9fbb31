/** The verdict table: promises down, designs across. */
import type { Verdict } from '../verify/verdict.ts'

const NAME = 31
const CELL = 13

export function verdictTable(verdicts: readonly Verdict[]): string {
  const designs = [...new Set(verdicts.map(({ design }) => design))]
  const properties = [...new Set(verdicts.map(({ property }) => property))]
  const heads = designs.map(twoLines)
  const header = [0, 1].map(
    (line) =>
      (line === 1 ? 'property' : '').padEnd(NAME) +
      heads.map((head) => (head[line] ?? '').padEnd(CELL)).join(''),
  )
  const rows = properties.map((property) => {
    const cells = designs.map((design) => {
      const verdict = verdicts.find((it) => it.design === design && it.property === property)
      return (verdict === undefined ? '-' : cell(verdict)).padEnd(CELL)
    })
    return property.padEnd(NAME) + cells.join('')
  })
  return [...header, ...rows].map((line) => line.trimEnd()).join('\n')
}

/** `broken` as declared, `BROKEN` when it was to hold, `HOLDS` when it was to break. */
function cell({ outcome, expected }: Verdict): string {
  if (outcome === 'violated') return expected ? 'broken' : 'BROKEN !'
  if (outcome === 'holds' || outcome === 'holds so far') {
    const word = outcome === 'holds' ? 'holds' : 'so far'
    return expected ? word : `${word.toUpperCase()} !`
  }
  return `${outcome} ?`
}
/** A design id over two lines of the header, broken at a hyphen. */
function twoLines(id: string): [string, string] {
  const words = id.split('-')
  let head = ''
  while (words.length > 1 && `${head}${words[0]}-`.length < CELL) head += `${words.shift()!}-`
  return [head, words.join('-').slice(0, CELL - 1)]
}

export const legend = (): string =>
  [
    'holds: in every state of the scopes searched.  so far: in all random runs.',
    'broken: there is a counterexample, and the design says so.  "!": not as the design says.',
    '"?": not decided (vacuous: the situation was never reached; unknown: the budget ended).',
  ].join('\n')
