/**
 * Shared memory that grows in place. Address space for `most` bytes is reserved at once and costs
 * nothing; any thread may ask for more of it, and every thread has it the moment one has asked, without
 * a message. Views are of fixed length over the part that exists: those are as fast as any other.
 */
export interface Growable extends SharedArrayBuffer {
  grow(bytes: number): void
}
/** V8 reserves no more than this for one buffer. */
export const MOST_BYTES = 2 ** 32

/** Absent from the library typings of this language version; every supported Node has it. */
type Constructor = new (bytes: number, options: { maxByteLength: number }) => Growable

export const growable = (most: number): Growable =>
  new (SharedArrayBuffer as unknown as Constructor)(0, { maxByteLength: most })

/** Makes the buffer at least so long. Another thread may be doing the same. */
export function ensure(buffer: Growable, bytes: number): void {
  while (buffer.byteLength < bytes)
    try {
      buffer.grow(bytes)
    } catch (error) {
      // It cannot shrink: another thread has made it longer than was asked for here, or memory is out.
      if (buffer.byteLength < bytes) throw error
    }
}
