/**
 * Random small programs over two shared variables, run in two ways: written in the engine's step
 * words, and by an interpreter that knows nothing of the engine.
 */
import fc from 'fast-check'
import { array, uint } from '../../engine/state/layout.ts'
import { again, call, choose, step, when, type Steps } from '../../engine/step.ts'
import { event, toy, type Toy, type ToyWorld } from './toy.ts'

const VARIABLES = 2
const VALUES = 3

type Instruction =
  | { readonly do: 'set' | 'add'; readonly v: number; readonly c: number }
  | { readonly do: 'wait'; readonly v: number; readonly c: number; readonly to: number }
  /** The environment picks a number below the variable's value and stores it. */
  | { readonly do: 'pick'; readonly v: number }
  | { readonly do: 'branch' | 'loop'; readonly v: number; readonly c: number; readonly body: Block }
  /** Calls a function that ends by reading the variable and returns it. */
  | { readonly do: 'call'; readonly v: number; readonly body: Block }
type Block = readonly Instruction[]
interface Process {
  readonly body: Block
  /** Starts when the variable does not hold this, and sets it to `to`. */
  readonly v: number
  readonly not: number
  readonly to: number
}
export interface Program {
  readonly processes: readonly Process[]
  /** Process 0 keeps the others from moving while it runs, as a softirq does. */
  readonly softirq: boolean
}

const v = fc.nat(VARIABLES - 1)
const c = fc.nat(VALUES - 1)
const leaf: fc.Arbitrary<Instruction> = fc.oneof(
  fc.record({ do: fc.constantFrom('set' as const, 'add' as const), v, c }),
  fc.record({ do: fc.constant('wait' as const), v, c, to: c }),
  fc.record({ do: fc.constant('pick' as const), v }),
)
const blockOf = (depth: number): fc.Arbitrary<Block> =>
  fc.array(instructionOf(depth), { minLength: 1, maxLength: 3, size: 'max' })
const instructionOf = (depth: number): fc.Arbitrary<Instruction> =>
  depth === 0
    ? leaf
    : fc.oneof(
        leaf,
        fc.record({
          do: fc.constantFrom('branch' as const, 'loop' as const),
          v,
          c,
          body: blockOf(depth - 1),
        }),
        fc.record({ do: fc.constant('call' as const), v, body: blockOf(depth - 1) }),
      )
export const programs: fc.Arbitrary<Program> = fc.noBias(
  fc.record({
    processes: fc.array(fc.record({ body: blockOf(2), v, not: fc.nat(VALUES), to: c }), {
      minLength: 2,
      maxLength: 3,
    }),
    softirq: fc.boolean(),
  }),
)

/* In the engine's words. */

const fields = { x: array('variable', VARIABLES, { is: uint(VALUES - 1) }) }
type W = ToyWorld<typeof fields>
const below = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

function* run(block: Block): Steps {
  for (const instruction of block) yield* one(instruction)
}
function* one(todo: Instruction): Steps {
  const x = (w: W): { is: number } => w.s.x(todo.v)
  switch (todo.do) {
    case 'set':
      return yield* step('set', (w: W) => {
        x(w).is = todo.c
      })
    case 'add':
      return yield* step('add', (w: W) => {
        x(w).is = (x(w).is + todo.c) % VALUES
      })
    case 'wait':
      return yield* when(
        'wait',
        (w: W) => x(w).is === todo.c,
        (w: W) => {
          x(w).is = todo.to
        },
      )
    case 'pick':
      yield* choose(
        'pick',
        (w: W) => below(x(w).is),
        (w: W, choice) => {
          x(w).is = choice
          return choice
        },
      )
      return
    case 'branch':
      if (yield* step('branch', (w: W) => x(w).is === todo.c)) yield* run(todo.body)
      return
    case 'call':
      yield* call(function* callee(): Steps<number> {
        yield* run(todo.body)
        return yield* step('return', (w: W) => x(w).is)
      })
      return
    case 'loop':
      for (;;) {
        // Loops stand inside loops here: what tells them apart is what they do.
        yield* again(JSON.stringify(todo))
        const more = yield* call(function* round(): Steps<boolean> {
          yield* run(todo.body)
          return yield* step('again', (w: W) => x(w).is === todo.c)
        })
        if (!more) return
      }
  }
}

/** `housekeeping` has process 1 start itself, as a delayed work does. */
export const machineOf = (
  { processes, softirq }: Program,
  housekeeping = false,
): Toy<typeof fields> =>
  toy({
    fields,
    contexts: processes.map((_, i) => `P${i}`),
    starts: processes.map((process, i) =>
      event(
        i,
        `P${i} starts`,
        function* main(): Steps {
          yield* run(process.body)
        },
        {
          sort: housekeeping && i === 1 ? 'retry' : 'work',
          guard: (w: W) => w.s.x(process.v).is !== process.not,
          effect: (w: W) => {
            w.s.x(process.v).is = process.to
          },
        },
      ),
    ),
    ...(softirq
      ? {
          mayRun: (w: W, context: number) => context === 0 || w.task(0).pc === 0,
          mayStart: (w: W, context: number) => context === 0 || w.task(0).pc === 0,
        }
      : {}),
  })
