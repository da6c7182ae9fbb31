/**
 * Contexts and who may run: a softirq is not interrupted by process context of its CPU; a process
 * that disabled preemption keeps its CPU from other processes; one that disabled bottom halves keeps
 * softirqs away too (kernel/softirq.c, include/linux/preempt.h; PREEMPT_RT is off).
 */
import type { Scope } from '../../scope/bounds.ts'
import { local, type Steps } from '../../step.ts'
import {
  array,
  flag,
  optional,
  set,
  uint,
  type Indexed,
  type View,
} from '../../../engine/state/layout.ts'
import type { World } from '../world.ts'
import { contexts, SOFTIRQ1, type Context, type ContextDecl } from './contexts.ts'

export * from './contexts.ts'

/** Contexts: control state, preempt_count, softirq_disable, RCU nesting, grace-period wait. */
const taskFields = (s: Scope) => ({
  pc: uint(2 ** (s.counterBits > 8 ? 20 : 14) - 1),
  preempt_count: uint(3),
  bh_disabled: uint(3),
  rcu_nesting: uint(3),
  /** local_irq_disable(), local_irq_save(). */
  irqs_disabled: optional(s.irqs, flag(), false),
  /** synchronize_rcu(): the read sections this context still waits for. */
  gp_wait: set('context', contexts.length),
})
export const tasks = (s: Scope) => ({ task: array('context', contexts.length, taskFields(s)) })
declare module '../world.ts' {
  interface Parts {
    readonly task: Indexed<View<ReturnType<typeof taskFields>>>
  }
}

/** Where a context is, and what it is called then: timers and TX completions may share the CPU of rtnl. */
export function contextIn(scope: Scope, context: Context): ContextDecl {
  return scope.softirqsOnRtnlCpu && context === SOFTIRQ1 ? onRtnlCpu : contexts[context]!
}
const onRtnlCpu: ContextDecl = { name: 'CPU 1 softirq', cpu: 1, softirq: true }

const neighbours = (of: readonly ContextDecl[]): readonly (readonly number[])[] =>
  of.map((mine) => of.flatMap((other, i) => (other.cpu === mine.cpu && other !== mine ? [i] : [])))
const apart = neighbours(contexts)
const together = neighbours(contexts.map((it, i) => (i === SOFTIRQ1 ? onRtnlCpu : it)))
const sameCpu = (w: World, context: Context): readonly number[] =>
  (w.scope.softirqsOnRtnlCpu ? together : apart)[context]!

/** May this context take its next step? */
export function mayRun(w: World, context: Context): boolean {
  if (contexts[context]!.softirq) return true
  for (const other of sameCpu(w, context)) {
    const task = w.task(other)
    if (task.pc === 0) continue
    if (contexts[other]!.softirq || task.preempt_count > 0 || task.bh_disabled > 0) return false
    if (task.irqs_disabled) return false
  }
  return true
}

/** May this idle context begin? A softirq also needs bottom halves and interrupts enabled on its CPU. */
export function mayStart(w: World, context: Context): boolean {
  if (!contexts[context]!.softirq) return mayRun(w, context)
  for (const other of sameCpu(w, context)) {
    const task = w.task(other)
    if (task.pc !== 0 && (task.bh_disabled > 0 || task.irqs_disabled)) return false
  }
  return true
}

/** in_softirq(): serving a softirq, or bottom halves disabled. */
export const in_softirq = (): Steps<boolean> =>
  local('in_softirq()', (w) => contexts[w.current]!.softirq || w.task(w.current).bh_disabled > 0)

/** smp_processor_id(). */
export const smp_processor_id = (w: World): number => w.cpu ?? contextIn(w.scope, w.current).cpu

export function local_bh_disable(w: World): void {
  w.task(w.current).bh_disabled += 1
}
/** Softirqs that became pending meanwhile run here: __local_bh_enable_ip() asserts that interrupts are on. */
export function local_bh_enable(w: World): void {
  const task = w.task(w.current)
  if (task.irqs_disabled)
    w.report('interrupts-off', 'bottom halves are enabled while hard interrupts are disabled')
  if (task.bh_disabled === 0)
    w.report('lock-imbalance', 'local_bh_enable() without local_bh_disable()')
  else task.bh_disabled -= 1
}

/** local_irq_save(): here nested at most once, as a flag. */
export function local_irq_disable(w: World): void {
  if (!w.scope.irqs)
    throw new Error(
      'model: local_irq_disable() in a scope that does not follow it; take irqs=true.',
    )
  w.task(w.current).irqs_disabled = true
}
export function local_irq_enable(w: World): void {
  const task = w.task(w.current)
  if (!task.irqs_disabled)
    w.report('lock-imbalance', 'local_irq_enable() without local_irq_disable()')
  task.irqs_disabled = false
}
/** lockdep_assert_no_hardirq() (include/linux/lockdep.h): not in an interrupt, and interrupts are on. */
export function lockdep_assert_no_hardirq(w: World, who: string): void {
  if (w.task(w.current).irqs_disabled)
    w.report('interrupts-off', `${who} while hard interrupts are disabled`)
}

const isAtomic = (w: World, context: Context): boolean => {
  const task = w.task(context)
  if (contexts[context]!.softirq || task.irqs_disabled) return true
  return task.preempt_count > 0 || task.bh_disabled > 0
}

/** might_sleep(): what lockdep and CONFIG_DEBUG_ATOMIC_SLEEP would say. */
export function might_sleep(w: World, what: string): void {
  if (isAtomic(w, w.current) || w.task(w.current).rcu_nesting > 0)
    w.report('sleeping-while-atomic', `${what} may sleep, called in atomic context`)
}

/**
 * Is this context inside what synchronize_rcu() waits for? Since 4.20 that includes every region with
 * preemption or bottom halves disabled, softirqs among them. Where processes are not preempted, one that is in
 * the kernel is, too, until it sleeps: of those searched only who waits for a grace period does, and a driver
 * that waits for its NAPI, which no grace period is in the way of.
 */
export const isReader = (w: World, context: Context): boolean => {
  const task = w.task(context)
  if (task.pc === 0 && context !== w.current) return false
  if (!w.scope.preempt && task.pc !== 0 && task.gp_wait.isEmpty) return true
  return isAtomic(w, context) || task.rcu_nesting > 0
}
