/** A recorded sequence against the model: the first observation in which they differ, if any. */
import type { Instrument } from '../engine/automaton.ts'
import { CommandLine, UnknownCommand } from './command-line.ts'
import { execute } from './execute.ts'
import { Kernel } from './kernel.ts'
import type { Observed, Sequence } from './recording.ts'
import type { Happening } from './recorder.ts'
import type { PageState, State } from './state.ts'

/** One thing observed, as it was recorded and as the model has it. */
export interface Mismatch {
  /** `ret`, `log`, `ev`, `pools.p0.ring`, `pages.5.refcount`. */
  readonly what: string
  readonly recorded: unknown
  readonly model: unknown
}
export interface Difference {
  /** The command, counted from 0. */
  readonly at: number
  readonly mismatches: readonly Mismatch[]
  /** Side effects of the model during the command, with the steps they came from. */
  readonly happenings: readonly Happening[]
}
export type Outcome =
  | { readonly outcome: 'agrees'; readonly commands: number }
  | { readonly outcome: 'differs'; readonly commands: number; readonly difference: Difference }
  /** A command the model has no word for: everything before it agreed. */
  | {
      readonly outcome: 'not compared'
      readonly commands: number
      readonly at: number
      readonly why: string
    }

/** @param wantsPlaces says where each side effect came from, which takes time. */
export function compare(
  sequence: Sequence,
  options: { readonly instrument?: Instrument; readonly wantsPlaces?: boolean } = {},
): Outcome {
  const kernel = new Kernel(sequence.kernel, options.instrument)
  kernel.recorder.wantsPlaces = options.wantsPlaces ?? false
  const recorded = new RecordedState()
  for (const [at, text] of sequence.commands.entries()) {
    const observed = sequence.observations[at]!
    kernel.recorder.forget()
    let ret: unknown
    try {
      ret = execute(kernel, new CommandLine(text))
    } catch (error) {
      if (!(error instanceof UnknownCommand)) throw error
      return { outcome: 'not compared', commands: at, at, why: error.message }
    }
    recorded.apply(observed)
    const mismatches = [
      ...compareReturn(observed.ret, ret),
      ...compareHappenings(sequence, observed, kernel),
      ...recorded.compare(kernel.state()),
    ]
    if (mismatches.length > 0) {
      const happenings = [...kernel.recorder.ev, ...kernel.recorder.log]
      const difference = { at, mismatches, happenings }
      return { outcome: 'differs', commands: at + 1, difference }
    }
  }
  return { outcome: 'agrees', commands: sequence.commands.length }
}

const isGuard = (ret: unknown): boolean => typeof ret === 'object' && ret !== null && 'guard' in ret
/** Why a call was not made is the recorder's own wording; that it was not made is compared. */
function compareReturn(recorded: unknown, model: unknown): Mismatch[] {
  if (isGuard(recorded) && isGuard(model)) return []
  return same(recorded, model) ? [] : [{ what: 'ret', recorded, model }]
}
function compareHappenings(sequence: Sequence, observed: Observed, kernel: Kernel): Mismatch[] {
  const { recorder } = kernel
  const lists = [
    ['log', observed.log, recorder.log],
    ['dma', observed.dma, recorder.dma],
    ...(sequence.hasEvents ? ([['ev', observed.ev, recorder.ev]] as const) : []),
  ] as const
  return lists.flatMap(([what, recorded = [], happenings]) => {
    const model = happenings.map(({ text }) => text)
    return same(recorded, model) ? [] : [{ what, recorded, model }]
  })
}

/** The fields of a page, in the order they are recorded. */
const PAGE_FIELDS = [
  'refcount',
  'pp',
  'signature',
  'mappings',
  'dma_addr',
  'dma_index',
  'nid',
  'pp_ref_count',
  'where',
] as const

/** What the recording says of the state, put together from what it says of each change. */
class RecordedState {
  private readonly pools = new Map<string, Record<string, unknown>>()
  private readonly pages = new Map<string, readonly unknown[]>()
  private dev: Record<string, unknown> = {}
  private xdp: Record<string, unknown> = {}

  apply({ pools, pages, dev, xdp }: Observed): void {
    for (const [name, fields] of Object.entries(pools ?? {}))
      this.pools.set(name, { ...this.pools.get(name), ...fields })
    for (const [name, page] of Object.entries(pages ?? {})) this.pages.set(name, page)
    if (dev?.['d0'] !== undefined) this.dev = dev['d0']
    if (xdp !== undefined) this.xdp = xdp
  }

  compare(state: State): Mismatch[] {
    const mismatches: Mismatch[] = []
    this.comparePools(state, mismatches)
    this.comparePages(state.pages, mismatches)
    compareFields('dev.d0', this.dev, state.dev, mismatches)
    compareFields('xdp', this.xdp, state.xdp, mismatches)
    return mismatches
  }
  private comparePools(state: State, mismatches: Mismatch[]): void {
    for (const [name, model] of state.pools) {
      const recorded = this.pools.get(name)
      if (recorded === undefined)
        mismatches.push({ what: `pools.${name}`, recorded: undefined, model })
      else compareFields(`pools.${name}`, recorded, model, mismatches)
    }
    for (const [name, recorded] of this.pools)
      if (!state.pools.has(name))
        mismatches.push({ what: `pools.${name}`, recorded, model: undefined })
  }
  private comparePages(pages: readonly PageState[], mismatches: Mismatch[]): void {
    for (const [i, model] of pages.entries()) {
      const recorded = this.pages.get(String(i))
      for (const [field, name] of PAGE_FIELDS.entries())
        if (!same(recorded?.[field], model[field]))
          mismatches.push({
            what: `pages.${i}.${name}`,
            recorded: recorded?.[field],
            model: model[field],
          })
    }
    for (const name of this.pages.keys())
      if (Number(name) >= pages.length)
        mismatches.push({
          what: `pages.${name}`,
          recorded: this.pages.get(name),
          model: undefined,
        })
  }
}
/** Of a pool that is freed the other fields are dead: only those the model has are compared. */
function compareFields(
  path: string,
  recorded: Readonly<Record<string, unknown>>,
  model: Readonly<Record<string, unknown>>,
  mismatches: Mismatch[],
): void {
  for (const [field, value] of Object.entries(model))
    if (!same(recorded[field], value))
      mismatches.push({ what: `${path}.${field}`, recorded: recorded[field], model: value })
  if (model['alive'] === 0) return
  for (const field of Object.keys(recorded))
    if (!(field in model))
      mismatches.push({ what: `${path}.${field}`, recorded: recorded[field], model: undefined })
}

/** Are two values of JSON the same? */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const mine = Object.entries(a)
  if (mine.length !== Object.keys(b).length) return false
  for (const [key, value] of mine)
    if (!same(value, (b as Readonly<Record<string, unknown>>)[key])) return false
  return true
}
