/** Which moves each context may make: guards and options are asked, and may only look. */
import type { Node } from './automaton.ts'
import { CHOICES } from './move-numbers.ts'
import { GUARDS_ONLY_LOOK } from './outside-steps.ts'
import { beat, type Parts } from './parts.ts'
import { isMisuse, Misuse, modelCode } from '../authoring/misuse.ts'
import { heart } from '../pulse.ts'
import type { Fields } from '../state/layout.ts'
import type { StepAction, Value } from '../step.ts'

export class EnabledMoves<W, F extends Fields> {
  /** The moves listed last; valid up to the count that was given back. */
  readonly moves = new Int32Array(1024)
  private readonly parts: Parts<W, F>
  /** Control states whose guard or options threw in some state. */
  private readonly broken = new Set<number>()
  constructor(parts: Parts<W, F>) {
    this.parts = parts
  }

  /** Appends the moves of one context; views note what is looked at, when they are to. */
  of(context: number, from: number, noting: boolean): number {
    const { spec, control, starts, trouble } = this.parts
    const world = noting ? this.parts.noting : this.parts.world
    const id = control.at(context)
    if (id !== 0) return spec.mayRun(world, context) ? this.stepsOf(context, id, from, world) : from
    if (starts.of[context]!.length === 0 || !spec.mayStart(world, context)) return from
    spec.enter?.(world, context, false)
    modelCode.runs = true
    try {
      return starts.enabled[context]!(world, this.moves, from)
    } catch (error) {
      throw trouble.misplaced(`the guard of an event of ${spec.contexts[context]}`, error)
    } finally {
      modelCode.runs = false
    }
  }
  private stepsOf(context: number, id: number, from: number, world: W): number {
    const { spec, automaton, trouble } = this.parts
    const node = automaton.node(id)
    const { action } = node
    const first = context * CHOICES
    let count = from
    if (action.kind === 'step') {
      this.moves[count] = first
      return count + 1
    }
    spec.enter?.(world, context, false)
    modelCode.runs = true
    if (heart.pulse !== undefined) beat(node, spec.name)
    try {
      if (action.kind === 'choose') {
        const options = countOptions(action, world)
        for (let i = 0; i < options; i += 1) this.moves[count++] = first + i
      } else if (action.guard!(world as never)) this.moves[count++] = first
    } catch (error) {
      if (isMisuse(error)) throw trouble.misplaced(node, error)
      // Whoever takes it finds out what is wrong with it.
      this.broken.add(id)
      count = from
      this.moves[count++] = first
    }
    modelCode.runs = false
    heart.pulse?.end()
    return count
  }

  /** Called before a step is taken: if its guard or options threw in some state, do they in this one, too? */
  askAgain({ id }: Node, action: StepAction, context: number, world: W): void {
    if (!this.broken.has(id)) return
    this.parts.spec.enter?.(world, context, false)
    if (action.kind === 'when') action.guard!(world as never)
    else action.options!(world as never)
  }
  /** What the environment picks in this move, for a step with a choice. */
  optionOf(action: StepAction, move: number, world: W): Value {
    this.parts.spec.enter?.(world, (move / CHOICES) | 0, false)
    return action.options!(world as never)[move % CHOICES]
  }
  /** The same, undefined where the options cannot be asked for: such a step is named all the same. */
  choiceOf({ id, action }: Node, move: number): Value {
    try {
      return this.optionOf(action, move, this.parts.world)
    } catch (error) {
      if (!this.broken.has(id)) throw error
      return undefined
    }
  }

  /** Says which guard or list of options of this context wrote to the state, which is as it was before. */
  refuseWrites(context: number): never {
    const { control, automaton, trouble } = this.parts
    const wrong = new Error(GUARDS_ONLY_LOOK)
    const id = control.at(context)
    if (id === 0) throw trouble.misplaced(this.startThatWrites(context), wrong)
    const node = automaton.node(id)
    const what = node.action.kind === 'when' ? 'guard' : 'list of options'
    const place = automaton.runner.placeOfNode(node)
    throw trouble.misplaced(`the ${what} of ${automaton.runner.says(node)}${place}`, wrong)
  }
  private startThatWrites(context: number): string {
    const { spec, words, starts, world } = this.parts
    const before = words.slice()
    for (const index of starts.of[context]!) {
      const { guard, name } = starts.all[index]!
      guard(world)
      if (before.some((word, n) => word !== words[n])) {
        words.set(before)
        return `the guard of the event "${name}"`
      }
    }
    return `a guard of an event of ${spec.contexts[context]}`
  }
}

/** How many options a choice offers in this state. */
function countOptions<W>(action: StepAction, world: W): number {
  const options = action.options!(world as never)
  if (new Set(options).size < options.length)
    throw new Misuse(
      `it offers ${options.map(String).join(', ')}: one of them twice. A trace names what was picked: offer each once.`,
    )
  if (options.length > CHOICES)
    throw new Misuse(`it offers ${options.length} options, ${CHOICES} at most.`)
  return options.length
}
