/** What a machine is made of: its contexts, the events by which they begin, and whose functions they run. */
import type { Instrument } from './automaton.ts'
import type { Observers } from './observers.ts'
import { bareCall } from '../authoring/bare-calls.ts'
import { Misuse } from '../authoring/misuse.ts'
import type { Fields, Layout, View } from '../state/layout.ts'
import type { Steps, Value } from '../step.ts'
import type { MoveSort, Report } from '../system.ts'

/** An event by which an idle context begins a function. */
export interface Start<W> {
  readonly context: number
  /** The event's name, as a person would say it. */
  readonly name: string
  readonly sort: Exclude<MoveSort, 'step'>
  readonly args: readonly Value[]
  /** How the arguments read in a counterexample (`account 0`). */
  readonly says?: string
  readonly guard: (world: W) => boolean
  /** Done in the same instant as the start (taking the packet off its queue). */
  readonly effect?: (world: W) => void
  readonly fn: (...args: never[]) => Steps<unknown>
}

export interface MachineSpec<F extends Fields, W> {
  /** What is run here, as its author calls it: named in front of what is said of its functions. */
  readonly name?: string
  readonly layout: Layout<F>
  /** Builds the world the steps see. What is read or written must go through the view. */
  readonly world: (view: View<F>, report: (report: Report) => void) => W
  readonly initial: (world: W) => void
  readonly contexts: readonly string[]
  /** The layout path of each context's control state (0: idle); undefined: its functions return at once. */
  readonly control: (context: number) => string | undefined
  /**
   * Called before anything is asked or done in the name of a context, so that mechanisms know whose
   * step it is; `firing` is false while a guard or a choice is only looked at.
   */
  readonly enter?: (world: W, context: number, firing: boolean) => void
  /**
   * Called after a step, with the words as they were before it and as they are now: to look at what the
   * step changed, and at nothing else.
   */
  readonly after?: (world: W, before: Uint32Array, words: Uint32Array) => void
  /** May this context take a step now (preemption rules)? */
  readonly mayRun: (world: W, context: number) => boolean
  /** May this idle context begin a function now? */
  readonly mayStart: (world: W, context: number) => boolean
  readonly starts: readonly Start<W>[]
  /** `this` of every function: the design under test. */
  readonly self: object
  readonly instrument?: Instrument
  /** Has the scope a detail of this name? Without the question it has all of them. */
  readonly has?: (detail: string) => boolean
  readonly observers?: Observers<W>
}

/** Throws a Misuse for what can be seen to be wrong before anything is run. */
export function refuseMistakes<F extends Fields, W>(spec: MachineSpec<F, W>): void {
  refuseBareCalls(spec)
  refuseTwins(spec)
}

function refuseBareCalls<F extends Fields, W>({ name, self }: MachineSpec<F, W>): void {
  const bare = bareCall(self)
  if (bare !== undefined)
    throw new Misuse(
      `${name === undefined ? '' : `${name}: `}${bare.fn}() calls ${bare.callee}(...) and does not take it: nothing is done. Write yield* in front of it.`,
    )
}

/** A trace names its moves: two events of one name in one context must say how they differ. */
function refuseTwins<F extends Fields, W>({ starts, contexts }: MachineSpec<F, W>): void {
  const names = new Set<string>()
  for (const { context, name, says } of starts) {
    if (contexts[context] === undefined)
      throw new Misuse(
        `the event "${name}" is of context ${String(context)}, and there is none: they are 0 to ${contexts.length - 1}, ${contexts.join(', ')}.`,
      )
    const full = JSON.stringify([context, name, says])
    if (names.has(full))
      throw new Misuse(`${contexts[context]} has two events "${name}"; give them different "says".`)
    names.add(full)
  }
}
