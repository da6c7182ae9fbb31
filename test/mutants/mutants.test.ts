/** The list of mutants is sound, and two dozen of them are caught. `poolproof mutants` runs them all. */
import { describe, expect, it } from 'vitest'
import { lines, mutants as command } from '../../cli/mutants.ts'
import { drop } from '../../engine/mutation/mutate.ts'
import { designs } from '../../model/designs.ts'
import { properties } from '../../properties/index.ts'
import { runMutants } from '../../mutants/run.ts'
import { mutants, type Mutant } from '../../mutants/index.ts'
import { everyDesign } from '../support/every-design.ts'

const named = ({ expected }: Mutant): string | undefined => {
  if ('violates' in expected) return expected.violates
  return 'loses' in expected ? expected.loses : undefined
}
const mutant = (id: string): Mutant => mutants.find((it) => it.id === id)!
const unmapLost = mutant('unmap-lost')
const [first] = runMutants([unmapLost])
const outcomeOf = (change: Partial<Mutant>) => runMutants([{ ...unmapLost, ...change }])[0]!

describe('the list', () => {
  it('has at least 207 mutants, each with an id of its own', () => {
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length)
    expect(mutants.length).toBeGreaterThanOrEqual(207)
  })
  it('names designs and properties that exist', () => {
    const known = new Set(designs.map(({ id }) => id))
    const promises = new Set(properties.map(({ id }) => id))
    expect(mutants.filter(({ design }) => !known.has(design))).toEqual([])
    expect(mutants.map(named).filter((id) => id !== undefined && !promises.has(id))).toEqual([])
  })
  it('names a property of the family of its design', () => {
    const odd = mutants.filter((it) => {
      const family = designs.find(({ id }) => id === it.design)!.family
      const property = properties.find(({ id }) => id === named(it))
      return property !== undefined && !property.families.includes(family)
    })
    expect(odd.map(({ id }) => id)).toEqual([])
  })
  it('leaves no property without a mutant', () => {
    const covered = new Set(mutants.map(named))
    expect(properties.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([])
  })
  it.each([80, 100])('is printed in lines of at most %i columns', (width) => {
    const printed = mutants.flatMap((it) => {
      const steps = 'violates' in it.expected ? { steps: 999 } : {}
      return lines({ mutant: it, outcome: 'caught', scope: 'small', states: 1, ...steps }, width)
    })
    expect(printed.filter((text) => text.length > width)).toEqual([])
  })
})

describe('the command', () => {
  it('refuses an id it does not know, and names the nearest', async () => {
    const { signal } = new AbortController()
    const values = { list: false, json: undefined }
    await expect(command({ names: ['unmap-lots'], values, signal })).rejects.toThrow(
      'Did you mean "unmap-lost"?',
    )
  })
})

describe('a mutant', () => {
  it('is caught with a counterexample of so many steps, the same each time', () => {
    expect(first).toMatchObject({ outcome: 'caught', scope: 'small', steps: expect.any(Number) })
    expect(runMutants([unmapLost])).toEqual([first])
  })
  it('is missed when the property it names does not see it', () => {
    expect(outcomeOf({ expected: { violates: 'no-deadlock' } })).toMatchObject({
      outcome: 'missed',
      detail: 'violated instead: no-page-freed-while-mapped, nothing-left-at-rest',
    })
  })
  it('is void when the design breaks that property itself', () => {
    expect(outcomeOf({ expected: { violates: 'no-unmap-after-unbind' } })).toMatchObject({
      outcome: 'void',
      detail: 'the design itself breaks no-unmap-after-unbind',
    })
  })
  it('is void when it is to hide a violation that is not there', () => {
    expect(outcomeOf({ expected: { loses: 'no-deadlock' } })).toMatchObject({
      outcome: 'void',
      detail: 'the design itself does not break no-deadlock',
    })
  })
  it('is void when it is called equivalent and is not', () => {
    const { outcome, detail } = outcomeOf({ expected: { nothing: 'so they say' } })
    expect(outcome).toBe('void')
    expect(detail).toMatch(/^declared equivalent, but it breaks .*no-page-freed-while-mapped/)
  })
  it('is void when it mutates nothing, and says what it looked for', () => {
    const change = () => drop('page_pool_release_page_dma', 'dma_unmap_page()')
    expect(outcomeOf({ change })).toMatchObject({
      outcome: 'void',
      detail: expect.stringContaining('page_pool_release_page_dma › dma_unmap_page()'),
    })
  })
})

