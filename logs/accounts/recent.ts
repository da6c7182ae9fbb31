/** The last event lines: to show what came before one, and to know a line that was there already. */
import type { TraceEvent } from '../text/event.ts'
import { ownText } from '../text/own-text.ts'

const LINES = 256
/** Events shown: six, and the one it is about. */
const SHOWN = 7

export class Recent {
  private readonly texts: string[] = []
  private readonly lines = new Int32Array(LINES)
  private readonly times = new Float64Array(LINES)
  private readonly cpus = new Int32Array(LINES)
  /** How many were added. */
  count = 0

  add({ text, line, time, cpu }: TraceEvent): void {
    this.times[this.count % LINES] = time
    this.cpus[this.count % LINES] = cpu
    this.texts[this.count % LINES] = text
    this.lines[this.count % LINES] = line
    this.count += 1
  }
  /** Up to the last one added: those of the pool of `e`, as `number: text`. */
  window(e: TraceEvent): readonly string[] {
    const shown: string[] = []
    const oldest = Math.max(0, this.count - LINES)
    for (let i = this.count - 1; i >= oldest && shown.length < SHOWN; i -= 1) {
      const text = this.texts[i % LINES]!
      if (e.poolText === '' || text.includes(e.poolText))
        shown.push(ownText(`${this.lines[i % LINES]}: ${text.trim()}`))
    }
    return shown.toReversed()
  }
  /**
   * Is the last one a copy of a line before? Only a line with a time is like no other; without one it is
   * taken for a copy where its number has come already (`isKnown`).
   */
  isRepeated(e: TraceEvent, isKnown = false): boolean {
    if (!e.stamped && !isKnown) return false
    const now = (this.count - 1) % LINES
    const said = e.text.slice(e.start)
    return this.texts.some(
      (text, i) => i !== now && (text === e.text || this.isSame(i, e, text, said)),
    )
  }
  /** The same event behind another logger's head. */
  private isSame(i: number, { time, cpu }: TraceEvent, text: string, said: string): boolean {
    return this.times[i] === time && this.cpus[i] === cpu && text.endsWith(said)
  }
}
