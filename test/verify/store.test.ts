/** The store keeps the shortest counterexample it was ever given, unless that violates no more. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { randomRuns } from '../../engine/random/random-runs.ts'
import { deferredRelease } from '../../model/shutdown/deferred-release.ts'
import { machineOf } from '../../model/machine.ts'
import { parseScope } from '../../model/scope/parse.ts'
import { scopes } from '../../model/scope/named.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import { noUnmapAfterUnbind } from '../../properties/no-unmap-after-unbind.ts'
import { formatCounterexample, type Counterexample } from '../../verify/counterexample.ts'
import { rulesFor } from '../../verify/rules.ts'
import { Shelf } from '../../verify/shelf.ts'
import { load, pathOf, save } from '../../verify/store.ts'
import { strangers } from '../../verify/strangers.ts'
import type * as VerifyAll from '../../verify/verify-all.ts'
import type { VerifyEvent } from '../../verify/event.ts'
import { verifyDesign } from '../../verify/verify-design.ts'
import { seed } from '../support/seed.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const DESIGN = deferredRelease.id
const PROPERTY = noUnmapAfterUnbind.id
const repository = fileURLToPath(new URL('../../counterexamples', import.meta.url))
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
/** All that the shortest trace needs, and little more. */
const oneSocket = { ...parseScope('small,extraReferences=true,holders=socket'), name: 'one-socket' }
const folder = temporaryFolder()
let stores = 0

