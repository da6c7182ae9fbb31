import { didYouMean } from '../engine/authoring/near.ts'
export { didYouMean } from '../engine/authoring/near.ts'

/** A request that cannot be carried out, said in one paragraph that names the way out. Exit code 3. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** @param how the command that names all of them, without `poolproof` */
export function unknownName(
  kind: string,
  name: string,
  known: readonly string[],
  how = 'list',
): UsageError {
  return new UsageError(
    `There is no ${kind} "${name}".${didYouMean(name, known)} "poolproof ${how}" names all of them.`,
  )
}
