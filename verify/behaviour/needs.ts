/**
 * What a behaviour takes to happen, read off the trace itself: who runs beside whom, what the environment did,
 * and which assumptions it stands on. What is called needed was left out and tried; of what the environment did no
 * step can be left out of a saved trace.
 */
import type { Violation } from '../../engine/rules/judge.ts'
import type { MoveName } from '../../engine/system.ts'
import { replayLoosely, type Trace } from '../../engine/counterexample/trace.ts'
import type { Design } from '../../model/design.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import { contextIn, contexts, SOFTIRQ1 } from '../../model/world/sync/context.ts'
import { properties } from '../../properties/index.ts'
import { Benches } from '../benches.ts'
import type { Behaviour } from './behaviour.ts'
import type { Moment } from './moment.ts'
import { isOrdinary } from './names.ts'
import { FAILS } from './relevance.ts'

/** Each goes on from "this behaviour needs". */
export function needsOf(design: Design, behaviour: Behaviour): readonly string[] {
  const { moments, counterexample } = behaviour
  const { scope, property } = counterexample
  const benches = new Benches(design, properties)
  const races = overlapsOf(moments).filter(
    (overlap) => !happensWithout(benches, behaviour, overlap),
  )
  const trace = traceOf(moments)
  return [
    ...racesText(races, scope),
    ...preemption(design, benches, behaviour, races, trace),
    ...otherCpu(benches, behaviour, races),
    ...failures(moments, (without) => violates(benches, scope, property, without)),
    ...environment(moments),
  ]
}

interface Overlap {
  /** The step after which the context is left inside a function. */
  readonly at: number
  readonly context: number
  /** The function it stands in, and who runs meanwhile. */
  readonly fn: string
  readonly others: readonly number[]
}
/** Where a context is left inside a function while others take steps. */
function overlapsOf(moments: readonly Moment[]): readonly Overlap[] {
  return moments.flatMap((left, at) => {
    const next = moments[at + 1]
    if (left.last || next === undefined || next.context === left.context) return []
    const on = moments.findIndex((it, i) => i > at && it.context === left.context)
    const until = on === -1 ? moments.length : on
    const meanwhile = moments.slice(at + 1, until).filter(hasSteps)
    const others = [...new Set(meanwhile.map(({ context }) => context))]
    const fn = left.stack.at(-1)?.fn ?? left.name.fn
    return others.length === 0 ? [] : [{ at, context: left.context, fn, others }]
  })
}
const hasSteps = ({ sort, last }: Moment): boolean => sort === 'step' || !last

/**
 * Lets the context go on to its end, or until it has to wait, before the others run: the last step does what must
 * not happen all the same, so that it need not have been overtaken there.
 */
function happensWithout(
  benches: Benches,
  { moments, counterexample: { scope, property, detail } }: Behaviour,
  { at, context }: Overlap,
): boolean {
  const { machine, judge } = benches.of(scope)
  const who = moments[at]!.name.context
  machine.reset()
  // After device_del() the same unmap is another report, and after put_device() a fatal one: worse, and not another
  // story.
  const [what = ''] = detail.split(' after ')
  const isIt = (it: Violation): boolean => it.rule === property || it.detail.startsWith(what)
  const take = (name: MoveName): readonly Violation[] => {
    const found = machine.find(name)
    if ('blocked' in found) return []
    machine.fire(found.move)
    return judge.judge()
  }
  for (const { name } of moments.slice(0, at + 1)) take(name)
  for (let steps = 0; steps < FINISH; steps += 1) {
    const moves = [...machine.moves.subarray(0, machine.enabled())]
    const mine = moves.find((it) => machine.sort(it) === 'step' && machine.name(it).context === who)
    if (mine === undefined || machine.stack(context).length === 0) break
    machine.fire(mine)
    if (judge.fatal) return false
  }
  let violated = false
  for (const { name } of moments.slice(at + 1)) {
    const found = take(name)
    violated = found.some(isIt) || (found.length > 0 && judge.fatal)
  }
  return violated || judge.judgeRest().violations.some(isIt)
}
/** Steps that a context may take to its end. */
const FINISH = 500

