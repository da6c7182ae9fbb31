/** The plainest breadth-first search there is, to hold the engine's against. */
export interface Reached {
  readonly states: number
  readonly transitions: number
  /** The longest shortest path. */
  readonly depth: number
  /** Steps from the initial state to the nearest state that is wanted, if one is reachable. */
  readonly nearest: number | undefined
}

export function naive<S>(
  initial: S,
  successors: (state: S) => readonly S[],
  wanted: (state: S) => boolean = () => false,
  limit = Number.POSITIVE_INFINITY,
): Reached {
  const distance = new Map<string, number>([[JSON.stringify(initial), 0]])
  const queue = [initial]
  let transitions = 0
  let depth = 0
  let nearest: number | undefined
  for (let state = queue.shift(); state !== undefined; state = queue.shift()) {
    const here = distance.get(JSON.stringify(state))!
    depth = Math.max(depth, here)
    if (nearest === undefined && wanted(state)) nearest = here
    for (const next of successors(state)) {
      transitions += 1
      const key = JSON.stringify(next)
      if (distance.has(key)) continue
      distance.set(key, here + 1)
      queue.push(next)
    }
    if (distance.size > limit) break
  }
  return { states: distance.size, transitions, depth, nearest }
}
