/** Searches by several threads: the same outcome as by one, for any number of threads. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { calibration } from '../../bench/pp-shutdown/parallel.ts'
import { sizes, type Size } from '../../bench/pp-shutdown/model.ts'
import type * as Parallel from '../../engine/search/parallel/parallel-search.ts'
import {
  BreadthFirstSearch,
  type SearchBounds,
  type SearchResult,
} from '../../engine/search/breadth-first.ts'
import { scopes } from '../../model/scope/named.ts'
import { properties } from '../../properties/index.ts'
import { designInScope } from '../../verify/parallel-system.ts'
import { comparedDesigns, inDepth, smallOf, tight } from '../support/tight.ts'
import { compiled } from '../support/compiled.ts'
import { everyDesign } from '../support/every-design.ts'

const { url, parallelSearch } = compiled()

const calibrated = (argument: Size): Parallel.Source => ({
  module: url('bench/pp-shutdown/parallel.js'),
  export: 'calibration',
  argument,
})
const everything: SearchBounds = { states: 2 ** 27 - 2 }
/** What must not depend on the number of threads. */
const outcome = (result: SearchResult): object => ({
  states: result.states,
  transitions: result.transitions,
  depth: result.depth,
  complete: result.complete,
  ended: result.ended,
  frontier: result.frontier,
  exercised: [...result.exercised].sort(),
  found: [...result.found].map(([rule, { trace }]) => `${rule} in ${trace.length} steps`).sort(),
})

describe.each([1, 2, 3])('a search by %i threads', (threads) => {
  it('has the known counts of the calibration model', async () => {
    const s = await parallelSearch(calibrated(sizes.S), everything, threads)
    expect([s.states, s.transitions, s.complete]).toEqual([146_226, 506_175, true])
    if (threads !== 2 || !everyDesign) return
    const m = await parallelSearch(calibrated(sizes.M), everything, threads)
    expect([m.states, m.transitions, m.complete]).toEqual([1_169_458, 4_048_399, true])
    expect(m.bytes / m.states).toBeLessThanOrEqual(64)
  })
  it('finds the shortest trace, and tells of it at once', async () => {
    const told: number[] = []
    const { found, ended } = await parallelSearch(
      calibrated({ ...sizes.S, variant: 'defer' }),
      {
        ...everything,
        until: ['err'],
        onFound: (_, { trace }) => told.push(trace.length),
      },
      threads,
    )
    expect([found.get('err')?.trace.length, ended, told]).toEqual([10, 'found', [10]])
  })
  it('goes no deeper than it is told', async () => {
    const { system, rules } = calibration(sizes.S)
    const one = new BreadthFirstSearch(system, rules).run({ ...everything, depth: 30 })
    const many = await parallelSearch(calibrated(sizes.S), { ...everything, depth: 30 }, threads)
    expect(outcome(many)).toEqual(outcome(one))
  })
})

describe.each(comparedDesigns)('$id, searched by several threads', (design) => {
  it.each(inDepth(design) ? [scopes.small, tight] : [smallOf(design)])(
    'has the outcome of one in scope $name',
    async (scope) => {
      const argument = { design: design.id, properties: properties.map((it) => it.id), scope }
      const { system, rules } = designInScope(argument)
      const one = new BreadthFirstSearch(system, rules).run(everything)
      const coverage = [...system.coverage().keys()].sort()
      for (const threads of scope === tight ? [2] : [3]) {
        const many = await parallelSearch(
          { module: url('verify/parallel-system.js'), export: 'designInScope', argument },
          everything,
          threads,
        )
        expect(outcome(many)).toEqual(outcome(one))
        expect([...many.coverage.keys()].sort()).toEqual(coverage)
      }
    },
  )
})

