/**
 * What model code a thread runs, for another thread to see: one that never comes back cannot say so
 * itself. Words of shared memory: how often something was begun, and where the name of it lies (0: no
 * model code runs); then the names.
 */
const BEATS = 0
const PLACE = 1
const USED = 2
const HEADER = 16
const BYTES = 1 << 18

export const newPulse = (): SharedArrayBuffer => new SharedArrayBuffer(BYTES)

class Pulse {
  private readonly words: Int32Array
  private readonly bytes: Uint8Array
  private readonly known = new Map<string, number>()
  constructor(buffer: SharedArrayBuffer) {
    this.words = new Int32Array(buffer, 0, HEADER / 4)
    this.bytes = new Uint8Array(buffer)
    if (this.words[USED] === 0) this.words[USED] = HEADER
  }
  /** Where the name lies; the last one that found room when there is none left. */
  placeOf(name: string): number {
    const known = this.known.get(name)
    if (known !== undefined) return known
    const text = new TextEncoder().encode(name.slice(0, 500))
    let at = this.words[USED]!
    if (at + 2 + text.length > BYTES) at = HEADER
    else {
      this.bytes[at] = text.length & 255
      this.bytes[at + 1] = text.length >>> 8
      this.bytes.set(text, at + 2)
      this.words[USED] = at + 2 + text.length
    }
    this.known.set(name, at)
    return at
  }
  begin(place: number): void {
    this.words[BEATS]! += 1
    this.words[PLACE] = place
  }
  end(): void {
    this.words[PLACE] = 0
  }
}
/** That of this thread, when somebody listens. */
export const heart: { pulse: Pulse | undefined } = { pulse: undefined }
export function beatInto(buffer: SharedArrayBuffer): void {
  heart.pulse = new Pulse(buffer)
}

/** Seconds that no step and no function may take. */
const PATIENCE = 10
/**
 * Calls `hung` once, with what is being run, when another thread has been in the same step, or between two
 * steps, for ten seconds in which this one was awake. The function returned ends the watch.
 */
export function watchPulse(buffer: SharedArrayBuffer, hung: (says: string) => void): () => void {
  const words = new Int32Array(buffer, 0, HEADER / 4)
  let beats = -1
  let still = 0
  const timer = setInterval(() => {
    const now = Atomics.load(words, BEATS)
    const place = Atomics.load(words, PLACE)
    still = place !== 0 && now === beats ? still + 1 : 0
    beats = now
    if (still < PATIENCE) return
    clearInterval(timer)
    hung(
      `${nameAt(buffer, place)} has been running for ${PATIENCE} s and was ended. A loop in it has no end, and no step in it that others could run beside: wait with when(), or bound the loop by the scope.`,
    )
  }, 1000)
  return () => clearInterval(timer)
}
function nameAt(buffer: SharedArrayBuffer, place: number): string {
  const bytes = new Uint8Array(buffer)
  const length = bytes[place]! | (bytes[place + 1]! << 8)
  return new TextDecoder().decode(bytes.slice(place + 2, place + 2 + length))
}
