/**
 * The CPU 0 | CPU 1 ladder of kernel commit messages, 72 characters wide; a third column where a third CPU
 * takes part. What ran without
 * being interrupted is folded to the name of its function; what was interleaved is told step by step.
 */
import { contextIn, contexts } from '../model/world/context.ts'
import type { Behaviour, Moment } from './behaviour.ts'

const WIDTH = 72
/** Between two columns. */
const GAP = 2
/** An uninterrupted function of up to this many steps is told by its name. */
const FOLD = 8
/** What an injected failure is called: it is always shown. */
const FAILS = 'fails'
/** Calls deeper than this are not indented further. */
const DEEPEST = 4

interface Line {
  readonly text: string
  readonly indent: number
}

export function ladder(behaviour: Behaviour): string {
  const { moments } = behaviour
  const columns = columnsOf(behaviour)
  const heads = columns.cpus.map((cpu) => `CPU ${cpu}`)
  const lines = [
    row(columns, heads),
    row(
      columns,
      heads.map((head) => '-'.repeat(head.length)),
    ),
  ]
  for (const block of blocks(behaviour)) {
    const { context } = moments[block[0]!]!
    const { cpu } = contextIn(behaviour.counterexample.scope, context)
    for (const line of tell(behaviour, block)) lines.push(...place(columns, cpu, line))
    if (block.at(-1) === behaviour.noReturn) lines.push(banner('point of no return'))
  }
  return [...lines, ...ending(behaviour)].join('\n')
}

/** Runs of steps of one activity of one context; the point of no return ends one. */
function blocks({ moments, noReturn }: Behaviour): number[][] {
  const all: number[][] = []
  for (const [i, moment] of moments.entries()) {
    const previous = moments[i - 1]
    const same =
      previous !== undefined &&
      previous.context === moment.context &&
      previous.activity === moment.activity &&
      i - 1 !== noReturn
    if (same) all.at(-1)!.push(i)
    else all.push([i])
  }
  return all
}

/** The lines for one block: folded where it ran from start to end, told where it did not. */
function tell(behaviour: Behaviour, block: readonly number[]): Line[] {
  const { moments } = behaviour
  const first = moments[block[0]!]!
  const whole = first.sort !== 'step' && moments[block.at(-1)!]!.last
  const kind = label(first.context)
  if (first.sort === 'step')
    return [{ text: `${kind}...`, indent: 0 }, ...frames(behaviour, block, 0).map(inner)]
  const choice = first.name.choice === undefined ? '' : ` (${String(first.name.choice)})`
  const head = { text: `${kind}${first.name.fn}${choice}`, indent: 0 }
  const mustShow =
    block.includes(moments.length - 1) || block.some((i) => moments[i]!.name.choice === FAILS)
  if (whole && !mustShow && (first.sort === 'work' || block.length <= FOLD)) return [head]
  return [head, ...frames(behaviour, block.slice(1), 0).map(inner)]
}
const inner = (line: Line): Line => ({ ...line, indent: line.indent + 1 })
const label = (context: number): string => {
  const { name } = contexts[context]!
  const kind = name.replace(/^CPU \d /, '')
  return kind === 'elsewhere' ? '' : `[${kind}] `
}

/** Steps at this depth of the call stack, and below them the functions they call. */
function frames(behaviour: Behaviour, steps: readonly number[], depth: number): Line[] {
  const { moments } = behaviour
  const lines: Line[] = []
  for (let i = 0; i < steps.length;) {
    const first = steps[i]!
    const { stack, name } = moments[first]!
    if (stack.length <= depth) {
      const choice = name.choice === undefined ? '' : ` = ${String(name.choice)}`
      lines.push({ text: `${name.step}${choice}`, indent: depth })
      i += 1
      continue
    }
    let end = i
    while (end < steps.length && inCall(moments, first, steps[end]!, depth)) end += 1
    const group = steps.slice(i, end)
    lines.push(...frame(behaviour, group, depth))
    i = end
  }
  return lines
}
/** One call's steps: its name alone when it ran undisturbed and nothing in it must be seen. */
function frame(behaviour: Behaviour, group: readonly number[], depth: number): Line[] {
  const { moments } = behaviour
  const { fn } = moments[group[0]!]!.stack[depth]!
  if (group.length === 1) return frames(behaviour, group, DEEPEST_CALL).map(at(depth))
  const mustShow =
    group.includes(moments.length - 1) || group.some((i) => moments[i]!.name.choice === FAILS)
  const name = { text: `${fn}()`, indent: depth }
  if (!mustShow && group.length <= FOLD && isWhole(moments, group, depth)) return [name]
  const own = group.some((i) => moments[i]!.stack.length === depth + 1)
  const entered = !moments.slice(0, group[0]).some((_, i) => inCall(moments, group[0]!, i, depth))
  const inside = frames(behaviour, group, depth + 1)
  return own || entered ? [name, ...inside] : inside
}
const DEEPEST_CALL = 64
const at =
  (indent: number) =>
  (line: Line): Line => ({ ...line, indent })
