import { numa, pool } from '../model/families.ts'
import type { Facts, Property } from './property.ts'

export const nothingLeftAtRest: Property = {
  id: 'nothing-left-at-rest',
  says: 'when the driver is gone and every packet was released, no page, mapping or pool is left',
  because:
    'A page that never comes back keeps its pool for ever: "page_pool_release_retry() stalled pool shutdown: id %u, %d inflight %d sec".',
  families: [pool, numa],
  rest: (f, stuck) => {
    const bound = f.dev.driver !== 'removed' && f.dev.driver !== 'none'
    if (bound || stuck.length > 0) return undefined
    const left = [...pages(f), ...pools(f)]
    return left.length === 0 ? undefined : `${left.join(', ')} at rest`
  },
  exercisedBy: {
    says: 'the driver is gone, a page was used, and everything has ended',
    when: (f) => f.dev.driver === 'removed' && f.ledger.page.all.some((page) => page.used),
  },
}

const pages = (f: Facts): string[] =>
  f.ledger.page.all.flatMap((page, i) => [
    ...(page.place === 'page allocator'
      ? []
      : [`page ${i} in ${place[page.place] ?? `the ${page.place}`}`]),
    ...(page.mapped || page.mapped_before ? [`page ${i} mapped`] : []),
  ])
const pools = (f: Facts): string[] =>
  f.ledger.pool.all.flatMap((pool) => (pool.life === 'allocated' ? ['the pool'] : []))
const place: Readonly<Record<string, string>> = { hand: "nobody's hands" }
