/** What goes wrong while the model runs: in whose step, at what place, and whether it ends the path or the run. */
import { DONE, type Automaton, type Node } from './automaton.ts'
import { isKeeping, keeps } from './outside-steps.ts'
import { BrokeOff, isMisuse, Misuse, modelCode } from '../authoring/misuse.ts'
import { placeOf } from '../authoring/source-place.ts'
import { heart } from '../pulse.ts'
import { BROKE_OFF, type Report } from '../system.ts'

export class Trouble {
  private readonly automaton: Automaton
  private readonly reports: Report[]
  private readonly of: string
  /** @param name of what is run, said in front of everything */
  constructor(automaton: Automaton, reports: Report[], name: string | undefined) {
    this.automaton = automaton
    this.reports = reports
    this.of = name === undefined ? '' : `${name}: `
  }

  /** Where something went wrong: in a step, or in an event. */
  private who(at: Node | string, error: unknown): string {
    const place = placeOf(error) ?? placeOf((error as Error | undefined)?.cause)
    const what =
      typeof at !== 'string'
        ? this.automaton.runner.says(at, place)
        : `${at}${place === undefined ? '' : ` (${place})`}`
    return `${this.of}${what}`
  }
  /** A mistake of the author, said with the step or event it is in. */
  misplaced(at: Node | string, error: unknown): Misuse {
    modelCode.runs = false
    return new Misuse(`${this.who(at, error)}: ${(error as Error).message}`)
  }

  /**
   * A step that cannot be carried out ends the path, with what it threw as a report. Not after a fatal one
   * in the same step: what lies in a full list already does not fit into it once more.
   */
  brokenOff(error: unknown, where: Node | string): void {
    modelCode.runs = false
    heart.pulse?.end()
    if (isMisuse(error)) throw this.misplaced(where, error)
    if (isKeeping(error)) throw this.misplaced(where, keeps(error))
    if (this.isOver) return
    const { message } = (error ?? {}) as { message?: unknown }
    this.breakOff(`${this.who(where, error)} breaks off: ${String(message ?? error)}`)
  }
  /** Where a function goes; undefined when it throws on the way there, which ends the path as well. */
  whereTo(go: () => Node | typeof DONE): Node | typeof DONE | undefined {
    try {
      return go()
    } catch (error) {
      if (!(error instanceof BrokeOff)) throw error
      this.breakOff(error.message)
      return undefined
    }
  }
  /** Has a fatal report ended the path? */
  get isOver(): boolean {
    return this.reports.some(({ fatal }) => fatal)
  }
  private breakOff(detail: string): void {
    if (!this.isOver) this.reports.push({ kind: BROKE_OFF, detail, fatal: true })
  }
}
