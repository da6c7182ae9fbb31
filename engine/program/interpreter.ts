/**
 * What moves do, worked out by running the model: nothing is found again. A machine asks it, or a cache
 * in front of it.
 */
import { Automaton, DONE, type Crossing, type Node } from './automaton.ts'
import { ControlWords } from './control-words.ts'
import { EnabledMoves } from './enabled-moves.ts'
import { LocalSteps } from './local-steps.ts'
import type { MachineSpec } from './machine-spec.ts'
import { CHOICES, STARTS } from './move-numbers.ts'
import { nestedStep, Watch } from './outside-steps.ts'
import { lookOn } from './observers.ts'
import { beat, type Parts } from './parts.ts'
import { Starts } from './starts.ts'
import { Trouble } from './trouble.ts'
import { forgetMade, untaken } from '../authoring/made.ts'
import { modelCode } from '../authoring/misuse.ts'
import { heart } from '../pulse.ts'
import type { Fields, Footprint, View } from '../state/layout.ts'
import type { StepAction, Value } from '../step.ts'
import type { Report } from '../system.ts'

export class Interpreter<F extends Fields, W> {
  readonly reports: Report[] = []
  readonly parts: Parts<W, F>
  readonly enabled: EnabledMoves<W, F>
  readonly local: LocalSteps<W>
  /** Take local steps together with the step before them. */
  fuses = false
  /** Control states left from now on are added to this. */
  leaving: Node[] | undefined
  /** What the last step returned to its function; undefined after a start. */
  returned: Value
  private readonly before: Uint32Array
  /** What the effect of a step touched, while somebody observes. */
  private observed: Footprint | undefined

  constructor(spec: MachineSpec<F, W>) {
    this.parts = partsOf(spec, this.reports)
    const { automaton, control } = this.parts
    this.before = new Uint32Array(spec.layout.words)
    this.enabled = new EnabledMoves(this.parts)
    this.local = new LocalSteps(automaton, control, spec.mayRun)
  }

  contextOf(move: number): number {
    return move >= STARTS ? this.parts.starts.all[move - STARTS]!.context : (move / CHOICES) | 0
  }

  /** Fires a move; views note what is touched, when they are to. */
  workOut(move: number, noting: boolean): void {
    const { spec, words, control } = this.parts
    const world = noting ? this.parts.noting : this.parts.world
    if (spec.after !== undefined) this.before.set(words)
    const next = move >= STARTS ? this.begin(move - STARTS, world) : this.step(move, world)
    if (next === undefined) return
    const context = this.contextOf(move)
    control.moveTo(context, next === DONE ? 0 : next.id)
    if (this.observed !== undefined) this.observed = copyOf(this.parts.footprint)
    spec.after?.(world, this.before, words)
    if (this.fuses && this.local.mayTake(context, world) && !this.parts.trouble.isOver)
      this.workOut(context * CHOICES, noting)
  }
  /** Takes a start: where its function begins; undefined when the path ends. */
  private begin(index: number, world: W): Node | typeof DONE | undefined {
    const { spec, starts, trouble } = this.parts
    const { context, name, effect } = starts.all[index]!
    starts.begun[index]! += 1
    this.returned = undefined
    spec.enter?.(world, context, true)
    try {
      effect?.(world)
    } catch (error) {
      trouble.brokenOff(error, `the event "${name}"`)
      return undefined
    }
    const next = trouble.whereTo(() => starts.first(index))
    this.lookOn(next === undefined ? undefined : starts.crossed[index], world)
    return next
  }
  /** Takes a step: where its function goes; undefined when the path ends. */
  private step(move: number, world: W): Node | typeof DONE | undefined {
    const { automaton, control, trouble, noting } = this.parts
    const node = automaton.node(control.at((move / CHOICES) | 0))
    node.taken += 1
    this.leaving?.push(node)
    let result: Value
    let thrown: { readonly error: unknown } | undefined
    const take = (action: StepAction): Value => {
      try {
        return this.effectOf(node, action, move, world)
      } catch (error) {
        thrown = { error }
        throw error
      }
    }
    try {
      // What is worked out for good is worth a second look.
      result = world === noting ? automaton.audit(node, take) : take(node.action)
    } catch (error) {
      if (thrown === undefined) throw error
      trouble.brokenOff(thrown.error, node)
      return undefined
    }
    this.returned = result
    const next = trouble.whereTo(() => automaton.advance(node, result))
    if (next !== undefined && node.crossed.size > 0) this.lookOn(node.crossed.get(result), world)
    return next
  }
  private lookOn(crossed: readonly Crossing[] | undefined, world: W): void {
    if (crossed !== undefined) lookOn(this.parts.spec.observers!, crossed, world)
  }
  /** Takes the step of a control state, as `action` would: what the model does there, and only that. */
  private effectOf(node: Node, action: StepAction, move: number, world: W): Value {
    const { spec } = this.parts
    const context = (move / CHOICES) | 0
    modelCode.runs = true
    if (heart.pulse !== undefined) beat(node, spec.name)
    this.enabled.askAgain(node, action, context, world)
    const choice = action.kind === 'choose' ? this.enabled.optionOf(action, move, world) : undefined
    spec.enter?.(world, context, true)
    forgetMade()
    const result = action.effect(world as never, choice)
    modelCode.runs = false
    heart.pulse?.end()
    if (untaken() !== undefined) throw nestedStep(() => action.effect(world as never, choice))
    return result
  }

  /**
   * Fires a move and says which bits its guard and effect read, and which they wrote; what is looked at after
   * every step is left out.
   */
  observe(move: number): Footprint {
    const { footprint } = this.parts
    footprint.read.fill(0)
    footprint.written.fill(0)
    this.reports.length = 0
    this.observed = footprint
    this.workOut(move, true)
    const seen = this.observed
    this.observed = undefined
    return seen === footprint ? copyOf(seen) : seen
  }
  /** The bits that a question to the world reads. */
  looksAt(question: (world: W) => void): Uint32Array {
    const { footprint, noting } = this.parts
    footprint.read.fill(0)
    question(noting)
    return footprint.read.slice()
  }
}

function partsOf<F extends Fields, W>(spec: MachineSpec<F, W>, reports: Report[]): Parts<W, F> {
  const { layout, contexts } = spec
  const words = new Uint32Array(layout.words)
  const footprint = {
    read: new Uint32Array(layout.words),
    written: new Uint32Array(layout.words),
  }
  const worldOver = (view: View<F>): W => spec.world(view, (report) => reports.push(report))
  const paths = contexts.map((_, context) => spec.control(context))
  const automaton = new Automaton(spec.self, {
    instrument: spec.instrument,
    of: spec.name,
    has: spec.has,
    observed: new Set(Object.keys(spec.observers ?? {})),
  })
  automaton.runner.watch = new Watch(words, footprint)
  return {
    spec,
    words,
    footprint,
    world: worldOver(layout.bind(words)),
    noting: worldOver(layout.bind(words, footprint)),
    automaton,
    control: new ControlWords(contexts, paths, layout.slots, words, footprint),
    starts: new Starts(contexts, spec.starts, automaton),
    trouble: new Trouble(automaton, reports, spec.name),
  }
}
const copyOf = ({ read, written }: Footprint): Footprint => ({
  read: read.slice(),
  written: written.slice(),
})