describe('a search by two threads', () => {
  const search = (size: Size, bounds: Partial<SearchBounds>): Promise<Parallel.ParallelResult> =>
    parallelSearch(calibrated(size), { ...everything, ...bounds }, 2)

  it('has the same outcome every time', async () => {
    const size: Size = { ...sizes.S, variant: 'defer' }
    const first = outcome(await search(size, {}))
    for (let run = 0; run < (everyDesign ? 5 : 2); run += 1)
      expect(outcome(await search(size, {}))).toEqual(first)
  })
  it('stops after so many states', async () => {
    const { ended, complete, states, frontier } = await search(sizes.M, { states: 100_000 })
    expect([ended, complete]).toEqual(['states', false])
    expect(states).toBeGreaterThanOrEqual(100_000)
    expect(states).toBeLessThan(110_000)
    expect(frontier).toBeGreaterThan(0)
  })
  it('stops when it holds so many bytes', async () => {
    const { ended, bytes } = await search(sizes.M, { bytes: 16e6 })
    expect(ended).toBe('memory')
    expect(bytes).toBeLessThan(32e6)
  })
  it('runs to its end when it waits for a rule that is not there', async () => {
    const { complete, states } = await search(sizes.S, { until: ['no such rule'] })
    expect([complete, states]).toEqual([true, 146_226])
  })
  it('stops when its time is up', async () => {
    expect((await search(sizes.L, { milliseconds: 300 })).ended).toBe('time')
  })
  it('stops when another thread says so, and tells how far it is until then', async () => {
    const stop = new Int32Array(new SharedArrayBuffer(4))
    const seen: number[] = []
    const { ended } = await search(sizes.L, {
      stop,
      onProgress: ({ states }) => {
        seen.push(states)
        Atomics.store(stop, 0, 1)
      },
    })
    expect(ended).toBe('interrupt')
    expect(seen.length).toBeGreaterThan(0)
  })
  it('replays every trace it tells, on one thread', async () => {
    const { found } = await search({ ...sizes.S, variant: 'defer' }, {})
    const { system } = calibration({ ...sizes.S, variant: 'defer' })
    system.reset()
    for (const name of found.get('err')!.trace) {
      const it = system.find(name)
      if ('blocked' in it) throw new Error(it.blocked)
      system.fire(it.move)
    }
    expect(system.reports.map(({ kind }) => kind)).not.toEqual([])
  })
})

/** A process of its own ends by itself only when no thread is left. */
function alone(module: string, name: string): { status: number | null; stdout: string } {
  const source = { module, export: name, argument: sizes.S }
  const script = fileURLToPath(url('alone.js'))
  const text = `
    const { parallelSearch } = await import(${JSON.stringify(url('engine/search/parallel/parallel-search.js'))})
    await parallelSearch(${JSON.stringify(source)}, { states: 1e7 }, 3).then(
      ({ states }) => console.log(states),
      ({ message }) => console.log(message),
    )`
  writeFileSync(script, text)
  return spawnSync(process.execPath, [script], { encoding: 'utf8', timeout: 600_000 })
}

describe('when a search is over no thread is left', () => {
  it('after it ran to its end', () => {
    const { status, stdout } = alone(url('bench/pp-shutdown/parallel.js'), 'calibration')
    expect([status, stdout]).toEqual([0, '146226\n'])
  })
  it('after one thread failed while the others wait for it', () => {
    const failing = url('failing.js')
    writeFileSync(fileURLToPath(failing), FAILING)
    const { status, stdout } = alone(failing, 'failing')
    expect([status, stdout]).toEqual([0, 'this thread fails\n'])
  })
})
const FAILING = `
import { workerData } from 'node:worker_threads'
import { calibration } from './bench/pp-shutdown/parallel.js'
export function failing(size) {
  const { system, rules } = calibration(size)
  const enabled = system.enabled.bind(system)
  let left = workerData?.thread === 1 ? 100 : Infinity
  system.enabled = () => {
    if (--left < 0) throw new Error('this thread fails')
    return enabled()
  }
  return { system, rules }
}
`
