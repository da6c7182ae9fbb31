/** Reports that show no broken property: what the frames show, and what they do not. */
import { returnedBy } from '../../holders/returners.ts'
import { POOL, XDP } from './functions.ts'
import type { Meaning } from './meaning.ts'
import { CRASH, type Trace } from './trace.ts'

export function unexplained(
  { joined, fn, isWarn, workqueue }: Trace,
  all: readonly string[],
): Meaning {
  const pool = all.find((it) => POOL.test(it)) ?? all.find((it) => XDP.test(it)) ?? workqueue
  return { property: '', says: words(joined, fn, isWarn, pool, all) }
}
function words(
  joined: string,
  fn: string,
  isWarn: boolean,
  pool: string,
  all: readonly string[],
): string {
  if (/BUG:Badpage/.test(joined)) return badPage(pool, all)
  if (CRASH.test(joined))
    return POOL.test(fn)
      ? `${fn}() itself crashes: page->pp or the pool leads nowhere. A pool that was freed too early (no-use-of-freed-pool) looks like this, and so does a page that was overwritten; KASAN would tell them apart`
      : `it crashes in ${fn === '' ? 'a function that is not named' : `${fn}()`}, called by ${pool}(); which property is broken, the frames do not say`
  if (/softlockup|self-detectedstall|blockedformore/.test(joined))
    return `a CPU or a task does not get on in ${fn || pool}(); the trace shows where it is, not what it waits for`
  if (isWarn)
    return `a check in ${fn || 'a function that is not named'}() fails${POOL.test(fn) ? '' : `, called by ${pool}()`}; which property is broken, it does not say`
  return printed(pool, all)
}
const badPage = (pool: string, all: readonly string[]): string =>
  all.some((it) => /^_*page_pool_(?:alloc|refill)/.test(it))
    ? `the page allocator hands ${pool}() a page that is still in use elsewhere, or was written to after it was freed: who did that is not in this trace, page_pool only asked`
    : `a page that ${pool}() frees is still in use elsewhere. Its "page dumped because" and flags say by whom; the trace shows only who gave it back`

function printed(pool: string, all: readonly string[]): string {
  const holder = returnedBy(all)
  return holder === ''
    ? `a stack that somebody printed, no error by itself: it goes through ${pool}()`
    : `a stack that somebody printed, no error by itself: a page goes back to its pool, and until then it was held by: ${holder}`
}
