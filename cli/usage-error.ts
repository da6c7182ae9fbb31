import { didYouMean } from '../engine/near.ts'
export { didYouMean } from '../engine/near.ts'

/** A request that cannot be carried out, said in one paragraph that names the way out. Exit code 3. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export function unknownName(
  kind: string,
  name: string,
  known: readonly string[],
  names = 'list',
): UsageError {
  return new UsageError(
    `There is no ${kind} "${name}".${didYouMean(name, known)} "poolproof ${names}" names all of them.`,
  )
}
