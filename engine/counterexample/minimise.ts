/** Makes a violating trace 1-minimal: no single step can be left out. */
import type { Judge } from '../rules/judge.ts'
import { replayLoosely, type Trace } from './trace.ts'
import type { Describe, Explore, MoveName } from '../system.ts'
import { gone } from './undetermined.ts'

/** The steps of one context from a start to the next: the unit people think in. */
function activities(trace: Trace): number[][] {
  const open = new Map<string, number[]>()
  const all: number[][] = []
  for (const [i, name] of trace.entries()) {
    if (name.step === 'start' || !open.has(name.context)) {
      const fresh: number[] = []
      open.set(name.context, fresh)
      all.push(fresh)
    }
    open.get(name.context)!.push(i)
  }
  return all
}

/**
 * Leaves out ever smaller parts (runs of steps, whole activities, single steps) while the rule is
 * still violated (by the step `by`, when that is given), until no single step can go.
 */
export function minimise(
  system: Explore & Describe,
  judge: Judge,
  rule: string,
  trace: Trace,
  by?: MoveName,
): Trace {
  let best = replayLoosely(system, judge, rule, trace, by)
  if (best === undefined) throw gone(system, rule, trace)
  const without = (drop: ReadonlySet<number>): boolean => {
    const shorter = replayLoosely(
      system,
      judge,
      rule,
      best!.filter((_, i) => !drop.has(i)),
      by,
    )
    if (shorter === undefined || shorter.length >= best!.length) return false
    best = shorter
    return true
  }
  for (let size = Math.ceil(best.length / 2); size >= 4; size = Math.ceil(size / 2)) {
    for (let from = 0; from < best.length;) {
      const drop = new Set(Array.from({ length: size }, (_, i) => from + i))
      if (!without(drop)) from += size
    }
    if (size === 4) break
  }
  for (let progress = true; progress;) {
    progress = false
    for (let i = activities(best).length - 1; i >= 0; i -= 1) {
      const one = activities(best)[i]
      if (one !== undefined && without(new Set(one))) progress = true
    }
    for (let i = best.length - 1; i >= 0; i -= 1)
      if (i < best.length && without(new Set([i]))) progress = true
  }
  return best
}
