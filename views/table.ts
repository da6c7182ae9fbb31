/** The verdict table: properties down, designs across. */
import type { Property } from '../properties/index.ts'
import type { Verdict } from '../verify/verdict.ts'
import { prose } from './prose.ts'

/** How good or bad a cell is, for a reader who sees colours. */
export type Tone = 'good' | 'bad' | 'alarm' | 'doubt'
export type Paint = (tone: Tone, text: string) => string
const plain: Paint = (_, text) => text

const DESIGN = 25
/** Four designs side by side fit 80 columns. */
const NAME = 32
const CELL = 12
const ACROSS = 4

/** One table for designs that are held against the same properties, four designs at a time. */
export function verdictTable(
  all: readonly Verdict[],
  properties: readonly Property[],
  paint: Paint = plain,
): string {
  const apart = new Set(properties.flatMap((it) => (it.apart === undefined ? [] : [it.id])))
  const verdicts = all
    .filter(({ world }) => world === undefined)
    .toSorted((a, b) => Number(apart.has(a.property)) - Number(apart.has(b.property)))
  const groups = new Map<string, string[]>()
  for (const design of new Set(verdicts.map((it) => it.design))) {
    const asked = verdicts.filter((it) => it.design === design).map((it) => it.property)
    groups.set(asked.join(), [...(groups.get(asked.join()) ?? []), design])
  }
  return [...groups.values()]
    .flatMap((designs) => chunks(designs, ACROSS))
    .map((designs) => table(designs, verdicts, apart, paint))
    .join('\n\n')
}

/**
 * What other worlds add: a line for each property that is broken there and not in the world of every design,
 * or kept there though it is broken in that one.
 */
export function worldsTable(verdicts: readonly Verdict[], paint: Paint = plain): string {
  const shown = verdicts.filter(({ world, differs }) => world !== undefined && differs === true)
  if (shown.length === 0) return ''
  const worlds = [...new Set(shown.map(({ world }) => world!))].toSorted()
  const lines = worlds.flatMap((world) => [
    world,
    ...shown
      .filter((it) => it.world === world)
      .map((it) => ({ at: `  ${it.design.padEnd(DESIGN)}${it.property.padEnd(NAME)}`, it }))
      .toSorted((a, b) => a.at.localeCompare(b.at))
      .map(({ at, it }) => at + toned(it, paint) + (it.from === 'record' ? ', recorded' : '')),
  ])
  return ['in other worlds', ...lines].join('\n')
}

function table(
  designs: readonly string[],
  verdicts: readonly Verdict[],
  apart: ReadonlySet<string>,
  paint: Paint,
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
  const isRecorded = designs.map((design) => of(design).some(({ from }) => from === 'record'))
  const marks = isRecorded.map((it) => (it ? 'recorded' : 'searched').padEnd(CELL))
  const evidence = isRecorded.includes(true) ? [`${' '.repeat(NAME)}${marks.join('')}`] : []
  const rows = properties.flatMap((property, row) => {
    const cells = designs.map((design, i) =>
      toned(of(design)[row]!, paint, i === designs.length - 1 ? 0 : CELL),
    )
    if (!apart.has(property)) return [property.padEnd(NAME) + cells.join('')]
    const line = `  ${property}`.padEnd(NAME) + cells.join('')
    return apart.has(properties[row - 1] ?? '') ? [line] : ['apart:', line]
  })
  return [...header, ...evidence, ...rows].map((line) => line.trimEnd()).join('\n')
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
function toned(verdict: Verdict, paint: Paint, width = 0): string {
  const { outcome, expected } = verdict
  const decided = outcome !== 'unknown' && outcome !== 'vacuous'
  const good = outcome === 'violated' ? 'bad' : 'good'
  const tone = decided ? (expected ? good : 'alarm') : 'doubt'
  const text = cell(verdict)
  return paint(tone, text) + ' '.repeat(Math.max(0, width - text.length))
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

/** @param hasRecorded some verdict is a recorded one */
export const legend = (width = 80, hasRecorded = false): string =>
  [
    'holds: in every state of the scopes searched.  so far: in all random runs.',
    'broken: there is a counterexample, and the design says so; (2): in two ways.',
    '"!": not as the design says.',
    '"?": not decided (vacuous: the situation was never reached; unknown: the budget ended).',
    'In other worlds: what is broken there on top of the table, and what a design says it keeps there.',
    ...(hasRecorded
      ? [
          'recorded: as an earlier run found it, which searched everything, and nothing it rests on has changed since. searched: by this run.',
        ]
      : []),
  ]
    .flatMap((line) => prose(line, width, '  '))
    .join('\n')