/** Those that take a second and more; `npm run mutants` has them all. */
const SLOW: ReadonlySet<string> = new Set([
  'producer-lock-no-bh',
  'put-before-count',
  'id-freed-twice',
  'mutex-in-callback',
  'cache-full-unasked',
  'winner-not-awaited',
  'user-count-split',
  'mem-id-lock-never',
  'grace-period-late',
])
describe('caught is', () => {
  const caught = [
    ['producer-lock-no-bh', 'spin_lock() where softirqs take the lock too'],
    ['destroy-lock-never', 'a lock that is never taken'],
    ['sleep-under-lock', 'a sleep under a spin lock'],
    ['scan-no-wait', 'a grace period not waited for'],
    ['return-no-read-lock', 'a read section not entered'],
    ['clear-after-put', 'a write to a page that was put'],
    ['skb-freed-twice', 'a packet freed twice'],
    ['unmap-twice', 'a page unmapped twice'],
    ['cmpxchg-split', 'an atomic operation split in two'],
    ['release-lost', 'a page not counted as released'],
    ['count-before-unmap', 'a page counted as released too early'],
    ['inflight-unasked', 'a pool freed with pages in flight'],
    ['get-device-lost', 'a device reference not taken'],
    ['id-freed-twice', 'an id freed twice'],
    ['put-before-count', 'a page put before it is counted, by recordings'],
    ['no-ring-batch', 'a ring that forgets its batch, by recordings'],
    ['mutex-in-callback', 'a mutex taken in a softirq'],
    ['restart-no-wait', 'NAPI enabled again without a grace period'],
    ['cpuid-kept', 'a percpu pool destroyed under its recyclers'],
    ['napi-freed-known', 'a napi_struct freed that the pool knows'],
    ['user-count-split', 'two users who both take themselves for the last'],
    ['barrier-lost', 'a pool freed without waiting for producers'],
    ['counted-unlocked', 'statistics after the unlock'],
    ['bulk-counted-late', 'statistics of a bulk after the unlock'],
    ['address-read-late', 'an address read after the cmpxchg'],
    ['winner-not-awaited', 'a winner of the cmpxchg not waited for'],
    ['sync-tests-outside', 'a device asked outside the read section'],
    ['frag-count-unasked', 'a page recycled while fragments are out'],
    ['recycled-unsynced', 'a recycled page posted without a sync'],
    ['device-del-first', 'an IOMMU group taken from a bound driver'],
    ['read-after-put', 'a page read after it was put'],
    ['cache-full-unasked', 'a full cache that is pushed to'],
  ] as const
  it.each(caught.filter(([id]) => everyDesign || !SLOW.has(id)))('%s: %s', (id) => {
    expect(runMutants([mutant(id)])).toMatchObject([{ outcome: 'caught' }])
  })
})

describe('a known violation is lost', () => {
  it.each([
    'ring-unlock-atomic',
    'winner-unmaps',
    'dma-never-torn-down',
    'napi-loads-one-step',
    'sync-tests-inside',
  ])('with %s', (id) => {
    expect(runMutants([mutant(id)])).toMatchObject([{ outcome: 'caught' }])
  })
})

describe('equivalent is', () => {
  const equivalent = ['grace-period-late', 'dma-addr-kept', 'mem-id-lock-never']
  it.each(equivalent.filter((id) => everyDesign || !SLOW.has(id)))('%s', (id) => {
    expect(runMutants([mutant(id)])).toMatchObject([{ outcome: 'equivalent' }])
  })
})
