/** KASAN and KFENCE: what was freed, and who still used it. */
import { LOCK, namesOf, POOL, SYNC, UNMAP, XDP } from './functions.ts'
import type { Meaning } from './meaning.ts'
import type { Trace } from './trace.ts'

interface Asked {
  readonly fn: string
  /** The access, innermost first, and where in it page_pool is called; -1: nowhere. */
  readonly all: readonly string[]
  readonly pool: number
  /** What page_pool called. */
  readonly inner: readonly string[]
  /** Who freed the memory. */
  readonly freed: readonly string[]
  /** That of page_pool which did; undefined: it was somebody else. */
  readonly by: string | undefined
}
interface Case {
  readonly property: string
  readonly is: (asked: Asked) => boolean
  readonly says: (asked: Asked) => string
}

export function freedMemory(trace: Trace, all: readonly string[]): Meaning | undefined {
  if (!/(?:KASAN|KFENCE):[\w-]*(?:use-after-free|UAF)/i.test(trace.joined)) return undefined
  const freed = namesOf(trace.freed)
  const pool = all.findIndex((fn) => POOL.test(fn))
  const inner = all.slice(0, Math.max(pool, 0))
  const by = freed.find((fn) => POOL.test(fn) || XDP.test(fn))
  const asked: Asked = { fn: trace.fn, all, pool, inner, freed, by }
  const found = CASES.find(({ is }) => is(asked))!
  return { property: found.property, says: found.says(asked) }
}
const freer = ({ by }: Asked): string => (by === undefined ? '' : `, freed under ${by}()`)
const usesDma = (fn: string): boolean => UNMAP.test(fn) || SYNC.test(fn)

/** The first that is so. */
const CASES: readonly Case[] = [
  {
    property: 'no-use-of-freed-allocator',
    is: ({ freed }) => freed.some((fn) => /xdp_mem_allocator/.test(fn)),
    says: (asked) => `struct xdp_mem_allocator is used after it was freed${freer(asked)}`,
  },
  {
    property: 'no-use-of-freed-device',
    is: ({ freed, inner }) =>
      freed.some((fn) => /device_release|put_device|kobject_put/.test(fn)) &&
      inner.some((fn) => UNMAP.test(fn)),
    says: () => 'the DMA API is given a struct device that was freed',
  },
  {
    property: 'no-lock-in-freed-memory',
    is: ({ fn, inner }) => inner.some((it) => LOCK.test(it)) || LOCK.test(fn),
    says: (asked) =>
      `a lock is taken or released in memory that was freed, under ${asked.all[Math.max(asked.pool, 0)]}()${freer(asked)}: whoever frees the pool does not wait for the one who returns a page`,
  },
  {
    property: 'no-use-of-freed-device',
    is: ({ inner }) => inner.some(usesDma),
    says: ({ all, pool, inner }) =>
      `${inner.find(usesDma)}() under ${all[pool]}() reads memory that was freed: of the device the pool was made for`,
  },
  {
    property: 'no-use-of-freed-pool',
    is: ({ fn, by }) => POOL.test(fn) || by !== undefined,
    says: (asked) => `${asked.fn}() uses memory that was freed${freer(asked)}`,
  },
  {
    property: '',
    is: () => true,
    says: ({ all, pool }) =>
      `memory that was freed is used below ${all[pool] ?? 'page_pool'}(); whose it was, the report does not say`,
  },
]
