/**
 * The CPU 0 | CPU 1 ladder of kernel commit messages, 72 characters wide; a third column where a third CPU
 * takes part. `f() {` is a function whose inside is told below it, `f()` one that ran to its end; what
 * came out of a test, a read or a call stands behind an arrow. Steps that decide nothing here are left out
 * where the ladder would be long.
 */
import { contextIn, contexts } from '../model/world/sync/context.ts'
import type { Behaviour } from '../verify/behaviour/behaviour.ts'
import type { Moment } from '../verify/behaviour/moment.ts'
import { callTree, type CallNode, type TreeNode } from './call-tree.ts'
import { banner, columnsFor, headOf, place, WIDTH, wrap, type Columns } from './columns.ts'

/** As many lines as a reader of a mail takes in at a glance, and as many as the end of the story is worth. */
const AT_A_GLANCE = 30
const WORTH_THE_END = 38
/**
 * How much is told of a function whose inside must be seen, beside what must be: which steps and which calls.
 * A call of more steps than `fold` is opened in any case.
 */
interface Detail {
  readonly fold: number
  readonly steps: 'all' | 'changes' | 'none'
  readonly calls: 'all' | 'long' | 'changes' | 'none'
}
/** From the most to the least that is told. */
const DETAILS: readonly Detail[] = [
  { fold: 4, steps: 'all', calls: 'all' },
  { fold: 8, steps: 'all', calls: 'all' },
  { fold: 8, steps: 'changes', calls: 'long' },
  { fold: 12, steps: 'none', calls: 'long' },
  { fold: 16, steps: 'none', calls: 'changes' },
  { fold: 24, steps: 'none', calls: 'changes' },
  { fold: Infinity, steps: 'none', calls: 'changes' },
  { fold: Infinity, steps: 'none', calls: 'none' },
]

/** Every reader looks for it, whatever happens in it. */
const MILESTONE = 'page_pool_destroy'

interface Line {
  readonly text: string
  readonly indent: number
}
type Placed = Line | 'point of no return'

export function ladder(behaviour: Behaviour): string {
  const columns = columnsOf(behaviour)
  return [...headOf(columns), ...told(behaviour, columns), ...ending(behaviour)].join('\n')
}
/**
 * As much as fits. What leads up to the violation is told in less detail before the activity that it happens in
 * is.
 */
function told(behaviour: Behaviour, columns: Columns): string[] {
  const tell = (before: Detail, end: Detail): string[] => rungs(behaviour, columns, before, end)
  const [most, ...less] = DETAILS as readonly [Detail, ...Detail[]]
  const [little, least] = DETAILS.slice(-2) as [Detail, Detail]
  const whole = DETAILS.slice(0, -1).map((before) => tell(before, most))
  const cut = [...less.map((end) => tell(little, end)), tell(least, least)]
  const fits = (lines: readonly string[]): boolean => lines.length <= AT_A_GLANCE
  const isWorth = (lines: readonly string[]): boolean => lines.length <= WORTH_THE_END
  return (
    whole.find(fits) ??
    whole.slice(-1).find(isWorth) ??
    cut.find(fits) ??
    cut.find(isWorth) ??
    cut.at(-1)!
  )
}

function rungs(behaviour: Behaviour, columns: Columns, before: Detail, end: Detail): string[] {
  const { moments, counterexample } = behaviour
  const all = blocks(moments)
  return all.flatMap((block) => {
    const { context } = moments[block[0]!]!
    const { cpu } = contextIn(counterexample.scope, context)
    return new Block(behaviour, block === all.at(-1) ? end : before)
      .tell(block)
      .flatMap((line) =>
        line === 'point of no return'
          ? banner(line)
          : cpu === -1
            ? banner(line.text)
            : place(columns, cpu, line),
      )
  })
}

/** Runs of steps of one activity of one context. */
function blocks(moments: readonly Moment[]): number[][] {
  const all: number[][] = []
  for (const [i, moment] of moments.entries()) {
    const previous = moments[i - 1]
    const same = previous?.context === moment.context && previous.activity === moment.activity
    if (same) all.at(-1)!.push(i)
    else all.push([i])
  }
  return all
}

class Block {
  private readonly behaviour: Behaviour
  private readonly detail: Detail
  constructor(behaviour: Behaviour, detail: Detail) {
    this.behaviour = behaviour
    this.detail = detail
  }

  tell(block: readonly number[]): Placed[] {
    const { moments } = this.behaviour
    const first = moments[block[0]!]!
    const kind = label(first.context)
    if (first.sort === 'step') {
      const nodes = callTree(moments, block)
      return [
        { text: `${kind}... ${openCalls(nodes).join(' > ')}`, indent: 0 },
        ...nodes.flatMap((node) => this.node(node)),
      ]
    }
    const { fn, choice } = first.name
    const whole = moments[block.at(-1)!]!.last
    const begins = block[0] === 0 && !whole && !block.some((i) => this.mustSee(i))
    const args = choice === undefined ? '' : ` (${String(choice)})`
    const text = `${kind}${fn}${args}${begins ? ' ...' : ''}`
    const rest = block.slice(1)
    const tree = callTree(moments, rest)
    const short = first.sort === 'work' || rest.length <= this.detail.fold
    const quiet =
      (whole || begins) && short && !tree.some(hasMilestone) && !rest.some((i) => this.mustSee(i))
    const inside = quiet ? [] : tree
    return [
      { text, indent: 0 },
      ...this.after(block[0]!, 0),
      ...inside.flatMap((node) => this.node(node)),
    ]
  }

