/** Holds a run against its rules: which are violated by this step or this state, which were exercised. */
import { atRest } from './rest.ts'
import { Misuse } from '../authoring/misuse.ts'
import { BROKE_OFF, type Explore } from '../system.ts'

/** A property bound to one system. */
export interface Rule {
  readonly id: string
  /** Report kinds that must never appear. */
  readonly never?: readonly string[]
  /** What is wrong in the state in the work space, or undefined. Asked in every state. */
  readonly always?: () => string | undefined
  /** Asked when nothing can move any more; `stuck` names the contexts that wait inside a function. */
  readonly rest?: (stuck: readonly string[]) => string | undefined
  /**
   * Has the situation that makes this rule worth something been reached (a cover; stateright's
   * `sometimes`)? A rule that was never exercised holds vacuously. Asked after every step until true; for
   * a rule about rest, asked at rest.
   */
  readonly exercised: () => boolean
}
export interface Violation {
  readonly rule: string
  readonly detail: string
  /** The kind of report; of a state that is wrong, what is said of it, without its numbers. */
  readonly kind: string
  /** Reported by a step, rather than seen in a state. */
  readonly reported: boolean
}

export class Judge {
  /** Rules whose situation has been reached since this judge was made. */
  readonly exercised = new Set<string>()
  private pending: Rule[]
  private readonly system: Explore
  readonly rules: readonly Rule[]
  private readonly byReport = new Map<string, string[]>()
  private readonly always: Rule[]
  /** Must every step be judged, or only one that reported something? */
  watches: boolean

  constructor(system: Explore, rules: readonly Rule[]) {
    this.system = system
    this.rules = rules
    this.pending = rules.filter((rule) => rule.rest === undefined)
    this.always = rules.filter((rule) => rule.always !== undefined)
    this.watches = this.pending.length > 0 || this.always.length > 0
    for (const rule of rules)
      for (const kind of rule.never ?? [])
        this.byReport.set(kind, [...(this.byReport.get(kind) ?? []), rule.id])
  }

  /** Called after every step. Returns what the step or the state it led to violates. */
  judge(): readonly Violation[] {
    let found: Violation[] | undefined
    if (this.pending.length > 0) this.note()
    for (const { kind, detail } of this.system.reports) {
      const its = this.byReport.get(kind)
      if (its !== undefined)
        for (const rule of its) (found ??= []).push({ rule, detail, kind, reported: true })
      else if (kind === BROKE_OFF) throw new Misuse(detail)
    }
    for (const rule of this.always) {
      const wrong = rule.always!()
      if (wrong !== undefined) (found ??= []).push(seen(rule, wrong))
    }
    return found ?? NONE_FOUND
  }

  /** Is the state at rest, and what do the rules for rest say of it? Leaves the work space as it was. */
  judgeRest(): { rest: boolean; violations: readonly Violation[] } {
    if (!atRest(this.system)) return { rest: false, violations: NONE_FOUND }
    const stuck = this.system.busy()
    for (const rule of this.rules)
      if (rule.rest !== undefined && rule.exercised()) this.exercised.add(rule.id)
    const violations = this.rules.flatMap((rule) => {
      const wrong = rule.rest?.(stuck)
      return wrong === undefined ? [] : [seen(rule, wrong)]
    })
    return { rest: true, violations }
  }

  private note(): void {
    const reached = this.pending.filter((rule) => rule.exercised())
    if (reached.length === 0) return
    for (const rule of reached) this.exercised.add(rule.id)
    this.pending = this.pending.filter((rule) => !this.exercised.has(rule.id))
    this.watches = this.pending.length > 0 || this.always.length > 0
  }

  /** Is a rule about states violated in the one in the work space? */
  isWrong(rule: string): boolean {
    return this.always.some(({ id, always }) => id === rule && always!() !== undefined)
  }

  /** Did the last step make everything after it unbelievable? */
  get fatal(): boolean {
    return this.system.reports.some((report) => report.fatal)
  }
}
const seen = ({ id }: Rule, detail: string): Violation => ({
  rule: id,
  detail,
  kind: detail.replaceAll(/\d+/g, 'N'),
  reported: false,
})
const NONE_FOUND: readonly Violation[] = []
