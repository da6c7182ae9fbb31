/** Softirqs of CPU 2 put on CPU 1, where the driver core and the release work run. */
import { isStep, type Mutation, type Run } from '../../engine/mutate.ts'
import type { StepAction } from '../../engine/step.ts'
import { KWORKER, RTNL, SOFTIRQ1 } from '../../model/world/context.ts'
import type { World } from '../../model/world/world.ts'

/** Softirqs interrupt whoever tears down, unless it disabled them, and run to their end: never beside it. */
export function onTheCpuOfRtnl(): Mutation {
  const target = { fn: 'every function', label: 'a step', met: false }
  const free = (w: World): boolean =>
    (w.current !== RTNL && w.current !== KWORKER) ||
    w.task(SOFTIRQ1).pc === 0 ||
    w.task(w.current).bh_disabled > 0
  function* held(open: () => Run): Run {
    const run = open()
    let reached = run.next()
    while (reached.done !== true) {
      const action = reached.value
      target.met = true
      const waits = isStep(action) && action.kind !== 'choose' && action.local !== true
      const guard = (w: World): boolean =>
        free(w) && ((action as StepAction).guard?.(w as never) ?? true)
      reached = run.next(yield waits ? { ...action, kind: 'when', guard } : action)
    }
    return reached.value
  }
  return { targets: [target], instrument: (_, open) => held(open) }
}
