/**
 * A run that never ends, as text: the steps of the stem, then those that go round for ever. What ran
 * from start to end without being interrupted is folded in the stem to the event that began it.
 */
import type { MoveName } from '../engine/system.ts'
import type { LivenessVerdict } from '../verify/liveness.ts'
import { wrap } from './columns.ts'

const WIDTH = 72
const CONTEXT = 14
/** What ends the name of a context, and begins what it does. */
const BAR = ' | '

/** The lasso of a violation, one line a step; throws when the verdict has none. */
export function lassoText({ property, lasso, owes, assumes }: LivenessVerdict): string {
  if (lasso === undefined)
    throw new Error(`${property} is not violated: there is no lasso to show.`)
  const { stem, loop } = lasso
  const all = [...stem, ...loop]
  const told = blocks(stem).flatMap((block) => tell(all, block))
  const ending =
    loop.length === 0
      ? ['stops: nobody who must go on can', '']
      : ['loop:', ...lines(all, stem.length, all.length), `again from step ${stem.length + 1}`, '']
  const said = [
    ...wrap(`*** ${property}: ${owes ?? 'never kept'}`, WIDTH),
    ...wrap(`    although ${assumes}.`, WIDTH),
  ]
  return [...told, ...ending, ...said].join('\n')
}

interface Block {
  readonly from: number
  readonly to: number
}
/** Runs of steps of one context that belong to one start. */
function blocks(trace: readonly MoveName[]): Block[] {
  const all: { from: number; to: number }[] = []
  for (const [i, move] of trace.entries()) {
    const last = all.at(-1)
    const goesOn =
      last !== undefined && trace[i - 1]!.context === move.context && move.step !== 'start'
    if (goesOn) last.to = i + 1
    else all.push({ from: i, to: i + 1 })
  }
  return all
}

function tell(all: readonly MoveName[], { from, to }: Block): string[] {
  const first = all[from]!
  const next = all.slice(to).find(({ context }) => context === first.context)
  const whole = first.step === 'start' && next?.step === 'start'
  if (!whole || to - from === 1) return lines(all, from, to)
  const steps = to - from - 1
  return [`${line(first, from, true)} (${steps} step${steps === 1 ? '' : 's'})`]
}

const lines = (all: readonly MoveName[], from: number, to: number): string[] =>
  all.slice(from, to).map((move, i) => {
    const before = all[from + i - 1]
    return line(move, from + i, i === 0 || before?.context !== move.context)
  })
const line = (move: MoveName, at: number, named: boolean): string =>
  `${String(at + 1).padStart(4)}  ${(named ? move.context : '').padEnd(CONTEXT)}${BAR}${says(move)}`
const says = ({ fn, step, choice }: MoveName): string => {
  const picked = choice === undefined ? '' : ` = ${choice === null ? 'NULL' : String(choice)}`
  return step === 'start' ? `${fn}${picked}` : `${fn} > ${step}${picked}`
}
