/** Every step and event a machine has reached, and how often each was taken. */
import type { Automaton } from './automaton.ts'

export class Coverage {
  private readonly automaton: Automaton
  /** Of control states that are forgotten by now. */
  private forgotten: ReadonlyMap<string, number> = new Map()
  constructor(automaton: Automaton) {
    this.automaton = automaton
  }

  /** Steps taken, those of forgotten control states included. */
  steps(): Map<string, number> {
    const counts = new Map(this.forgotten)
    for (const [step, taken] of this.automaton.taken())
      counts.set(step, (counts.get(step) ?? 0) + taken)
    return counts
  }
  /** Steps and events; 0: reached, never enabled. */
  all(names: readonly { readonly name: string }[], begun: readonly number[]): Map<string, number> {
    const counts = this.steps()
    for (const [index, { name }] of names.entries())
      counts.set(name, (counts.get(name) ?? 0) + begun[index]!)
    return counts
  }
  /** Control states are about to be forgotten: what they counted is not. */
  forget(): void {
    this.forgotten = this.steps()
  }
}
