/**
 * What the steps of a design return when nothing interferes: the life of a pool with one context at a time,
 * nobody else holding pages and no failure. An outcome that is not among these is worth showing.
 */
import type { Design } from '../../model/design.ts'
import { machineOf, type ModelMachine } from '../../model/machine.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import { contexts, ELSEWHERE } from '../../model/world/sync/context.ts'
import { isOrdinary } from './names.ts'
import { kindOf } from './outcome.ts'

/** Lives, and how long each may be: enough for every event to come in most orders. */
const LIVES = 32
const ACTIVITIES = 40
const STEPS = 4000

/** `function › step › kind of outcome`. */
export type Usual = ReadonlySet<string>
export const usualKey = (fn: string, step: string, kind: string): string =>
  `${fn} › ${step} › ${kind}`

export function usualOutcomes(design: Design, scope: Scope): Usual {
  const alone = { ...scope, faults: 0, extraReferences: false, reuse: false }
  const seen = new Set<string>()
  const machine = machineOf(design, alone)
  for (let life = 1; life <= LIVES; life += 1) live(machine, dice(life), seen)
  return seen
}

function live(machine: ModelMachine, pick: (of: number) => number, seen: Set<string>): void {
  machine.reset()
  let activities = 0
  let present = ''
  for (let steps = 0; steps < STEPS && activities < ACTIVITIES; steps += 1) {
    const moves = [...machine.moves.subarray(0, machine.enabled())].filter((move) => {
      const { context, fn } = machine.name(move)
      return context !== contexts[ELSEWHERE]!.name || isOrdinary(fn)
    })
    if (moves.length === 0) return
    const going = moves.filter((move) => machine.sort(move) === 'step')
    const next =
      going.find((move) => machine.name(move).context === present) ??
      going[0] ??
      moves[pick(moves.length)]!
    const name = machine.name(next)
    if (machine.sort(next) !== 'step') activities += 1
    present = name.context
    machine.fire(next)
    seen.add(usualKey(name.fn, name.step, kindOf(machine.returned, name.choice)))
    if (machine.reports.some(({ fatal }) => fatal)) return
  }
}
/** The same picks for the same seed (Park and Miller). */
function dice(seed: number): (of: number) => number {
  let state = seed * 48_271
  return (of) => {
    state = (state * 48_271) % 0x7fffffff
    return state % of
  }
}
