/** Moves by number, as a search stores them, to moves by name, as a counterexample holds them. */
import type { MoveName, System } from '../system.ts'

export function namesOf(system: System, moves: readonly number[]): MoveName[] {
  system.reset()
  return moves.map((move) => {
    const name = system.name(move)
    const found = system.find(name)
    if ('blocked' in found)
      throw new Error(
        `engine: the search took ${name.fn} › ${name.step}, a replay cannot (${found.blocked}). A guard or effect reads something outside the state vector.`,
      )
    system.fire(move)
    return name
  })
}