/** What random runs meet first, before anything was made shorter. */
function long(): Counterexample {
  const machine = machineOf(deferredRelease, scopes.random)
  const rules = rulesFor(machine, deferredRelease, [noUnmapAfterUnbind])
  const bounds = { seed, runs: 4000, commands: 600, shrinks: 0 }
  const [found] = randomRuns(machine, machine.world, rules, bounds).found
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
    const { verdict, said, text, files } = verifyWith(shortest, 100, [])
    expect(said).toEqual(['still violates'])
    const { shrunk, ...counterexample } = verdict.ways[0]!
    expect(shrunk![1], 'random runs found a longer one').toBeGreaterThan(shortest.steps.length)
    expect(counterexample).toMatchObject({ length: shortest.steps.length, fresh: false })
    expect(text).toBe(formatCounterexample(shortest))
    expect(files).toEqual([`${PROPERTY}.json`])
  })
  it('is not overwritten by one as long', () => {
    const { verdict, text } = verifyWith(shortest, 0, [oneSocket])
    expect(verdict.ways[0]).toMatchObject({ length: shortest.steps.length, fresh: false })
    expect(text).toBe(formatCounterexample(shortest))
  })
  it('is replaced by a shorter one', () => {
    const planted = long()
    expect(planted.steps.length).toBeGreaterThan(shortest.steps.length)
    const { verdict, said, text, files } = verifyWith(planted, 0, [oneSocket])
    expect(said).toEqual(['still violates'])
    expect(verdict.ways[0]).toMatchObject({ length: shortest.steps.length, fresh: true })
    expect((JSON.parse(text) as Counterexample).steps).toHaveLength(shortest.steps.length)
    expect(files).toEqual([`${PROPERTY}.json`])
  })
  it('is replaced, though shorter, when it violates no more', () => {
    const planted = { ...shortest, steps: shortest.steps.slice(0, -5) }
    const { verdict, said, text } = verifyWith(planted, 0, [oneSocket])
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

describe('a saved counterexample that cannot be used as it is', () => {
  const options = { seed, runs: 0, commands: 0, milliseconds: 0, search: [oneSocket] }
  /** What is said of the store when there is no time for anything else. */
  function saidOf(store: string): readonly VerifyEvent[] {
    const events: VerifyEvent[] = []
    verifyDesign(deferredRelease, [noUnmapAfterUnbind], { ...options, store }, (event) =>
      events.push(event),
    )
    return events.filter(({ type }) => type === 'saved' || type === 'unusable')
  }
  const fresh = (): string => join(folder, String((stores += 1)))
  const textOf = (planted: Counterexample): string => {
    const store = fresh()
    save(store, planted)
    const [event] = saidOf(store)
    return (event as { text: string }).text
  }
  it('is of another world, and breaks nothing in this one', () => {
    const { steps, scope } = shortest
    const elsewhere = { ...scope, name: 'elsewhere', preempt: false }
    expect(textOf({ ...shortest, scope: elsewhere })).toContain('is of another world')
    expect(textOf({ ...shortest, steps: [...steps, steps[0]!] })).toBe(
      `violates at step ${steps.length} of ${steps.length + 1} already; what comes after it is not needed`,
    )
  })
  it('leads the model into an error: it is named, and nothing is lost', () => {
    const refused: string[] = []
    const shelf = new Shelf(fresh(), DESIGN, undefined, (why) => refused.push(why))
    const { path } = shelf.put(shortest, PROPERTY)
    shelf.each(new Set([PROPERTY]), () => {
      throw new Error('list is full.')
    })
    expect(refused).toEqual([expect.stringContaining(`${path} cannot be replayed: list is full.`)])
    expect(shelf.put({ ...shortest, steps: shortest.steps.slice(1) }, PROPERTY)).toEqual({
      path,
      unsaved: expect.stringContaining('was left as it is'),
    })
    expect(readFileSync(path, 'utf8')).toBe(formatCounterexample(shortest))
  })
  it('has a file where its folder should be: what is found is not saved, and says so', () => {
    const store = fresh()
    mkdirSync(store)
    writeFileSync(join(store, DESIGN), 'a file')
    expect(saidOf(store)).toMatchObject([{ type: 'unusable', text: expect.stringMatching(DESIGN) }])
    const found: VerifyEvent[] = []
    const [verdict] = verifyDesign(
      deferredRelease,
      [noUnmapAfterUnbind],
      { ...options, milliseconds: 600_000, store },
      (event) => event.type === 'found' && found.push(event),
    )
    expect(found.at(-1)).toMatchObject({ property: PROPERTY, unsaved: expect.any(String) })
    expect(verdict).toMatchObject({
      outcome: 'violated',
      ways: [{ length: shortest.steps.length, unsaved: expect.any(String) }],
    })
    expect(readFileSync(join(store, DESIGN), 'utf8')).toBe('a file')
  })
})

describe('files that nothing asks for', () => {
  it('are named: designs, worlds and properties that are gone; a note is not', () => {
    const store = join(folder, String((stores += 1)))
    const here = [
      'old-design/no-deadlock.json',
      'stray.json',
      'README.md',
      `${DESIGN}/old-property.json`,
      `${DESIGN}/no-mem-id-leaked.json`,
      `${DESIGN}/no-deadlock.json`,
      `${DESIGN}/queue-restart/old-property.json`,
      `${DESIGN}/queue-restart/no-deadlock.json`,
      `${DESIGN}/old-world/no-deadlock.json`,
    ]
    for (const path of here) {
      mkdirSync(dirname(join(store, path)), { recursive: true })
      writeFileSync(join(store, path), '')
    }
    expect(strangers(store, [deferredRelease])).toEqual(
      [
        `${DESIGN}/no-mem-id-leaked.json`,
        `${DESIGN}/old-property.json`,
        `${DESIGN}/old-world`,
        `${DESIGN}/queue-restart/old-property.json`,
        'old-design',
        'stray.json',
      ].map((path) => join(store, path)),
    )
    expect(strangers(join(store, 'nowhere'), [deferredRelease])).toEqual([])
  })
})

/** Threads load no TypeScript. */
const built = new URL('../../dist/verify/verify-all.js', import.meta.url).href

describe('a design whose verification ends in an error', () => {
  it('costs no other its verdicts', async () => {
    const { verifyAll } = (await import(built)) as typeof VerifyAll
    const options = { seed, runs: 1, commands: 10, milliseconds: 600_000, search: [] }
    const jobs = ['no-design-of-this-name', 'mem-id-insert-fixed'].map((design) => ({
      design,
      properties: ['no-deadlock'],
      options: { ...options, store: join(folder, 'none') },
    }))
    const nothing = (): void => {}
    const progress = {
      status: nothing,
      saved: nothing,
      found: nothing,
      superseded: nothing,
      unusable: nothing,
      unlikeRecord: nothing,
    }
    const { verdicts, failed, unfinished } = await verifyAll(
      jobs,
      1,
      progress,
      new AbortController().signal,
    )
    expect(failed).toMatchObject([{ design: 'no-design-of-this-name', usage: false }])
    expect(verdicts.map(({ design }) => design)).toEqual(['mem-id-insert-fixed'])
    expect(unfinished).toEqual([])
  })
})
