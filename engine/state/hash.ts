/** The hash of the vector of `width` words that lies at `at`, as a signed 32-bit number. */
export function hashVector(vectors: Uint32Array, at: number, width: number): number {
  let h = 0x9e3779b9
  for (let i = 0; i < width; i += 1) {
    h = Math.imul(h ^ vectors[at + i]!, 0x85ebca6b)
    h ^= h >>> 15
  }
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 13)
}
