/** The store keeps the shortest counterexample it was ever given, unless that violates no more. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { explore } from '../engine/commands.ts'
import { deferredRelease } from '../model/designs/deferred-release.ts'
import { machineOf } from '../model/machine.ts'
import { scopes, type Scope } from '../model/scope.ts'
import { noUnmapAfterUnbind } from '../properties/no-unmap-after-unbind.ts'
import { formatCounterexample, type Counterexample } from '../verify/counterexample.ts'
import { rulesFor } from '../verify/rules.ts'
import { load, pathOf, save } from '../verify/store.ts'
import { verifyDesign, type VerifyEvent } from '../verify/verify-design.ts'
import { seed } from './seed.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { tight } from './tight.ts'

const DESIGN = deferredRelease.id
const PROPERTY = noUnmapAfterUnbind.id
const repository = fileURLToPath(new URL('../counterexamples', import.meta.url))
const shortest = load(repository, DESIGN, PROPERTY)!

/** Verifies the one promise with this file in the store, and tells what became of it. */
function verifyWith(planted: Counterexample, runs: number, search: readonly Scope[]) {
  const store = join(folder, String((stores += 1)))
  save(store, planted)
  const said: string[] = []
  const options = { seed, runs, commands: 600, milliseconds: 600_000, store, search }
  const emit = (event: VerifyEvent): void => {
    if (event.type === 'saved') said.push(event.text)
  }
  const [verdict] = verifyDesign(deferredRelease, [noUnmapAfterUnbind], options, emit)
  return {
    verdict: verdict!,
    said,
    text: readFileSync(pathOf(store, DESIGN, PROPERTY), 'utf8'),
    files: readdirSync(join(store, DESIGN)),
  }
}
const folder = temporaryFolder()
let stores = 0

/** What random runs meet first, before anything was made shorter. */
function long(): Counterexample {
  const machine = machineOf(deferredRelease, scopes.random)
  const rules = rulesFor(machine, deferredRelease, [noUnmapAfterUnbind])
  const bounds = { seed, runs: 4000, commands: 600, shrinks: 0 }
  const [found] = explore(machine, machine.world, rules, bounds).found
  const { counterStarts, holders } = scopes.random
  return {
    ...shortest,
    detail: found!.detail,
    scope: { ...scopes.random, counterStarts: [...counterStarts], holders: [...holders] },
    steps: found!.trace.map((step) => ({ ...step })),
  }
}

describe(`a saved counterexample, seed ${seed}`, () => {
  it('is not overwritten by a longer one', () => {
    const { verdict, said, text, files } = verifyWith(shortest, 4000, [])
    expect(said).toEqual(['still violates'])
    const { shrunk, ...counterexample } = verdict.ways[0]!
    expect(shrunk![1], 'random runs found a longer one').toBeGreaterThan(shortest.steps.length)
    expect(counterexample).toMatchObject({ length: shortest.steps.length, fresh: false })
    expect(text).toBe(formatCounterexample(shortest))
    expect(files).toEqual([`${PROPERTY}.json`])
  })
  it('is not overwritten by one as long', () => {
    const { verdict, text } = verifyWith(shortest, 0, [tight])
    expect(verdict.ways[0]).toMatchObject({ length: shortest.steps.length, fresh: false })
    expect(text).toBe(formatCounterexample(shortest))
  })
  it('is replaced by a shorter one', () => {
    const planted = long()
    expect(planted.steps.length).toBeGreaterThan(shortest.steps.length)
    const { verdict, said, text, files } = verifyWith(planted, 0, [tight])
    expect(said).toEqual(['still violates'])
    expect(verdict.ways[0]).toMatchObject({ length: shortest.steps.length, fresh: true })
    expect((JSON.parse(text) as Counterexample).steps).toHaveLength(shortest.steps.length)
    expect(files).toEqual([`${PROPERTY}.json`])
  })
  it('is replaced, though shorter, when it violates no more', () => {
    const planted = { ...shortest, steps: shortest.steps.slice(0, -5) }
    const { verdict, said, text } = verifyWith(planted, 0, [tight])
    expect(said).toEqual(['passes now'])
    expect(verdict.ways[0]).toMatchObject({ length: shortest.steps.length, fresh: true })
    expect((JSON.parse(text) as Counterexample).steps).toHaveLength(shortest.steps.length)
  })
  it('is kept as it is when nothing is found again', () => {
    const planted = { ...shortest, steps: shortest.steps.slice(0, -5) }
    const { verdict, text } = verifyWith(planted, 0, [])
    expect(verdict.ways).toEqual([])
    expect(text).toBe(formatCounterexample(planted))
  })
})
