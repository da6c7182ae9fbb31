import type { KernelId } from '../../conformance/recording.ts'
import { Kernel } from '../../conformance/kernel.ts'
import { observe, type Observation } from '../../conformance/observe.ts'
import type { Mutation } from '../../engine/mutation/mutate.ts'
import { expectMet } from '../../engine/mutation/mutate.ts'

/**
 * Calls of a driver and its surroundings, one after the other, on the model of a kernel; with `before`,
 * on the kernel as it was before a fix. What was observed after each.
 */
export function told(
  id: KernelId,
  commands: readonly string[],
  before?: () => Mutation,
): readonly Observation[] {
  const mutation = before?.()
  const kernel = new Kernel(id, mutation?.instrument)
  const observed = commands.map((command) => observe(kernel, command))
  if (mutation !== undefined) expectMet(mutation.targets, 'every')
  return observed
}

/** What one of the pools looks like at the end. */
export const poolAtEnd = (story: readonly Observation[], pool = 'p0'): Record<string, unknown> => ({
  ...story.at(-1)!.state.pools.get(pool),
})
/** Everything the kernel wrote to its log, and what dma-debug said. */
export const said = (story: readonly Observation[]): readonly string[] =>
  story.flatMap(({ log, dma }) => [...log, ...dma])
