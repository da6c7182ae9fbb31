/** One report while its lines come: which lines are still of it, and what of it was there. */
import { ownText } from '../../text/own-text.ts'
import { frameIn, isMappedAt, isOtherStack } from './frames.ts'

const MOST_LINES = 200
/** Lines of one report have stamps this near to each other, in seconds. */
const ONE_REPORT = 10
/** Lines from the first to the call trace in which a head may follow a message, and belongs to it. */
const HEAD_LINES = 30
const ENDS = /---\[ ?end (?:trace|Kernel panic)/

export interface ReportLine {
  readonly text: string
  readonly line: number
}

export class OpenReport {
  readonly lines: ReportLine[] = []
  /** The line with the head. */
  head: ReportLine | undefined
  /** Seconds of the kernel's clock at its first line, or NaN. */
  readonly at: number
  /** Call traces, and frames in them. */
  private traces = 0
  private frames = 0
  private hasOtherStack = false
  /** The end mark of the trace was there; dma-debug goes on with who made the mapping. */
  private isEnded = false
  private left = MOST_LINES

  constructor(at: number) {
    this.at = at
  }

  /** May this line, by its time and by how many came before, be of it? */
  isOver(text: string, at: number): boolean {
    if (at - this.at > ONE_REPORT || this.left === 0) return true
    if (!this.isEnded || text.trim() === '') return false
    if (!isMappedAt(text)) return true
    this.isEnded = false
    return false
  }
  /** Does another report begin with this head? */
  isAnother(head: string): boolean {
    if (this.head === undefined) return false
    // A bad page is told in several lines.
    if (head.startsWith('pagedumped') && this.head.text.startsWith('BUG:Bad')) return false
    if (/^Call[Tt]race:|^Backtrace:/.test(head)) return this.frames > 0 && !this.hasOtherStack
    if (head.startsWith('Oops:')) return this.frames > 0
    if (this.frames > 0) return true
    // The message of a WARN() stands before its head, and dma-debug prints one of its own.
    const isMessage = !/^(?:WARNING|BUG|Unable|general)/.test(this.head.text)
    return this.lines.length > HEAD_LINES || !(isMessage && /^(?:WARNING|BUG)/.test(head))
  }

  /** True if it is complete with this line. */
  take(text: string, line: number, head: string | undefined): boolean {
    this.left -= 1
    this.lines.push({ text: ownText(text), line })
    if (head !== undefined && (this.head === undefined || !isStrong(this.head.text)))
      this.head = { text: head, line }
    if (isOtherStack(text)) this.hasOtherStack = true
    if (/^Call[Tt]race|^Backtrace/.test(head ?? '')) this.traces += 1
    else if (this.traces > 0 && head === undefined && frameIn(text) !== undefined) this.frames += 1
    if (!ENDS.test(text)) return false
    this.isEnded = this.head?.text.startsWith('DMA-API') === true
    return !this.isEnded
  }
}
/** `Call trace:` alone is a stack that somebody printed; what comes before it in the same report says more. */
const isStrong = (head: string): boolean => !/^Call[Tt]race|^Backtrace|^Oops/.test(head)
