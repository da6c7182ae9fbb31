/** The verdict table: promises down, designs across. */
import type { Property } from '../properties/index.ts'
import type { Verdict } from '../verify/verdict.ts'

const WORLD = 26
const DESIGN = 25
/** Four designs side by side fit 80 columns. */
const NAME = 32
const CELL = 12
const ACROSS = 4

/** One table for designs that are held against the same promises, four designs at a time. */
export function verdictTable(all: readonly Verdict[], properties: readonly Property[]): string {
  const apart = new Set(properties.flatMap((it) => (it.apart === undefined ? [] : [it.id])))
  const verdicts = all
    .filter(({ world }) => world === undefined)
    .toSorted((a, b) => Number(apart.has(a.property)) - Number(apart.has(b.property)))
  const groups = new Map<string, string[]>()
  for (const design of new Set(verdicts.map((it) => it.design))) {
    const promises = verdicts.filter((it) => it.design === design).map((it) => it.property)
    groups.set(promises.join(), [...(groups.get(promises.join()) ?? []), design])
  }
  return [...groups.values()]
    .flatMap((designs) => chunks(designs, ACROSS))
    .map((designs) => table(designs, verdicts, apart))
    .join('\n\n')
}

/**
 * What other worlds add: a line for each promise that is broken there and not in the world of every design,
 * or kept there though it is broken in that one.
 */
export function worldsTable(verdicts: readonly Verdict[]): string {
  const lines = verdicts.flatMap((it) =>
    it.world !== undefined && it.differs === true
      ? [it.world.padEnd(WORLD) + it.design.padEnd(DESIGN) + it.property.padEnd(NAME) + cell(it)]
      : [],
  )
  if (lines.length === 0) return ''
  const head = 'in other worlds'.padEnd(WORLD) + 'design'.padEnd(DESIGN) + 'property'
  return [head, ...lines.toSorted()].map((line) => line.trimEnd()).join('\n')
}

function table(
  designs: readonly string[],
  verdicts: readonly Verdict[],
  apart: ReadonlySet<string>,
): string {
  const of = (design: string): readonly Verdict[] => verdicts.filter((it) => it.design === design)
  const properties = of(designs[0]!).map(({ property }) => property)
  const heads = designs.map(headOf)
  const height = Math.max(...heads.map((head) => head.length))
  const header = Array.from({ length: height }, (_, line) => {
    const name = line === height - 1 ? 'property' : ''
    const cells = heads.map((head) => (head[line - height + head.length] ?? '').padEnd(CELL))
    return name.padEnd(NAME) + cells.join('')
  })
  const rows = properties.flatMap((property, row) => {
    const cells = designs.map((design) => cell(of(design)[row]!).padEnd(CELL))
    if (!apart.has(property)) return [property.padEnd(NAME) + cells.join('')]
    const line = `  ${property}`.padEnd(NAME) + cells.join('')
    return apart.has(properties[row - 1] ?? '') ? [line] : ['apart:', line]
  })
  return [...header, ...rows].map((line) => line.trimEnd()).join('\n')
}
const chunks = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) =>
    all.slice(i * size, (i + 1) * size),
  )

/** `broken` as declared (in so many ways), `BROKEN` when it was not to be so, `HOLDS` when it was to break. */
function cell({ outcome, expected, ways }: Verdict): string {
  const many = ways.length > 1 ? ` (${ways.length})` : ''
  if (outcome === 'violated') return expected ? `broken${many}` : `BROKEN${many} !`
  if (outcome === 'holds' || outcome === 'holds so far') {
    const word = outcome === 'holds' ? 'holds' : 'so far'
    return expected ? word : `${word.toUpperCase()} !`
  }
  return `${outcome} ?`
}
/** A design id over several lines of the header, broken at its hyphens. */
function headOf(id: string): string[] {
  const lines: string[] = ['']
  for (const word of id.split(/(?<=-)/)) {
    if (lines.at(-1)!.length + word.length < CELL) lines[lines.length - 1] += word
    else lines.push(word)
  }
  return lines
}

export const legend = (): string =>
  [
    'holds: in every state of the scopes searched.  so far: in all random runs.',
    'broken: there is a counterexample, and the design says so; (2): in two ways.',
    '"!": not as the design says.',
    '"?": not decided (vacuous: the situation was never reached; unknown: the budget ended).',
    'In other worlds: what is broken there on top of the table, and what a design says it keeps there.',
  ].join('\n')