function racesText(races: readonly Overlap[], scope: Scope): string[] {
  if (races.length === 0)
    return ['no race: each context may run to its end, or until it waits, before the next begins']
  const { name: named, cpu: cpuOf } = {
    name: (context: number): string => contextIn(scope, context).name,
    cpu: (context: number): number => contextIn(scope, context).cpu,
  }
  const said = races.map(({ context, fn, others }) => {
    const beside = others.some((other) => cpuOf(other) !== cpuOf(context))
    const who = others.map(named).join(' and ')
    const runs = others.length === 1 ? 'runs' : 'run'
    return `${named(context)} to stand in ${fn}() while ${who} ${runs}${beside ? '' : ', on the same CPU'}`
  })
  return [...new Set(said)]
}

/** Is a process overtaken, and would it be without CONFIG_PREEMPT? */
function preemption(
  { family }: Design,
  benches: Benches,
  { counterexample: { scope, property } }: Behaviour,
  races: readonly Overlap[],
  trace: Trace,
): string[] {
  const overtaken = races.filter(({ context }) => !contexts[context]!.softirq)
  if (overtaken.length === 0 || !scope.preempt || !family.asksForPreemption) return []
  const same = overtaken.some(({ context, others }) =>
    others.some(
      (other) =>
        !contexts[other]!.softirq && contextIn(scope, other).cpu === contextIn(scope, context).cpu,
    ),
  )
  if (same) return ['CONFIG_PREEMPT: one process overtakes another on its CPU']
  return violates(benches, { ...scope, preempt: false }, property, trace)
    ? ['no CONFIG_PREEMPT: a process that is slow there will do, nothing waits for it']
    : ['CONFIG_PREEMPT: without it the process is an RCU reader, which synchronize_rcu() waits for']
}
/** Does a softirq have to run beside rtnl, rather than interrupt it? */
function otherCpu(
  benches: Benches,
  { counterexample, moments }: Behaviour,
  races: readonly Overlap[],
): string[] {
  const { scope, property } = counterexample
  const takesPart = races.some(({ context, others }) => [context, ...others].includes(SOFTIRQ1))
  if (scope.softirqsOnRtnlCpu || !takesPart) return []
  const together = { ...scope, softirqsOnRtnlCpu: true }
  const trace = moments.map(({ name, context }) =>
    context === SOFTIRQ1 ? { ...name, context: contextIn(together, SOFTIRQ1).name } : name,
  )
  return violates(benches, together, property, trace)
    ? []
    : ['the softirq on a CPU of its own: on that of rtnl and release_dw it would run to its end']
}
const traceOf = (moments: readonly Moment[]): Trace => moments.map(({ name }) => name)
function violates(benches: Benches, scope: Scope, property: string, trace: Trace): boolean {
  const { machine, judge } = benches.of(scope)
  return replayLoosely(machine, judge, property, trace) !== undefined
}

/** Injected failures without which the same trace does not get there. */
function failures(moments: readonly Moment[], happens: (trace: Trace) => boolean): string[] {
  const trace = traceOf(moments)
  return moments.flatMap(({ name, outcome, changed }, at) => {
    const spent = changed.some(({ slot }) => slot.path === '.faults_left')
    if (!spent || happens(trace.with(at, { ...name, choice: 'ok' }))) return []
    return [`an injected failure: ${name.step} -> ${outcome ?? FAILS}`]
  })
}

/** What happens on no CPU of the driver's: the events as they are called, and what they lead to. */
function environment(moments: readonly Moment[]): string[] {
  const says = moments.flatMap((moment) => {
    const { name, context, sort, changed } = moment
    if (contexts[context]!.cpu === -1)
      return isOrdinary(name.fn) || sort === 'end' ? [] : [name.fn + consequence(moments, moment)]
    if (sort === 'retry') return [`${name.fn}: delayed work, which fires at any time here`]
    const start = changed.length > 0 && name.step === 'page_pool_init(pool)' ? name.choice : 0
    return typeof start === 'number' && start > 0
      ? [`pages_state_hold_cnt and release_cnt that start at ${start}, and wrap`]
      : []
  })
  return [...new Set(says)]
}
/** A reference more: the page is not recycled when it comes back. */
function consequence(moments: readonly Moment[], { changed }: Moment): string {
  const raised = changed.find(
    ({ slot, from, to }) =>
      slot.path.endsWith('.refcount') && Number(to) > Number(from) && from !== 0,
  )
  const refused = moments.some(
    ({ name, returned }) => name.step.startsWith('page_ref_count(page) == 1') && returned === false,
  )
  return raised !== undefined && refused
    ? ', so that the page is not recycled but released (as where the ring is full)'
    : ''
}
