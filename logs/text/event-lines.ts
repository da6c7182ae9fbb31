/** Lines to events: what mailers, terminals and the end of a file did to a line is undone here, or said to be damage. */
import { newEvent, type EventKind, type TraceEvent } from './event.ts'
import { nameIn } from './event-names.ts'
import { isHeader } from './lost-marks.ts'
import { scan } from './scan.ts'

/** A piece of a line that was cut is not longer than this. */
const MOST_LOOSE = 100
/** Lines over which a mail program may have wrapped an event. */
const MOST_WRAPPED = 3

/** Where events and other lines go to, in the order of the lines. */
export interface EventSink {
  /** The record is used again for later lines. `ended`: its line has a line end, so no number of it is cut. */
  event(e: TraceEvent, ended: boolean): void
  damage(text: string, line: number): void
  /** No event: a header, a mark of lost events, a stack, the kernel log, or something else. */
  other(text: string): void
}
interface Wrapped {
  readonly text: string
  readonly line: number
  readonly parts: number
}

export class EventLines {
  private readonly to: EventSink
  /** Which fields the last event of each kind had. */
  private fields: Partial<Record<EventKind, number>> = {}
  /** Two records in turn: one is filled while the other waits for the next line. */
  private e: TraceEvent = newEvent()
  private spare: TraceEvent = newEvent()
  /** An event that is complete as it stands, and what is known of its line. */
  private held: TraceEvent | undefined
  private heldEnded = true
  private heldIsPatched = false
  /** The line before, if nothing was found in it: perhaps the beginning of this one. */
  private loose = ''
  private wrapped: Wrapped | undefined

  constructor(to: EventSink) {
    this.to = to
  }

  line(text: string, line: number, ended: boolean): void {
    if (this.held !== undefined && this.goesOn(this.held, text)) return
    this.flush()
    if (this.wrapped !== undefined && this.continues(this.wrapped, text, line)) return
    const before = this.loose
    this.loose = ''
    const { e } = this
    e.line = line
    switch (scan(text, e)) {
      case 'event':
        if (before !== '' && (e.cpu < 0 || !e.stamped)) this.headedBy(before, text, line)
        this.hold(ended)
        return
      case 'incomplete':
        this.wrapped = { text: before + text, line, parts: 1 }
        return
      case 'damaged':
        this.to.damage(text, line)
        return
      case 'none':
        if (text.length < MOST_LOOSE) this.loose = text
        this.to.other(text)
    }
  }
  /** No line follows. */
  end(): void {
    this.flush()
    if (this.wrapped !== undefined) this.to.damage(this.wrapped.text, this.wrapped.line)
    this.wrapped = undefined
  }
  /** Another capture begins: its events may have other fields. */
  newCapture(): void {
    this.fields = {}
  }

  /** The event waits for the next line: the number at its end may go on there. */
  private hold(ended: boolean): void {
    const { e } = this
    this.heldEnded = ended
    this.heldIsPatched = this.isPatched(e)
    this.held = e
    this.e = this.spare
    this.spare = e
  }
  private flush(): void {
    const e = this.held
    if (e === undefined) return
    this.held = undefined
    if (this.heldIsPatched) this.to.damage(e.text, e.line)
    else this.to.event(e, this.heldEnded)
  }
  /** Less fields than the last event of its kind had, and words instead: the rests of two lines. */
  private isPatched({ kind, fields, litter }: TraceEvent): boolean {
    if (litter && ((this.fields[kind] ?? 0) & ~fields) !== 0) return true
    this.fields[kind] = fields
    return false
  }
  /** The rest of an event that was cut inside its last fields: `cnt=1` and `2`. */
  private goesOn(held: TraceEvent, text: string): boolean {
    if (text.length > MOST_LOOSE || text.includes('pool')) return false
    const rest = text.replace(/^[\s>|]+/, '')
    if (!/^[\w=][\w=.,: -]*$/.test(rest)) return false
    const { e } = this
    if (scan(text, e) !== 'none') return false
    const joined = held.text.trimEnd() + rest
    if (scan(joined, e) !== 'event' || e.end < joined.trimEnd().length) return false
    const isSamePool = e.pool === held.pool || held.text.trimEnd().endsWith(held.poolText)
    if (e.kind !== held.kind || !isSamePool) return false
    e.line = held.line
    this.hold(this.heldEnded)
    return true
  }
  /** Task, CPU and time were cut off and stand in the line before. */
  private headedBy(before: string, text: string, line: number): void {
    const { e } = this
    const isBetter = scan(before + text, e) === 'event' && e.stamped && e.cpu >= 0
    if (!isBetter) scan(text, e)
    e.line = line
  }

  /** The next line of a wrapped event, or the end of a cut one. */
  private continues(wrapped: Wrapped, text: string, line: number): boolean {
    this.wrapped = undefined
    this.e.line = line
    if ((scan(text, this.e) === 'none' || nameIn(text) === undefined) && !isHeader(text)) {
      if (this.joins(wrapped, text.replace(/^[\s>|]+/, ''))) return true
    }
    this.to.damage(wrapped.text, wrapped.line)
    return false
  }
  private joins({ text: head, line, parts }: Wrapped, rest: string): boolean {
    const { e } = this
    // Cut inside a word or a number, or wrapped between two words.
    const ways = [head.trimEnd() + rest, `${head.trimEnd()} ${rest}`]
    const whole = ways.find((joined) => scan(joined, e) === 'event')
    e.line = line
    if (whole !== undefined) {
      this.hold(true)
      return true
    }
    const part = ways.find(
      (joined, i) => scan(joined, e) === 'incomplete' && isFields(rest, i === 0),
    )
    if (part === undefined || parts >= MOST_WRAPPED) return false
    this.wrapped = { text: part, line, parts: parts + 1 }
    return true
  }
}
/** A line of fields and nothing else; cut inside a word, anything that may be the rest of one. */
const isFields = (rest: string, isInside: boolean): boolean =>
  isInside ? /^[\w=.,: -]+$/.test(rest) : /^[\w.]+[=:]/.test(rest)
