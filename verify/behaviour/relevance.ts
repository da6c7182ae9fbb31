/**
 * Which steps of a behaviour a reader must see: the violation, what wrote what it looked at, what came out
 * otherwise than usual and who saw to that, and where a context was overtaken.
 */
import type { Slot } from '../../engine/state/layout.ts'
import type { Moment } from './moment.ts'
import { kindOf } from './outcome.ts'
import { usualKey, type Usual } from './usual.ts'

/** What an injected failure is called. */
export const FAILS = 'fails'

interface Question {
  readonly moments: readonly Moment[]
  /** What was wrong, in words: names the page or the pool it is about. */
  readonly detail: string
  /** What a property of states looked at. */
  readonly asked: readonly Slot[]
  readonly usual: Usual
  readonly noReturn: number | undefined | null
}

export function relevantSteps(question: Question): ReadonlySet<number> {
  const { moments, usual, noReturn } = question
  const end = moments.length - 1
  const relevant = new Set([end, ...(noReturn == null ? [] : [noReturn])])
  for (const [i, moment] of moments.entries())
    if (moment.reports.length > 0 || moment.name.choice === FAILS) relevant.add(i)
  const routine = routineSteps(moments)
  for (const i of [...writersOfSubject(question), ...overtaken(moments), ...meanwhile(moments)])
    if (!routine.has(i)) relevant.add(i)
  for (const [i, moment] of moments.entries()) {
    if (isUsual(moment, usual)) continue
    relevant.add(i)
    for (const { slot } of moment.reads) {
      const writer = lastWriter(moments, slot, i)
      if (writer === undefined || routine.has(writer)) continue
      if (isKept(slot) && moments[writer]!.context !== moment.context) relevant.add(writer)
    }
  }
  return relevant
}

const isUsual = ({ name, sort, returned }: Moment, usual: Usual): boolean => {
  if (sort !== 'step' || returned === undefined) return true
  return usual.has(usualKey(name.fn, name.step, kindOf(returned, name.choice)))
}

/** The last step that changed each thing the violation looked at; of what is true, every one. */
function writersOfSubject({ moments, detail, asked }: Question): number[] {
  const end = moments.length - 1
  const looked = asked.length > 0 ? asked : moments[end]!.reads.map(({ slot }) => slot)
  const subject = looked.filter((slot) => isKept(slot) && isAbout(slot, detail))
  return subject.flatMap((slot) => {
    const last = lastWriter(moments, slot, end)
    const every = isTruth(slot) ? changesOf(moments, slot) : []
    return last === undefined ? every : [...every, last]
  })
}
/** Control states, what a context is in, and what only says which situations were met decide nothing here. */
const isKept = ({ path }: Slot): boolean =>
  !path.startsWith('.task[') && !path.startsWith('.ledger.seen.')
const isTruth = ({ path }: Slot): boolean => path.startsWith('.ledger.')
/** A report that names members is about these and no others of their kind. */
function isAbout({ within }: Slot, detail: string): boolean {
  return within.every(({ domain, index }) => {
    const named = [...detail.matchAll(new RegExp(`\\b${domain} (\\d+)`, 'g'))].map(([, n]) =>
      Number(n),
    )
    return named.length === 0 || named.includes(index)
  })
}

/**
 * Steps of new work that ran from start to end while nobody else stood inside a function, or with which the trace
 * begins and which it has no need to end: the event says what they do.
 */
function routineSteps(moments: readonly Moment[]): ReadonlySet<number> {
  const routine = new Set<number>()
  const inside = new Set<number>()
  for (let from = 0; from < moments.length;) {
    const { context, activity, sort } = moments[from]!
    let to = from + 1
    while (moments[to]?.context === context && moments[to]!.activity === activity) to += 1
    const rest = moments.slice(to)
    const goesOn = rest.some((it) => it.context === context && it.activity === activity)
    const left = from === 0 && rest.length > 0 && !goesOn
    const ends = moments[to - 1]!.last || left
    if (sort === 'work' && ends && inside.size === 0)
      for (let i = from; i < to; i += 1) routine.add(i)
    if (ends) inside.delete(context)
    else inside.add(context)
    from = to
  }
  return routine
}

const changes = (moment: Moment, { path }: Slot): boolean =>
  moment.changed.some(({ slot }) => slot.path === path)
const changesOf = (moments: readonly Moment[], slot: Slot): number[] =>
  moments.flatMap((moment, i) => (changes(moment, slot) ? [i] : []))
const lastWriter = (moments: readonly Moment[], slot: Slot, before: number): number | undefined =>
  changesOf(moments, slot).findLast((i) => i < before)

/** The last step before a context was left inside a function, and the first when it goes on. */
function overtaken(moments: readonly Moment[]): number[] {
  return moments.flatMap(({ context, last, sort }, i) => {
    const next = moments[i + 1]
    const left = !last && next !== undefined && next.context !== context
    const goesOn = sort === 'step' && i > 0 && moments[i - 1]!.context !== context
    return left || goesOn ? [i] : []
  })
}

/**
 * What others did while a context stood inside a function that has to do with where it stands: who first saw what
 * it had just changed, who changed what it had just read, and what it reads when it goes on.
 */
function meanwhile(moments: readonly Moment[]): number[] {
  return moments.flatMap((left, i) => {
    if (left.last || moments[i + 1] === undefined || moments[i + 1]!.context === left.context)
      return []
    const on = moments.findIndex(({ context }, at) => at > i && context === left.context)
    const others = range(i + 1, on === -1 ? moments.length : on)
    const reads = (at: number, slots: readonly Slot[]): boolean =>
      moments[at]!.returned !== undefined &&
      slots.some(({ path }) => moments[at]!.reads.some(({ slot }) => slot.path === path))
    const changed = left.changed.map(({ slot }) => slot).filter(isTheKernels)
    const looked = kernelReads(left)
    const goesOn = on === -1 ? [] : kernelReads(moments[on]!)
    return [
      others.find((at) => reads(at, changed)),
      others.find((at) => looked.some((slot) => changes(moments[at]!, slot))),
      others.findLast((at) => goesOn.some((slot) => changes(moments[at]!, slot))),
    ].filter((at) => at !== undefined)
  })
}
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i)
const isTheKernels = (slot: Slot): boolean => isKept(slot) && !isTruth(slot)
const kernelReads = ({ reads }: Moment): Slot[] =>
  reads.map(({ slot }) => slot).filter(isTheKernels)