  private mustSee(at: number): boolean {
    return this.behaviour.relevant.has(at)
  }
  private changes(at: number): boolean {
    return this.behaviour.moments[at]!.changed.some(({ slot }) => !slot.path.startsWith('.task['))
  }

  private node(node: TreeNode, indent = 1): Placed[] {
    if (node.kind === 'step') return this.step(node.at, indent)
    const { call, entered, inside } = node
    if (!this.isOpened(node)) return this.isShown(node) ? [this.folded(node, indent)] : []
    const head = entered || !inside.every((it) => this.saysItself(it, call.fn))
    return [
      ...(entered || !head ? [] : [{ text: `${call.fn}() {`, indent }]),
      ...inside.flatMap((it) => this.node(it, head ? indent + 1 : indent)),
    ]
  }
  private isOpened({ steps, entered, goesOn, inside }: CallNode): boolean {
    if (entered || goesOn || steps.length > this.detail.fold) return true
    return steps.some((i) => this.mustSee(i)) || inside.some(hasMilestone)
  }
  /** A statement that begins with the name of its function needs no line for the function. */
  private saysItself(node: TreeNode, fn: string): boolean {
    if (node.kind === 'call') return false
    const { step } = this.behaviour.moments[node.at]!.name
    return step.startsWith(`${fn}(`) || !fn.includes('_')
  }
  private isShown({ call, steps }: CallNode): boolean {
    const { calls } = this.detail
    if (call.fn === MILESTONE) return true
    if (calls === 'all' || calls === 'none') return calls === 'all'
    return (calls === 'long' && steps.length > 1) || steps.some((i) => this.changes(i))
  }
  /** A call that ran to its end, by its name; where it is one step, by the statement if that says more. */
  private folded({ call, steps }: CallNode, indent: number): Line {
    const { name, outcome, results } = this.behaviour.moments[steps.at(-1)!]!
    const one = steps.length === 1 && this.saysItself({ kind: 'step', at: steps[0]! }, call.fn)
    const text = one ? name.step : `${call.fn}()`
    const result = one
      ? outcome
      : (results.get(call.id) ?? (steps.length === 1 ? outcome : undefined))
    return { text: withOutcome(text, result), indent }
  }

  private step(at: number, indent: number): Placed[] {
    const { name, outcome } = this.behaviour.moments[at]!
    const shown =
      this.mustSee(at) ||
      this.detail.steps === 'all' ||
      (this.detail.steps === 'changes' && this.changes(at))
    if (!shown) return []
    const text = `${this.isViolation(at) ? '*** ' : ''}${withOutcome(name.step, outcome)}`
    return [{ text, indent }, ...this.after(at, indent)]
  }
  /** It is this step that does what must not happen, and not the state it leads to. */
  private isViolation(at: number): boolean {
    const { moments, counterexample } = this.behaviour
    return at === moments.length - 1 && moments[at]!.reports.includes(counterexample.detail)
  }
  /** What was reported in this step on the way, and whether it was the point of no return. */
  private after(at: number, indent: number): Placed[] {
    const { moments, noReturn, counterexample } = this.behaviour
    const last = at === moments.length - 1
    const reports = moments[at]!.reports.filter((it) => !last || it !== counterexample.detail)
    const said = new Set(moments.slice(0, at).flatMap((it) => it.reports))
    return [
      ...reports.map((it) => ({ text: said.has(it) ? '! the same' : `! ${it}`, indent })),
      ...(at === noReturn && !last ? (['point of no return'] as const) : []),
    ]
  }
}

const hasMilestone = (node: TreeNode): boolean =>
  node.kind === 'call' && (node.call.fn === MILESTONE || node.inside.some(hasMilestone))
const withOutcome = (text: string, outcome: string | undefined): string =>
  outcome === undefined ? text : `${text} -> ${outcome}`
const label = (context: number): string => {
  const { name } = contexts[context]!
  const kind = name.replace(/^CPU \d /, '')
  return kind === 'elsewhere' ? '' : `[${kind}] `
}
/** The innermost calls that a context goes on in. */
function openCalls(nodes: readonly TreeNode[]): string[] {
  const names: string[] = []
  for (let at = nodes[0]; at?.kind === 'call' && at.entered; at = at.inside[0])
    names.push(`${at.call.fn}()`)
  return names.slice(-2)
}

/** A column for each CPU that takes part, two at least. */
function columnsOf({ moments, counterexample: { scope } }: Behaviour): Columns {
  const taking = moments
    .map(({ context }) => contextIn(scope, context).cpu)
    .filter((cpu) => cpu >= 0)
  return columnsFor([...new Set([0, 1, ...taking])].toSorted())
}

function ending({ counterexample, moments, noReturn }: Behaviour): string[] {
  const stack = moments
    .at(-1)!
    .stack.map(({ fn }) => fn)
    .toReversed()
    .join(' <- ')
  return [
    '',
    ...wrap(`*** ${counterexample.property}: ${counterexample.detail}`, WIDTH),
    ...(stack === '' ? [] : wrap(`    in ${stack}`, WIDTH)),
    ...noReturnText(moments, noReturn).flatMap((text) => wrap(text, WIDTH)),
  ]
}
function noReturnText(moments: readonly Moment[], at: number | undefined | null): string[] {
  if (at === undefined) return ['The point of no return was not determined within its budget.']
  if (at === null || at === moments.length - 1) return []
  const { fn, step } = moments[at]!.name
  const where = step === 'start' ? fn : `${fn}() > ${step}`
  return [`Point of no return: step ${at + 1} of ${moments.length}, ${where}.`]
}
