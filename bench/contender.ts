/**
 * One search of the calibration model in a process of its own, as a user runs one: nothing is warm, and
 * nothing an earlier search left behind is in the way. Prints what it did as JSON.
 */
import { parallelSearch } from '../engine/search/parallel/parallel-search.ts'
import { BreadthFirstSearch, type SearchBounds } from '../engine/search/breadth-first.ts'
import { ppShutdown, type Interchangeable, type Size } from './pp-shutdown/model.ts'
import { naiveSearch } from './pp-shutdown/naive.ts'
import { rules, type Choice } from './pp-shutdown/parallel.ts'

export interface Task {
  readonly who: 'poolproof' | 'naive'
  readonly size: Size
  readonly interchangeable?: readonly Interchangeable[]
  readonly workers?: number
  readonly caching?: boolean
}
export interface Timed {
  readonly states: number
  readonly transitions: number
  /** Of the search itself; building the model is not part of it. */
  readonly seconds: number
  readonly bytes?: number
}

async function run({
  who,
  size,
  interchangeable = [],
  workers = 1,
  caching,
}: Task): Promise<Timed> {
  if (who === 'naive') return timed(() => naiveSearch(size))
  const bounds: SearchBounds = {
    states: 2 ** 27 - 2,
    symmetry: interchangeable.length > 0,
    ...(caching === undefined ? {} : { caching }),
  }
  if (workers > 1) {
    const module = new URL('./pp-shutdown/parallel.js', import.meta.url).href
    const argument: Choice = { size, interchangeable }
    return timed(() =>
      parallelSearch({ module, export: 'exchangeable', argument }, bounds, workers),
    )
  }
  const search = new BreadthFirstSearch(ppShutdown(size, interchangeable), rules)
  return timed(() => search.run(bounds))
}

async function timed<T extends Omit<Timed, 'seconds'>>(
  search: () => T | Promise<T>,
): Promise<Timed> {
  const start = process.hrtime.bigint()
  const { states, transitions, bytes } = await search()
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  return { states, transitions, seconds, ...(bytes === undefined ? {} : { bytes }) }
}

console.log(JSON.stringify(await run(JSON.parse(process.argv[2]!) as Task)))
