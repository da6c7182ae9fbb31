/** Moves by name: what a trace stores, how it is looked up again, and what stands in the way when it cannot be. */
import type { Node } from './automaton.ts'
import type { EnabledMoves } from './enabled-moves.ts'
import { CHOICES, STARTS } from './move-numbers.ts'
import type { Parts } from './parts.ts'
import { indexOf, isMember, type Fields } from '../state/layout.ts'
import type { Value } from '../step.ts'
import type { MoveName } from '../system.ts'

/** A function a context stands in, and what its steps and calls returned so far. */
export interface StackFrame {
  readonly name: string
  readonly results: readonly Value[]
}

export class Naming<W, F extends Fields> {
  private readonly parts: Parts<W, F>
  private readonly enabled: EnabledMoves<W, F>
  constructor(parts: Parts<W, F>, enabled: EnabledMoves<W, F>) {
    this.parts = parts
    this.enabled = enabled
  }

  /** Names a move of the state in the work space. */
  name(move: number): MoveName {
    const { spec, starts, automaton, control } = this.parts
    if (move >= STARTS) {
      const start = starts.all[move - STARTS]!
      const context = spec.contexts[start.context]!
      const name = { context, fn: start.name, step: 'start' }
      return start.says === undefined ? name : { ...name, choice: start.says }
    }
    const context = (move / CHOICES) | 0
    const node = automaton.node(control.at(context))
    const name = {
      context: spec.contexts[context]!,
      fn: node.frame.name,
      step: node.action.label,
    }
    if (node.action.kind !== 'choose') return name
    const choice = this.enabled.choiceOf(node, move)
    return { ...name, choice: isMember(choice) ? indexOf(choice) : choice }
  }

  /** The move of that name among the first `count` listed, or why there is none. */
  find(wanted: MoveName, count: number): { move: number } | { blocked: string } {
    const { moves } = this.enabled
    for (let i = 0; i < count; i += 1) {
      const name = this.name(moves[i]!)
      if (
        name.context === wanted.context &&
        name.fn === wanted.fn &&
        name.step === wanted.step &&
        name.choice === wanted.choice
      )
        return { move: moves[i]! }
    }
    return { blocked: this.whyNot(wanted) }
  }
  private whyNot(wanted: MoveName): string {
    const { spec, world } = this.parts
    const context = spec.contexts.indexOf(wanted.context)
    if (context === -1) return `there is no context "${wanted.context}" in this scope`
    const at = this.standsBefore(context)
    if (wanted.step === 'start') return this.whyNoStart(wanted, context, at)
    if (at === undefined) return `${wanted.context} is idle, not in ${wanted.fn}`
    if (at.frame.name !== wanted.fn || at.action.label !== wanted.step)
      return `${wanted.context} stands before ${at.frame.name} › ${at.action.label}`
    if (!spec.mayRun(world, context)) return `another context holds the CPU of ${wanted.context}`
    if (at.action.kind === 'choose') return `the choice "${String(wanted.choice)}" is not offered`
    return `the guard of ${at.action.label}`
  }
  private whyNoStart(wanted: MoveName, context: number, at: Node | undefined): string {
    const { spec, world, starts } = this.parts
    if (at !== undefined) return `${wanted.context} is still in ${at.frame.name}`
    const known = starts.of[context]!.some((i) => starts.all[i]!.name === wanted.fn)
    if (!known) return `${wanted.context} has no event "${wanted.fn}"`
    return spec.mayStart(world, context)
      ? `the guard of "${wanted.fn}"`
      : `another context holds the CPU of ${wanted.context}`
  }

  /**
   * The functions a context stands in, innermost first, and the results each has had: a function
   * that is called again starts from none. Empty when the context is idle.
   */
  stack(context: number): readonly StackFrame[] {
    const frames: StackFrame[] = []
    let at: { frame: Node['frame']; history: Node['history'] } | null =
      this.standsBefore(context) ?? null
    for (; at !== null; at = at.frame.caller)
      frames.push({ name: at.frame.name, results: at.history })
    return frames
  }
  private standsBefore(context: number): Node | undefined {
    const id = this.parts.control.at(context)
    return id === 0 ? undefined : this.parts.automaton.node(id)
  }
}
