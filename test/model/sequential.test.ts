/** A function run alone takes the steps it takes in the machine when nobody else moves. */
import { describe, expect, it } from 'vitest'
import { indexOf, isMember } from '../../engine/state/layout.ts'
import { plainView } from '../../engine/state/plain-views.ts'
import { Sequential, WouldWaitForEver } from '../../engine/program/sequential.ts'
import type { Value } from '../../engine/step.ts'
import { follows } from '../../model/details.ts'
import { designs } from '../../model/designs.ts'
import { poolEvents } from '../../model/shutdown/events.ts'
import { kernelOf, machineOf, fieldsOf, type ModelMachine } from '../../model/machine.ts'
import type { Kernel } from '../../model/kernel.ts'
import { scopes } from '../../model/scope/named.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import { scalarsets } from '../../model/world/scalarsets.ts'
import { World } from '../../model/world/world.ts'
import { pool } from '../../model/families.ts'

const scope: Scope = { ...scopes.corner, name: 'alone', pages: 3, ringSize: 2, rxSlots: 2 }
const EVENTS = 60

/** Numbers below `n`, the same ones every time. */
function numbers(seed: number): (n: number) => number {
  let state = seed
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
}

interface Event {
  readonly name: string
  readonly says: string | undefined
  readonly context: number
  readonly steps: readonly string[]
  readonly choices: readonly Value[]
  readonly words: Uint32Array
  /** It waits for another context, for ever. */
  readonly waits: boolean
}

/** Events one after the other, each run to its end before the next begins. */
function events(machine: ModelMachine, pick: (n: number) => number): readonly Event[] {
  machine.reset()
  const done: Event[] = []
  while (done.length < EVENTS) {
    const all = [...machine.moves.subarray(0, machine.enabled())]
    const early = all.filter((move) => machine.name(move).fn !== 'VF is disabled')
    const starts = done.length < EVENTS / 2 && early.length > 0 ? early : all
    if (starts.length === 0) return done
    const start = starts[pick(starts.length)]!
    const { fn: name, choice: says, context } = machine.name(start)
    machine.fire(start)
    const steps: string[] = []
    const choices: Value[] = []
    let waits = false
    while (machine.busy().length > 0 && !waits) {
      const mine = [...machine.moves.subarray(0, machine.enabled())].filter(
        (move) => machine.name(move).context === context && machine.sort(move) === 'step',
      )
      waits = mine.length === 0
      if (waits) break
      const move = mine[pick(mine.length)]!
      const { fn, step, choice } = machine.name(move)
      steps.push(`${fn} › ${step}`)
      if (choice !== undefined) choices.push(choice)
      machine.fire(move)
    }
    done.push({
      name,
      says: says as string | undefined,
      context: machine.activities.indexOf(context),
      steps,
      choices,
      words: machine.words.slice(),
      waits,
    })
    if (waits) return done
  }
  return done
}

/** The option a trace calls so: members of a scalarset go by their number there. */
const named = (options: readonly Value[], name: Value): Value =>
  options.find((option) => (isMember(option) ? indexOf(option) : option) === name)!

/** The same events in another world, each function called and run to its end. */
function alone(w: World, self: Kernel, list: readonly Event[], check: (event: Event) => void) {
  const starts = poolEvents(scope, self)
  for (const event of list) {
    const steps: string[] = []
    const choices = [...event.choices]
    const sequential: Sequential = new Sequential({
      world: w,
      self,
      has: follows(scope),
      choose: (action) => named(action.options!(w as never), choices.shift()),
      after: () => steps.push(`${sequential.stack.at(-1)} › ${sequential.label}`),
    })
    const start = starts.find(
      (it) => it.name === event.name && it.says === event.says && it.context === event.context,
    )!
    w.current = event.context
    w.firing = true
    expect(start.guard(w)).toBe(true)
    start.effect?.(w)
    const run = (): unknown => sequential.run(start.fn, ...start.args)
    if (event.waits) expect(run).toThrow(WouldWaitForEver)
    else run()
    w.firing = false
    expect(steps, event.name).toEqual(event.steps)
    if (!event.waits) check(event)
  }
}

const pools = designs.filter(({ family }) => family === pool)
describe.each(pools)('$id alone', (design) => {
  it.each([1, 2, 3, 4])('takes the steps the machine takes (seed %i)', (seed) => {
    const machine = machineOf(design, scope)
    const list = events(machine, numbers(seed))
    expect(list.length).toBeGreaterThan(EVENTS / 2)
    const self = kernelOf(design, scope)
    const other = machineOf(design, scope)
    alone(other.world, self, list, ({ words }) => expect(other.words).toEqual(words))
    const fields = fieldsOf(design, scope)
    const plain = new World(scope, plainView(fields, scalarsets), () => {}, fields)
    plain.dev.refcount = 1
    plain.faults_left = scope.faults
    alone(plain, self, list, () => {})
  })
})
