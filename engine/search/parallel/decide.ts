/** What a meeting decides: the last thread to come says what all do next. */
import {
  CLEAR,
  DEPTH,
  END,
  ENDED,
  INSERT,
  isFull,
  PAUSE,
  PHASE,
  PIECES,
  SEGMENTS,
  SIDE,
  TABLE_BITS,
  TAKEN,
  WORK,
} from './control.ts'
import { ensure, type Memory } from './memory.ts'

/** Called while every other thread stands still, so it reads and writes plainly. */
export function decide(memory: Memory): void {
  memory.control[PIECES] = 0
  memory.control[PHASE] = next(memory)
}

function next({ control, table }: Memory): number {
  if (control[ENDED] !== 0) return END
  if (control[PHASE] === CLEAR) return INSERT
  if (control[PHASE] === INSERT) {
    // Segments are left, or threads have some of theirs left; if neither, all meet again at once.
    control[PAUSE] = 0
    return WORK
  }
  if (isFull(control)) {
    control[TABLE_BITS]! += 1
    ensure(table, 4 * 2 ** control[TABLE_BITS]!)
    return CLEAR
  }
  return nextLevel(control)
}

function nextLevel(control: Int32Array): number {
  const side = 1 - control[SIDE]!
  control[SIDE] = side
  control[SEGMENTS + 1 - side] = 0
  control[TAKEN] = 0
  if (control[SEGMENTS + side] === 0) return END
  control[DEPTH]! += 1
  return WORK
}