const inCall = (moments: readonly Moment[], a: number, b: number, depth: number): boolean => {
  const [one, other] = [moments[a]!, moments[b]!]
  return one.context === other.context && one.stack[depth]!.id === other.stack[depth]?.id
}
/** Neither the step before nor the step after of the same activity is inside the call. */
function isWhole(moments: readonly Moment[], group: readonly number[], depth: number): boolean {
  const { context, activity } = moments[group[0]!]!
  const mine = moments.flatMap((it, i) =>
    it.context === context && it.activity === activity ? [i] : [],
  )
  const before = mine[mine.indexOf(group[0]!) - 1]
  const after = mine[mine.indexOf(group.at(-1)!) + 1]
  const inside = (i: number | undefined): boolean =>
    i !== undefined && inCall(moments, group[0]!, i, depth)
  const returned = after !== undefined || moments[group.at(-1)!]!.last
  return returned && !inside(before) && !inside(after)
}

interface Columns {
  readonly cpus: readonly number[]
  readonly width: number
}
/** A column for each CPU that takes part, two at least. */
function columnsOf({ moments, counterexample: { scope } }: Behaviour): Columns {
  const taking = moments
    .map(({ context }) => contextIn(scope, context).cpu)
    .filter((cpu) => cpu >= 0)
  const cpus = [...new Set([0, 1, ...taking])].toSorted()
  return { cpus, width: Math.floor((WIDTH - GAP * (cpus.length - 1)) / cpus.length) }
}
function place(columns: Columns, cpu: number, line: Line): string[] {
  if (cpu === -1) return [banner(line.text)]
  const indent = Math.min(line.indent, DEEPEST)
  return wrap(line.text, columns.width - indent).map((piece, i) => {
    const text = ' '.repeat(indent + (i > 0 ? 2 : 0)) + piece
    return row(
      columns,
      columns.cpus.map((it) => (it === cpu ? text : '')),
    )
  })
}
const row = ({ width }: Columns, cells: readonly string[]): string =>
  cells
    .map((cell) => cell.padEnd(width))
    .join(' '.repeat(GAP))
    .trimEnd()
const banner = (text: string): string => {
  const said = ` ${text} `
  const left = Math.max(0, Math.floor((WIDTH - said.length) / 2))
  return `${'.'.repeat(left)}${said}`.padEnd(WIDTH, '.').slice(0, WIDTH)
}

/** Breaks at a space, or inside a long C expression before `->`, `(` or `_`. */
export function wrap(text: string, width: number): string[] {
  const pieces: string[] = []
  let rest = text
  for (let room = width; rest.length > room; room = width - 2) {
    const head = rest.slice(0, room + 1)
    const breaks = [' ', '->', '(', '_'].map((mark) => head.lastIndexOf(mark))
    const cut = breaks.find((at) => at > room / 3) ?? room
    pieces.push(rest.slice(0, cut))
    rest = rest.slice(cut).trimStart()
  }
  return [...pieces, rest]
}

function ending({ counterexample, moments, noReturn }: Behaviour): string[] {
  const last = moments.at(-1)!
  const stack = last.stack
    .map(({ fn }) => fn)
    .toReversed()
    .join(' <- ')
  const where =
    noReturn === undefined || noReturn === null
      ? 'The point of no return was not determined within its budget.'
      : `Point of no return: step ${noReturn + 1} of ${moments.length}, ${moments[noReturn]!.name.fn} > ${moments[noReturn]!.name.step}.`
  return [
    '',
    ...wrap(`*** ${counterexample.property}: ${counterexample.detail}`, WIDTH),
    ...(stack === '' ? [] : wrap(`    in ${stack}`, WIDTH)),
    ...(noReturn === null ? [] : wrap(where, WIDTH)),
  ]
}