export const valuesOf = (machine: Toy<typeof fields>): number[] =>
  machine.world.s.x.all.map(({ is }) => is)

/* By hand: flat code with jumps, and a stack of frames that each remember their results. */

type Operation =
  | { readonly op: 'set' | 'add'; readonly v: number; readonly c: number }
  | { readonly op: 'wait'; readonly v: number; readonly c: number; readonly to: number }
  | { readonly op: 'pick' | 'return'; readonly v: number }
  | { readonly op: 'branch'; readonly v: number; readonly c: number; readonly skip: number }
  | { readonly op: 'again'; readonly v: number; readonly c: number }
  | { readonly op: 'enter'; readonly code: number }
type Code = readonly Operation[]

function compile(block: Block, codes: Code[]): Operation[] {
  return block.flatMap((todo): Operation[] => {
    switch (todo.do) {
      case 'set':
      case 'add':
        return [{ op: todo.do, v: todo.v, c: todo.c }]
      case 'wait':
        return [{ op: 'wait', v: todo.v, c: todo.c, to: todo.to }]
      case 'pick':
        return [{ op: 'pick', v: todo.v }]
      case 'branch': {
        const body = compile(todo.body, codes)
        return [{ op: 'branch', v: todo.v, c: todo.c, skip: body.length }, ...body]
      }
      case 'call':
      case 'loop': {
        const last: Operation =
          todo.do === 'call' ? { op: 'return', v: todo.v } : { op: 'again', v: todo.v, c: todo.c }
        const code = codes.push([...compile(todo.body, codes), last]) - 1
        return [{ op: 'enter', code }]
      }
    }
  })
}

interface Frame {
  readonly code: number
  readonly pc: number
  readonly results: readonly (number | boolean | null)[]
}
export interface NaiveState {
  readonly x: readonly number[]
  /** Of each process, the functions it stands in, innermost first; none when idle. */
  readonly stacks: readonly (readonly Frame[])[]
}

export interface Interpreter {
  readonly initial: NaiveState
  readonly successors: (state: NaiveState) => NaiveState[]
}
export function interpreterOf({ processes, softirq }: Program): Interpreter {
  const codes: Code[] = []
  const mains = processes.map(({ body }) => codes.push(compile(body, codes)) - 1)

  /** Enters calls and leaves finished functions until the process stands before a step. */
  const settle = (stack: readonly Frame[]): readonly Frame[] => {
    const [top, ...rest] = stack
    if (top === undefined) return []
    const next = codes[top.code]![top.pc]
    if (next === undefined) return settle(rest)
    if (next.op !== 'enter') return stack
    const resumed = { ...top, pc: top.pc + 1, results: [...top.results, null] }
    return settle([{ code: next.code, pc: 0, results: [] }, resumed, ...rest])
  }
  const set = (x: readonly number[], at: number, value: number): number[] =>
    x.map((old, i) => (i === at ? value : old))
  const fire = (x: readonly number[], stack: readonly Frame[]): [number[], readonly Frame[]][] => {
    const [top, ...rest] = stack as [Frame, ...Frame[]]
    const todo = codes[top.code]![top.pc]!
    const went = (result: number | boolean | null, by = 1): readonly Frame[] =>
      settle([{ ...top, pc: top.pc + by, results: [...top.results, result] }, ...rest])
    if (todo.op === 'enter') throw new Error('not settled')
    const is = x[todo.v]!
    switch (todo.op) {
      case 'set':
        return [[set(x, todo.v, todo.c), went(null)]]
      case 'add':
        return [[set(x, todo.v, (is + todo.c) % VALUES), went(null)]]
      case 'wait':
        return is === todo.c ? [[set(x, todo.v, todo.to), went(null)]] : []
      case 'pick':
        return below(is).map((choice) => [set(x, todo.v, choice), went(choice)])
      case 'branch':
        return [[[...x], went(is === todo.c, is === todo.c ? 1 : 1 + todo.skip)]]
      case 'again':
        return is === todo.c
          ? [[[...x], settle([{ ...top, pc: 0, results: [] }, ...rest])]]
          : [[[...x], settle(rest)]]
      case 'return': {
        const [caller, ...others] = rest as [Frame, ...Frame[]]
        const results = [...caller.results.slice(0, -1), is]
        return [[[...x], settle([{ ...caller, results }, ...others])]]
      }
    }
  }
  const successors = ({ x, stacks }: NaiveState): NaiveState[] =>
    processes.flatMap((process, i) => {
      if (softirq && i > 0 && stacks[0]!.length > 0) return []
      const stack = stacks[i]!
      const start = (): [number[], readonly Frame[]][] =>
        x[process.v] !== process.not
          ? [[set(x, process.v, process.to), settle([{ code: mains[i]!, pc: 0, results: [] }])]]
          : []
      const after = stack.length === 0 ? start() : fire(x, stack)
      return after.map(([x, changed]) => ({
        x,
        stacks: stacks.map((old, at) => (at === i ? changed : old)),
      }))
    })
  return {
    initial: { x: below(VARIABLES).map(() => 0), stacks: processes.map(() => []) },
    successors,
  }
}
