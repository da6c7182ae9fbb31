/** A recorded sequence against the model: the first observation in which they differ, if any. */
import type { Instrument } from '../engine/program/automaton.ts'
import { UnknownCommand } from './command-line.ts'
import { Kernel } from './kernel.ts'
import { observe, PAGE_FIELDS, type Observation } from './observe.ts'
import type { Observed, Sequence } from './recording.ts'
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
}
export type Outcome =
  | { readonly outcome: 'agrees'; readonly commands: number }
  | { readonly outcome: 'differs'; readonly commands: number; readonly difference: Difference }
  /** A command the model has no word for, or cannot carry out: everything before it agreed. */
  | {
      readonly outcome: 'not compared'
      readonly commands: number
      readonly at: number
      readonly why: string
    }

export function compare(sequence: Sequence, instrument?: Instrument): Outcome {
  const kernel = new Kernel(sequence.kernel, instrument)
  const recorded = new RecordedState()
  for (const [at, text] of sequence.commands.entries()) {
    const observed = sequence.observations[at]!
    let model: Observation
    try {
      model = observe(kernel, text)
    } catch (error) {
      return { outcome: 'not compared', commands: at, at, why: whyNot(error as Error) }
    }
    recorded.apply(observed)
    const mismatches = [
      ...compareReturn(observed.ret, model.ret),
      ...compareHappenings(sequence, observed, model),
      ...recorded.compare(model.state),
    ]
    if (mismatches.length > 0)
      return { outcome: 'differs', commands: at + 1, difference: { at, mismatches } }
  }
  return { outcome: 'agrees', commands: sequence.commands.length }
}

/** What a recording asks of the model need not be possible; nor must it cost the other recordings their verdict. */
const whyNot = (error: Error): string =>
  error instanceof UnknownCommand ? error.message : `the model cannot go on: ${error.message}`
const isGuard = (ret: unknown): boolean => typeof ret === 'object' && ret !== null && 'guard' in ret
/** Why a call was not made is the recorder's own wording; that it was not made is compared. */
function compareReturn(recorded: unknown, model: unknown): Mismatch[] {
  if (isGuard(recorded) && isGuard(model)) return []
  return same(recorded, model) ? [] : [{ what: 'ret', recorded, model }]
}
function compareHappenings(sequence: Sequence, observed: Observed, model: Observation): Mismatch[] {
  const lists = sequence.hasEvents ? (['log', 'dma', 'ev'] as const) : (['log', 'dma'] as const)
  return lists.flatMap((what) => {
    const recorded = observed[what] ?? []
    return same(recorded, model[what]) ? [] : [{ what, recorded, model: model[what] }]
  })
}

/** What the recording says of the state, put together from what it says of each change. */
class RecordedState {
  private readonly pools = new Map<string, Record<string, unknown>>()
  private readonly pages = new Map<string, readonly unknown[]>()
  private readonly dev = new Map<string, Readonly<Record<string, unknown>>>()
  private xdp: Record<string, unknown> = {}

  apply({ pools, pages, dev, xdp }: Observed): void {
    for (const [name, fields] of Object.entries(pools ?? {}))
      this.pools.set(name, { ...this.pools.get(name), ...fields })
    for (const [name, page] of Object.entries(pages ?? {})) this.pages.set(name, page)
    for (const [name, fields] of Object.entries(dev ?? {})) this.dev.set(name, fields)
    if (xdp !== undefined) this.xdp = xdp
  }

  compare(state: State): Mismatch[] {
    const mismatches: Mismatch[] = []
    this.comparePools(state, mismatches)
    this.comparePages(state.pages, mismatches)
    for (const [name, model] of Object.entries(state.dev))
      compareFields(`dev.${name}`, this.dev.get(name) ?? {}, model, mismatches)
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
