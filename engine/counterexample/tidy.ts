/**
 * Reorders a violating trace, keeping its steps, so that each context runs on for as long as it can:
 * fewer switches make a story people can follow. Every reordering is checked by replaying it.
 */
import type { Judge } from '../rules/judge.ts'
import type { Describe, Explore } from '../system.ts'
import { replay, type Trace } from './trace.ts'

interface Block {
  readonly context: string
  readonly steps: Trace
}

export function tidy(system: Explore & Describe, judge: Judge, rule: string, trace: Trace): Trace {
  const violates = (steps: Trace): boolean => {
    const result = replay(system, judge, rule, steps)
    return result.outcome === 'violates' && result.at === steps.length - 1
  }
  let best = blocks(trace)
  if (!violates(flat(best))) return trace
  for (let improved = true; improved;) {
    improved = false
    for (const candidate of joins(best)) {
      const joined = blocks(flat(candidate))
      if (joined.length >= best.length || !violates(flat(joined))) continue
      best = joined
      improved = true
      break
    }
  }
  return flat(best)
}

/** Every way to bring a block next to the one that goes on with it: by delaying it, or by hastening that one. */
function* joins(all: readonly Block[]): Generator<readonly Block[]> {
  for (let i = 0; i < all.length; i += 1) {
    const j = all.findIndex((block, at) => at > i && block.context === all[i]!.context)
    if (j <= i + 1 || all[j]!.steps[0]!.step === 'start') continue
    const between = all.slice(i + 1, j)
    const [head, tail] = [all.slice(0, i), all.slice(j + 1)]
    yield [...head, ...between, all[i]!, all[j]!, ...tail]
    yield [...head, all[i]!, all[j]!, ...between, ...tail]
  }
}

/** Steps of one activity of one context, uninterrupted. */
function blocks(trace: Trace): Block[] {
  const all: { context: string; steps: Trace[number][] }[] = []
  for (const step of trace) {
    const last = all.at(-1)
    const goesOn = last !== undefined && last.context === step.context && step.step !== 'start'
    if (goesOn) last.steps.push(step)
    else all.push({ context: step.context, steps: [step] })
  }
  return all
}
const flat = (all: readonly Block[]): Trace => all.flatMap((block) => [...block.steps])
