/** A run that never ends: a stem, then a loop again and again. It is checked without the graph it came from. */
import { actorOf, fairnessOf, type Eventually, type Fairness } from './fairness.ts'
import type { Describe, Explore } from '../system.ts'
import type { Trace } from '../counterexample/trace.ts'

export interface Lasso {
  readonly stem: Trace
  /** Empty: the run stops, because nobody who must go on can. */
  readonly loop: Trace
}

/**
 * Replays a lasso: is it possible, does the loop end in the state it began in, is the promise open all
 * along the loop, and has everybody who must have a turn had one? Returns what is wrong, or
 * `undefined`. The work space holds the loop's state afterwards.
 */
export function checkLasso(
  system: Explore & Describe,
  property: Eventually,
  lasso: Lasso,
): string | undefined {
  system.reset()
  const watch = new Watch(system, property)
  const stem = run(system, lasso.stem, () => watch.open())
  if (stem !== undefined) return `stem: ${stem}`
  watch.open()
  if (!watch.isOpen) return 'the promise is not open at the end of the stem'
  const before = system.words.slice()
  const loop = run(system, lasso.loop, (move) => watch.turn(move))
  if (loop !== undefined) return `loop: ${loop}`
  if (before.some((word, i) => word !== system.words[i]))
    return 'the loop does not lead back to the state it began in'
  if (lasso.loop.length === 0) watch.turn(undefined)
  return watch.wrong()
}

/** Fires each move by name; `look` sees the state before each, and the move. */
function run(
  system: Explore & Describe,
  trace: Trace,
  look: (move: number) => void,
): string | undefined {
  for (const [i, name] of trace.entries()) {
    const found = system.find(name)
    if ('blocked' in found) return `step ${i + 1} is blocked by ${found.blocked}`
    look(found.move)
    system.fire(found.move)
    if (system.reports.some((report) => report.fatal))
      return `step ${i + 1} makes everything after it unbelievable`
  }
  return undefined
}

interface Turns {
  readonly name: string
  readonly kind: Fairness
  /** In how many states of the loop it could move. */
  rounds: number
  taken: boolean
}

class Watch {
  isOpen = false
  private keptOpen = true
  private acted = false
  private rounds = 0
  private readonly able = new Map<string, Turns>()
  private readonly system: Explore & Describe
  private readonly property: Eventually

  constructor(system: Explore & Describe, property: Eventually) {
    this.system = system
    this.property = property
  }

  /** On the stem: has the promise been given, and not yet kept? */
  open(): void {
    const { from, until } = this.property
    this.isOpen = !until() && (this.isOpen || from())
  }
  /** On the loop: who can move here, and who does? */
  turn(taken: number | undefined): void {
    const { system, property } = this
    this.rounds += 1
    if (property.until()) this.keptOpen = false
    const count = system.enabled()
    const here = new Set<string>()
    for (const move of system.moves.slice(0, count)) {
      const { key, actor } = actorOf(system, move)
      const kind = fairnessOf(property, actor)
      const seen = this.able.get(key) ?? { name: actor.name, kind, rounds: 0, taken: false }
      this.able.set(key, seen)
      if (!here.has(key)) seen.rounds += 1
      here.add(key)
      if (move !== taken) continue
      seen.taken = true
      this.acted ||= property.endless?.(actor) ?? false
    }
  }
  wrong(): string | undefined {
    if (!this.keptOpen) return 'the promise is kept on the loop'
    for (const { name, kind, rounds, taken } of this.able.values()) {
      const owed = kind === 'strong' || (kind === 'weak' && rounds === this.rounds)
      if (owed && !taken) return `${name} never has a turn`
    }
    if (this.property.endless !== undefined && !this.acted)
      return 'nobody acts on the loop who must not act for ever'
    return undefined
  }
}
