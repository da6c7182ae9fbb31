/**
 * The last lines of a log as one text without blanks: mailers, terminals and serial lines wrap a message
 * at any column, also inside a word or a number, and each piece may have a stamp of its own.
 */
import { compact, type KernelLine } from '../text/kernel-line.ts'
import type { Stretch } from '../text/log-clock.ts'

/** Lines over which one message may be spread. */
const MOST_PIECES = 8
/** Messages of netconsole of which not all parts have come. */
const MOST_OPEN = 64

/** The beginning of a head that was cut: `[  83.5`, `6.12.0,4,13`. */
const REST_OF_HEAD = /^(?:\[[\d.]*|\d+\.\d+\.[\w.-]*(?:,\d*)*,?)$/

export interface Piece {
  readonly line: number
  readonly from: KernelLine
  /** The machine's clock at that line. */
  readonly stretch: Stretch
  readonly text: string
}
interface Head {
  readonly from: KernelLine
  readonly stretch: Stretch
}
/** What leaves the window: `length` characters of the text, and some of what follows. */
type Dropped = (text: string, length: number, piece: Piece) => void

export class Window {
  private pieces: Piece[] = []
  /** What is in the window. */
  joined = ''
  /** Part by part, the offset first. */
  private lastPart: KernelLine['part']
  /** The line before, if it is nothing but a head. */
  private head: Head | undefined
  private readonly parts = new Map<string, { offset: number; text: string }[]>()
  /** Called with what leaves the window unread. */
  private readonly dropped: Dropped

  constructor(dropped: Dropped) {
    this.dropped = dropped
  }
  add(from: KernelLine, line: number, stretch: Stretch): void {
    let text = compact(from.text)
    const part = this.partOf(from)
    if (part !== undefined) text = this.gathered(part, text)
    if (text === '' || REST_OF_HEAD.test(text)) {
      this.head = { from, stretch }
      return
    }
    const headed = this.headed(from, stretch)
    const whole = headed.from.part === part ? headed.from : { ...headed.from, part }
    this.pieces.push({ line, from: whole, stretch: headed.stretch, text })
    this.joined += text
    if (this.pieces.length > MOST_PIECES) this.drop(this.pieces[0]!.text.length)
  }
  /** A line that was wrapped right after its head has the head of the line before. */
  private headed(from: KernelLine, stretch: Stretch): Head {
    const { head } = this
    this.head = undefined
    const isOwn = from.host !== '' || !Number.isNaN(from.at) || !Number.isNaN(from.wall)
    if (head === undefined || isOwn) return { from, stretch }
    const { host, at, wall } = head.from
    return { from: { ...from, host, at, wall }, stretch: head.stretch }
  }
  /** A line without a head of its own goes on with the part before it. */
  private partOf(from: KernelLine): KernelLine['part'] {
    const isRest = from.part === undefined && Number.isNaN(from.at) && this.lastPart !== undefined
    const part = isRest ? { ...this.lastPart!, offset: this.lastPart!.offset + 0.5 } : from.part
    this.lastPart = part
    return part
  }
  /** A netconsole message in parts stands in the window as one piece, in the order of the offsets. */
  private gathered({ message, offset }: { message: string; offset: number }, text: string): string {
    const known = this.parts.get(message) ?? []
    known.push({ offset, text })
    known.sort((a, b) => a.offset - b.offset)
    this.parts.set(message, known)
    if (this.parts.size > MOST_OPEN) this.parts.delete(this.parts.keys().next().value!)
    if (known.length === 1) return text
    this.pieces = this.pieces.filter((it) => it.from.part?.message !== message)
    this.joined = this.pieces.map((it) => it.text).join('')
    return known.map((it) => it.text).join('')
  }

  /** The first message of this kind. */
  find(pattern: RegExp): RegExpExecArray | null {
    return pattern.exec(this.joined)
  }
  /** It ends where the newest line ends: a number there may go on in the next. */
  isAtEnd(m: RegExpExecArray): boolean {
    return m.index + m[0].length === this.joined.length
  }
  /** The piece in which it begins. The window is empty up to its end then. */
  take(m: RegExpExecArray): Piece {
    const piece = this.at(m.index)
    this.forget(this.pieces.at(-1)!)
    this.drop(m.index)
    this.cut(m[0].length)
    return piece
  }
  private forget({ from }: Piece): void {
    if (from.part !== undefined) this.parts.set(from.part.message, [])
  }
  /** Everything is read: what is left was not understood. */
  end(): void {
    this.drop(this.joined.length)
  }
  /** The text of the last lines only. */
  last(pieces: number): string {
    return this.pieces
      .slice(-pieces)
      .map((it) => it.text)
      .join('')
  }
  private at(index: number): Piece {
    let end = 0
    for (const piece of this.pieces) {
      end += piece.text.length
      if (index < end) return piece
    }
    return this.pieces.at(-1)!
  }
  private drop(length: number): void {
    if (length === 0) return
    this.dropped(this.joined.slice(0, length + OPENING), length, this.pieces[0]!)
    this.cut(length)
  }
  private cut(length: number): void {
    this.joined = this.joined.slice(length)
    let left = length
    while (left > 0 && this.pieces.length > 0) {
      const first = this.pieces[0]!
      if (first.text.length > left) {
        this.pieces[0] = { ...first, text: first.text.slice(left) }
        return
      }
      left -= first.text.length
      this.pieces.shift()
    }
  }
}
/** How far beyond what is dropped an opening that begins in it may reach. */
const OPENING = 64
