/** Small machines to test the engine with: a few shared variables, a few contexts, nothing of pools. */
import type { Rule } from '../../engine/rules/judge.ts'
import {
  array,
  counter,
  layout,
  record,
  type Fields,
  type View,
} from '../../engine/state/layout.ts'
import { Machine, type MachineSpec, type Start } from '../../engine/program/machine.ts'
import type { Report } from '../../engine/system.ts'

export interface ToyWorld<F extends Fields> {
  /** The shared variables. */
  readonly s: View<F>
  readonly report: (report: Report) => void
  /** Where each context stands. */
  readonly task: (context: number) => { pc: number }
}
export interface ToySpec<F extends Fields> {
  readonly fields: F
  readonly contexts: readonly string[]
  readonly starts: readonly Start<ToyWorld<F>>[]
  readonly initial?: (s: View<F>) => void
  readonly self?: object
  readonly enter?: MachineSpec<Fields, ToyWorld<F>>['enter']
  readonly after?: MachineSpec<Fields, ToyWorld<F>>['after']
  readonly mayRun?: MachineSpec<Fields, ToyWorld<F>>['mayRun']
  readonly mayStart?: MachineSpec<Fields, ToyWorld<F>>['mayStart']
  readonly control?: MachineSpec<Fields, ToyWorld<F>>['control']
  /** Width of a control state. */
  readonly bits?: number
}
export type Toy<F extends Fields> = Machine<Fields, ToyWorld<F>>

export function toy<F extends Fields>(spec: ToySpec<F>): Toy<F> {
  const fields = {
    shared: record<Fields>(spec.fields),
    task: array('context', spec.contexts.length, { pc: counter(spec.bits ?? 16) }),
  }
  return new Machine<Fields, ToyWorld<F>>({
    layout: layout(fields) as never,
    world: (view, report) => {
      const { shared, task } = view as unknown as View<typeof fields>
      return { s: shared as unknown as View<F>, task, report }
    },
    initial: (w) => spec.initial?.(w.s),
    contexts: spec.contexts,
    control: spec.control ?? ((context) => `.task[${context}].pc`),
    enter: spec.enter ?? (() => {}),
    mayRun: spec.mayRun ?? (() => true),
    mayStart: spec.mayStart ?? (() => true),
    starts: spec.starts,
    self: spec.self ?? {},
    ...(spec.after === undefined ? {} : { after: spec.after }),
  })
}

/** An event of a toy; anything left out takes the plainest value. */
export const event = <W>(
  context: number,
  name: string,
  fn: Start<W>['fn'],
  rest: Partial<Start<W>> = {},
): Start<W> => ({ context, name, sort: 'work', args: [], guard: () => true, fn, ...rest })

/** A rule about every state, taken as exercised unless it says otherwise. */
export const always = (
  id: string,
  wrong: () => boolean,
  exercised: () => boolean = () => true,
): Rule => ({ id, always: () => (wrong() ? `${id} is broken` : undefined), exercised })

/** The moves enabled now, as people read them. */
export function enabledNames<F extends Fields>(machine: Toy<F>): string[] {
  const count = machine.enabled()
  return Array.from(machine.moves.slice(0, count), (move) => {
    const { context, fn, step, choice } = machine.name(move)
    return `${context}: ${fn} › ${step}${choice === undefined ? '' : ` = ${String(choice)}`}`
  })
}

/** Fires the one enabled move that reads so. */
export function take<F extends Fields>(machine: Toy<F>, reads: string): void {
  const names = enabledNames(machine)
  const index = names.indexOf(reads)
  if (index === -1) throw new Error(`"${reads}" is not enabled, only: ${names.join(', ')}`)
  machine.fire(machine.moves[index]!)
}
