import type { Judge } from '../../engine/rules/judge.ts'
import type { System } from '../../engine/system.ts'
import { replayLoosely, type Trace } from '../../engine/counterexample/trace.ts'

/**
 * The steps that can each be left out, what they made possible with them, and the rule is still violated
 * (and the shorter trace `isSame` in kind).
 */
export const superfluous = (
  system: System,
  judge: Judge,
  rule: string,
  trace: Trace,
  isSame: (shorter: Trace) => boolean = () => true,
): readonly string[] =>
  trace.flatMap((name, i) => {
    const rest = trace.filter((_, at) => at !== i)
    const shorter = replayLoosely(system, judge, rule, rest)
    return shorter === undefined || !isSame(shorter)
      ? []
      : [`step ${i + 1}, ${name.fn} > ${name.step}`]
  })
