/** struct device and the driver core: references, and the order of unbinding. */
import { after, drop, twice, waits } from '../../engine/mutate.ts'
import { swap } from '../../engine/mutate-order.ts'
import { step, type Steps } from '../../engine/step.ts'
import { put_device } from '../../model/world/device.ts'
import { truth } from '../../model/world/ledger.ts'
import type { World } from '../../model/world/world.ts'
import type { Mutant } from './mutant.ts'

const deferred = { design: 'deferred-release', scopes: ['small'] } as const
const balance = { violates: 'device-references-balance' } as const

export const device: readonly Mutant[] = [
  {
    ...deferred,
    id: 'get-device-lost',
    says: 'get_device() is forgotten',
    change: () => drop('page_pool_init', 'get_device(pool->p.dev)'),
    expected: balance,
  },
  {
    ...deferred,
    id: 'put-device-lost',
    says: 'put_device() is forgotten',
    change: () => drop('page_pool_uninit', 'put_device(pool->p.dev)'),
    expected: balance,
  },
  {
    ...deferred,
    id: 'put-device-twice',
    says: 'put_device() twice',
    change: () => twice('page_pool_uninit', 'put_device(pool->p.dev)'),
    expected: balance,
  },
  {
    ...deferred,
    id: 'put-device-early',
    says: 'destroy puts the device at once',
    change: () =>
      after('page_pool_destroy', 'refcount_dec_and_test(&pool->user_cnt)', function* (): Steps {
        yield* step('put_device(pool->p.dev)', put_device)
      }),
    expected: { violates: 'no-use-of-freed-device' },
  },
  {
    ...deferred,
    id: 'core-puts-twice',
    says: 'device_del() puts the device twice',
    change: () => twice('device_unbind_cleanup', 'device_del(dev), put_device(dev)'),
    expected: { violates: 'no-use-of-freed-device' },
  },
  {
    id: 'unbind-before-remove',
    says: 'DMA is torn down, then remove() runs',
    design: 'xarray-tracking',
    change: () => swap('device_release_driver', 'nic_remove', 'device_unbind_cleanup'),
    expected: { violates: 'no-mapping-outlives-its-driver' },
    scopes: ['small'],
  },
  {
    id: 'dma-not-configured',
    says: 'probe() without dma_configure()',
    design: 'xarray-tracking',
    change: () => drop('really_probe', 'dma_configure'),
    expected: { violates: 'no-unmap-after-unbind' },
    scopes: ['small'],
  },
  {
    ...deferred,
    id: 'dma-never-torn-down',
    says: 'unbind leaves the dma_ops in place',
    change: () => drop('device_unbind_cleanup', 'arch_teardown_dma_ops(dev)'),
    expected: { loses: 'no-unmap-after-unbind' },
  },
  {
    ...deferred,
    id: 'dma-debug-silent',
    says: 'dma-debug is not told of the unbind',
    change: () => drop('device_unbind_cleanup', 'BUS_NOTIFY_UNBOUND_DRIVER'),
    expected: { loses: 'no-mapping-outlives-its-driver' },
  },
  {
    ...deferred,
    id: 'unbind-waits',
    says: 'unbind waits until the pool is freed',
    change: () =>
      waits(
        'device_unbind_cleanup',
        'arch_teardown_dma_ops(dev)',
        (w: World) => truth(w).pool(0).life !== 'allocated',
      ),
    expected: { loses: 'no-unmap-after-unbind' },
  },
]
