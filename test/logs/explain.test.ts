/** Back to the model: a behaviour that ends as the log does. */
import { describe, expect, it } from 'vitest'
import { explain, situationsOf } from '../../logs/explain.ts'
import { designs } from '../../model/designs.ts'
import { explanationText } from '../../views/explanation.ts'
import { HEADER, read, story } from './trace.ts'
import { pool } from '../../model/families.ts'

const stalled = read([...HEADER, ...story({ pages: 12, late: 5, attempts: 6, stalled: true })])
const pools = designs.filter(({ family }) => family === pool)

describe('a stalled pool', () => {
  it.each(pools.map(({ id }) => id).filter((id) => id !== 'destroy-count-only'))(
    'has a behaviour of %s',
    (id) => {
      const design = pools.find((it) => it.id === id)!
      const [situation] = situationsOf(stalled)
      const explained = explain(design, situation!)
      expect(situation!.says).toBe('5 pages in flight after 6 attempts')
      expect(explained.scope.name).toBe('small')
      const text = explanationText(design, explained)
      expect(text).toMatch(/this is how a kernel of/)
      expect(text).toMatch(/NAPI poll: packet to\n +socket|packet to socket/)
      expect(text).toMatch(/\[kworker\] release_dw runs/)
      expect(text).toMatch(/\*\*\* stalled-after-a-retry: 1 page in flight at attempt 2/)
      expect(text).not.toMatch(/point of no return/i)
    },
  )
  it('has none in a design whose destroy takes every page out of the count', () => {
    const design = pools.find(({ id }) => id === 'destroy-count-only')!
    const explained = explain(design, situationsOf(stalled)[0]!, { states: 10_000 })
    expect(explained.found).toBeUndefined()
  })
  it('at its first attempt needs no retry', () => {
    const first = read([...HEADER, ...story({ pages: 12, late: 5, attempts: 1, stalled: true })])
    const [situation] = situationsOf(first)
    expect(situation!.id).toBe('stalled-after-destroy')
    const { found } = explain(pools[0]!, situation!)
    expect(found!.trace.some(({ fn }) => fn === 'page_pool_release_retry')).toBe(false)
  })
})

describe('what is impossible', () => {
  const lines = story({ pages: 8 })
  const twice = (): string[] => {
    const at = lines.findIndex((line) => line.includes('release=5'))
    return lines.with(
      at,
      lines[at]!.replace(/netmem=\S+/, 'netmem=00000000a8085001').replace(/pfn=\S+/, 'pfn=0x5001'),
    )
  }
  it('a page released twice is searched for, and what was searched is said', () => {
    const [situation] = situationsOf(read(twice()))
    const design = pools[0]!
    const explained = explain(design, situation!, { states: 3000 })
    expect(explained.found).toBeUndefined()
    expect(explanationText(design, explained)).toMatch(
      /no behaviour of \S+ (was found that )?leads there/,
    )
  })
  it('a sum that does not add up is no behaviour of anything', () => {
    const at = lines.findIndex((line) => line.includes('inflight=0'))
    const edited = lines.with(at, lines[at]!.replace('inflight=0', 'inflight=1'))
    expect(situationsOf(read(edited))).toEqual([])
  })
  it("what the kernel's checks report is the property's own situation", () => {
    const log = read([
      'DMA-API: pci 0000:00:02.0: device driver has pending DMA allocations while released from device [count=3]',
      '  page_pool_dma_map+0x30/0x80',
    ])
    const design = pools.find(({ id }) => id === 'deferred-release')!
    const explained = explain(design, situationsOf(log)[0]!)
    expect(explained.found).toBeDefined()
    expect(explanationText(design, explained)).toMatch(/\*\*\* no-mapping-outlives-its-driver/)
  })
})
