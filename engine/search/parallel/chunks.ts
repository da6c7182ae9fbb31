/** The stored states, seen from one thread: vectors, and how each was reached. */
import { BLOCK, CHUNK, CHUNK_BITS, chunkBytes, ensure, type Memory } from './memory.ts'
import { BLOCKS } from './control.ts'

export class Chunks {
  /** Views made so far. A hole: nothing of that chunk was looked at by this thread. */
  readonly vectors: (Uint32Array | undefined)[] = []
  /** Parent and move of each state, side by side. */
  private readonly links: (Int32Array | undefined)[] = []
  private readonly memory: Memory
  private readonly width: number

  constructor(memory: Memory) {
    this.memory = memory
    this.width = memory.width
  }

  /** The first number of a block that is this thread's alone. */
  takeBlock(): number {
    const { control, arenas, perArena, blocks, width } = this.memory
    const block = Atomics.add(control, BLOCKS, 1)
    if (block >= blocks) throw new Error(`engine: more than ${blocks * BLOCK} states`)
    const chunk = (block * BLOCK) >>> CHUNK_BITS
    const bytes = chunkBytes(width)
    ensure(arenas[Math.floor(chunk / perArena)]!, ((chunk % perArena) + 1) * bytes)
    this.view(chunk)
    return block * BLOCK
  }

  /** The vectors of a chunk in which some thread has stored a state. */
  view(chunk: number): Uint32Array {
    const known = this.vectors[chunk]
    if (known !== undefined) return known
    const { arenas, perArena, width } = this.memory
    const arena = arenas[Math.floor(chunk / perArena)]!
    const at = (chunk % perArena) * chunkBytes(width)
    const view = new Uint32Array(arena, at, CHUNK * width)
    this.vectors[chunk] = view
    this.links[chunk] = new Int32Array(arena, at + CHUNK * width * 4, CHUNK * 2)
    return view
  }

  load(number: number, words: Uint32Array): void {
    const { width } = this
    const chunk = this.view(number >>> CHUNK_BITS)
    const at = (number & (CHUNK - 1)) * width
    for (let i = 0; i < width; i += 1) words[i] = chunk[at + i]!
  }

  link(number: number, parent: number, move: number): void {
    const links = this.links[number >>> CHUNK_BITS]!
    const at = (number & (CHUNK - 1)) * 2
    links[at] = parent
    links[at + 1] = move
  }

  /** The moves that lead from the initial state to this one. */
  movesTo(number: number): number[] {
    const moves: number[] = []
    for (let at = number; ;) {
      this.view(at >>> CHUNK_BITS)
      const links = this.links[at >>> CHUNK_BITS]!
      const row = (at & (CHUNK - 1)) * 2
      if (links[row] === -1) return moves.toReversed()
      moves.push(links[row + 1]!)
      at = links[row]!
    }
  }
}
