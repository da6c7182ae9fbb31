/**
 * How a machine numbers its moves, a step by its context and choice and a start by its index, and the
 * numbers of all starts whose guards hold.
 */

/** Choices a step may offer; step number = context * CHOICES + choice. */
export const CHOICES = 256
/** Start number = STARTS + index. */
export const STARTS = 1 << 20

/** Appends to `moves`, from `count` on, the number of each guard that holds, in order; how many there are then. */
export type Guarded<W> = (world: W, moves: Int32Array, count: number) => number

/**
 * A loop over many guards calls each through one megamorphic call site. Here one call site a guard is
 * generated instead, so that the compiler can bind and inline them. The text is made of indices alone.
 */
export function guarded<W>(
  guards: readonly ((world: W) => boolean)[],
  numbers: readonly number[],
): Guarded<W> {
  const names = guards.map((_, i) => `g${i}`)
  const tests = guards.map((_, i) => `if(g${i}(world))moves[count++]=${numbers[i]!};`)
  // oxlint-disable-next-line typescript/no-implied-eval -- see above: one call site a guard
  return new Function(
    ...names,
    `return function(world,moves,count){${tests.join('')}return count}`,
  )(...guards) as Guarded<W>
}
