/**
 * Direct recycling by pool->cpuid (percpu pools), before its repair and with what the repair lacks: as merged
 * destroy leaves cpuid set; linux-6.12 clears it and does not wait; the last one waits as well.
 */
import type { Steps } from '../step.ts'
import { synchronize_rcu } from '../world/sync/rcu.ts'
import type { Pool } from '../world/world.ts'
import { onlyInOtherWorlds, type Design } from '../design.ts'
import { cacheOfTwo, directRecyclingBesideDestroy, leftInCache } from '../shutdown/known.ts'
import { Linux612, linux612 } from './linux-6-12.ts'
import { pool } from '../shutdown/family.ts'

class CpuidKept extends Linux612 {
  override *page_pool_disable_direct_recycling(_pool: Pool): Steps {}
}
class CpuidWaits extends Linux612 {
  override *page_pool_disable_direct_recycling(pool: Pool): Steps {
    yield* super.page_pool_disable_direct_recycling(pool)
    yield* synchronize_rcu()
  }
}

const { breaks } = linux612

export const percpuCpuidKept: Design = {
  id: 'percpu-cpuid-kept',
  title: 'percpu pool, destroy leaves direct recycling on',
  source: '2b0cfa6e4956 ("net: add generic percpu page_pool allocator", 2024)',
  family: pool,
  fields: linux612.fields,
  functions: (scope) => new CpuidKept(scope),
  scopes: onlyInOtherWorlds,
  breaks,
  worlds: {
    'percpu-pool': {
      breaks: {
        'alloc-cache-has-one-user': {
          [cacheOfTwo]:
            'every softirq of that CPU recycles into the cache, whoever empties it on another one',
        },
        'nothing-left-at-rest': {
          'state: page N in the alloc cache, the pool at rest': `${leftInCache}. No race is needed ("page_pool: disable direct recycling based on pool->cpuid on destroy", 2024)`,
        },
        'no-use-of-freed-pool': directRecyclingBesideDestroy['no-use-of-freed-pool'],
      },
    },
  },
}
export const percpuCpuidWaits: Design = {
  id: 'percpu-cpuid-waits',
  title: 'percpu pool, destroy waits for a grace period after cpuid = -1',
  source:
    'proposed here, on top of "page_pool: disable direct recycling based on pool->cpuid on destroy" (2024), which is linux-6.12 in the world percpu-pool',
  family: pool,
  fields: linux612.fields,
  functions: (scope) => new CpuidWaits(scope),
  scopes: onlyInOtherWorlds,
  breaks,
  worlds: {
    'percpu-pool': {
      keeps: {
        'alloc-cache-has-one-user':
          'softirqs that have read cpuid have ended when the cache is emptied',
        'nothing-left-at-rest': 'the same',
        'no-use-of-freed-pool': 'the same',
      },
    },
  },
}
