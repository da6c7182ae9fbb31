/**
 * Transition fusing: a step that nobody but its own context can notice is taken together with the step
 * before it, so that the state between the two is never stored. It is a special case of partial-order
 * reduction (a local step commutes with every step of the others; tau-confluence), and *not* ample or
 * stubborn sets: no step of another context is put off and no interleaving is chosen from among equals.
 * Which steps are local the author says; whether that is true is looked at (test/engine/search/fusion.ts).
 */
import type { Automaton } from './automaton.ts'
import type { ControlWords } from './control-words.ts'

export class LocalSteps<W> {
  private readonly automaton: Automaton
  private readonly control: ControlWords
  private readonly mayRun: (world: W, context: number) => boolean
  constructor(
    automaton: Automaton,
    control: ControlWords,
    mayRun: (world: W, context: number) => boolean,
  ) {
    this.automaton = automaton
    this.control = control
    this.mayRun = mayRun
  }

  isNext(context: number): boolean {
    const id = this.control.at(context)
    return id !== 0 && this.automaton.node(id).action.local === true
  }
  mayTake(context: number, world: W): boolean {
    return this.isNext(context) && this.mayRun(world, context)
  }
}
