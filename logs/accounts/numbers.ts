/** Which values of one 32-bit counter were seen, in serial-number arithmetic (RFC 1982). */

/** An unwrapped number as the kernel prints it. */
export const u32 = (n: number): number => ((n % 2 ** 32) + 2 ** 32) % 2 ** 32

/** More gaps than this and the oldest are forgotten: what lies below `floor` is not judged any more. */
const MOST_GAPS = 4096

export class Numbers {
  /** Closed intervals, ascending, in unwrapped numbers. */
  private readonly lows: number[] = []
  private readonly highs: number[] = []
  private floor = -Infinity
  /** How many were added. */
  count = 0

  get empty(): boolean {
    return this.lows.length === 0
  }
  get least(): number {
    return this.lows[0]!
  }
  get top(): number {
    return this.highs[this.highs.length - 1]!
  }
  /** How many stretches of consecutive numbers were seen. */
  get stretches(): number {
    return this.lows.length
  }

  /** A printed u32 as a number that goes on counting past 2^32; the one nearest to the top is meant. */
  unwrap(printed: number): number {
    return this.empty ? printed : this.top + ((printed - this.top) | 0)
  }
  has(n: number): boolean {
    if (this.empty || n > this.top) return false
    const i = this.find(n)
    return n < this.floor || (i >= 0 && n <= this.highs[i]!)
  }

  /** Adds an unwrapped number; false if it was there already. */
  add(n: number): boolean {
    const last = this.highs.length - 1
    if (last >= 0 && n === this.highs[last]! + 1) {
      this.highs[last] = n
      this.count += 1
      return true
    }
    if (this.has(n)) return false
    this.count += 1
    this.insert(n)
    if (this.lows.length > MOST_GAPS) {
      this.lows.splice(0, 2, this.lows[0]!)
      this.floor = this.highs.shift()!
    }
    return true
  }

  /** How many numbers from `from` to `to` were not seen. */
  missing(from: number, to: number): number {
    if (to < from) return 0
    let seen = 0
    for (let i = 0; i < this.lows.length; i += 1)
      seen += Math.max(0, Math.min(to, this.highs[i]!) - Math.max(from, this.lows[i]!) + 1)
    return to - from + 1 - seen
  }
  /** How many seen numbers are greater than `n`. */
  above(n: number): number {
    let seen = 0
    for (let i = this.lows.length - 1; i >= 0 && this.highs[i]! > n; i -= 1)
      seen += this.highs[i]! - Math.max(n + 1, this.lows[i]!) + 1
    return seen
  }
  /** The greatest seen number that is not greater than `n`. */
  below(n: number): number | undefined {
    const i = this.find(n)
    return i < 0 ? undefined : Math.min(n, this.highs[i]!)
  }

  /** The last interval that begins at or below n, or -1. */
  private find(n: number): number {
    let low = 0
    let high = this.lows.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      if (this.lows[middle]! <= n) low = middle + 1
      else high = middle - 1
    }
    return high
  }
  private insert(n: number): void {
    const i = this.find(n)
    const joinsLeft = i >= 0 && this.highs[i]! + 1 === n
    const joinsRight = i + 1 < this.lows.length && this.lows[i + 1]! - 1 === n
    if (joinsLeft && joinsRight) {
      this.highs.splice(i, 1)
      this.lows.splice(i + 1, 1)
    } else if (joinsLeft) this.highs[i] = n
    else if (joinsRight) this.lows[i + 1] = n
    else {
      this.lows.splice(i + 1, 0, n)
      this.highs.splice(i + 1, 0, n)
    }
  }
}

/** How far one printed u32 is past another, as an s32; 0 where the first was never told. */
export const serial = (from: number, to: number): number =>
  Number.isNaN(from) ? 0 : (to - from) | 0
