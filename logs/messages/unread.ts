/** Warnings that begin and do not end: cut, or other lines stand in between. */
import { ownText } from '../text/own-text.ts'

/** A warning begins here. */
const BEGUN = /(?<=_retry)\(\)stalled|\(\)stalled(?:pool|mem)/g
const MOST_UNREAD = 1000
/** Lines over which the two ends of one warning may be torn apart. */
const NEAR = 12

export class Unread {
  /** Up to MOST_UNREAD of them. */
  readonly list: { readonly line: number; readonly text: string }[] = []
  count = 0
  /** Ends of warnings whose beginning is not next to them. */
  private ends = 0

  /** The end of a warning, with other lines between it and its beginning. `line`: of the newest line. */
  ended(line: number): void {
    const i = this.list.findLastIndex((it) => it.line >= line - NEAR)
    if (i < 0) this.ends += 1
    else {
      this.list.splice(i, 1)
      this.count -= 1
    }
  }
  /** `length` characters of the text were not understood; what follows tells of the last of them. */
  dropped(text: string, length: number, line: number): void {
    if (!text.includes('()stalled')) return
    for (const { index } of text.matchAll(BEGUN)) {
      // A patch or the source prints no warning.
      if (index >= length || text.slice(index, index + 50).includes('%')) continue
      // Its end came, with other lines in between.
      if (this.ends > 0) {
        this.ends -= 1
        continue
      }
      this.count += 1
      if (this.list.length < MOST_UNREAD)
        this.list.push({ line, text: ownText(text.slice(index + 2, index + 80)) })
    }
  }
}
