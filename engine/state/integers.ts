/** A growing array of 32-bit integers. */
export class Integers {
  private room = new Int32Array(1 << 12)
  length = 0

  push(value: number): void {
    if (this.length === this.room.length) {
      const bigger = new Int32Array(this.room.length * 2)
      bigger.set(this.room)
      this.room = bigger
    }
    this.room[this.length++] = value
  }
  at(index: number): number {
    return this.room[index]!
  }
  /** What was pushed, without copying it: push nothing afterwards. */
  values(): Int32Array {
    return this.room.subarray(0, this.length)
  }
  get bytes(): number {
    return this.room.byteLength
  }
}
