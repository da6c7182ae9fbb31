/**
 * A loop over many guards calls each through one megamorphic call site. Here one call site a guard is
 * generated instead, so that the compiler can bind and inline them. The text is made of indices alone.
 */
export type Offer<W> = (world: W, moves: Int32Array, count: number) => number

/** A function that appends to `moves` the number of each guard that holds, in order. */
export function offerAll<W>(
  guards: readonly ((world: W) => boolean)[],
  numbers: readonly number[],
): Offer<W> {
  const names = guards.map((_, i) => `g${i}`)
  const tests = guards.map((_, i) => `if(g${i}(world))moves[count++]=${numbers[i]!};`)
  // oxlint-disable-next-line typescript/no-implied-eval -- see above: one call site a guard
  return new Function(
    ...names,
    `return function(world,moves,count){${tests.join('')}return count}`,
  )(...guards) as Offer<W>
}
