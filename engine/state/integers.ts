/** A growing array of 32-bit integers in chunks, so that growing never copies. */
const CHUNK_BITS = 16
const CHUNK = 1 << CHUNK_BITS

export class Integers {
  length = 0
  private readonly chunks: Int32Array[] = []

  push(value: number): void {
    const { length } = this
    const at = length & (CHUNK - 1)
    if (at === 0) this.chunks.push(new Int32Array(CHUNK))
    this.chunks[length >>> CHUNK_BITS]![at] = value
    this.length = length + 1
  }
  at(index: number): number {
    return this.chunks[index >>> CHUNK_BITS]![index & (CHUNK - 1)]!
  }
  /** What was pushed, in one array. */
  values(): Int32Array {
    const all = new Int32Array(this.length)
    for (const [n, chunk] of this.chunks.entries())
      all.set(chunk.subarray(0, this.length - n * CHUNK), n * CHUNK)
    return all
  }
  /** Bytes held. */
  get bytes(): number {
    return this.chunks.length * CHUNK * Int32Array.BYTES_PER_ELEMENT
  }
}
