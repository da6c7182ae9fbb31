/** struct device and the driver core: references, and the order of unbinding. */
import { after, before, chain, drop, effect, twice, waits } from '../engine/mutation/mutate.ts'
import { swap } from '../engine/mutation/mutate-order.ts'
import { step, type Steps } from '../engine/step.ts'
import { TASK0 } from '../model/world/sync/context.ts'
import { put_device } from '../model/world/io/device.ts'
import { truth } from '../model/ledger/truth.ts'
import { synchronize_rcu } from '../model/world/sync/rcu.ts'
import type { World } from '../model/world/world.ts'
import type { Mutant } from './mutant.ts'

const deferred = { design: 'deferred-release', scopes: ['small'] } as const
const unregistered = { design: 'linux-6.12', scopes: ['grace-no-preemption'] } as const
const REMOVE = 'pci_stop_and_remove_bus_device'
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
    says: 'the core puts the device twice',
    change: () => twice('pci_stop_and_remove_bus_device', 'put_device(dev)'),
    expected: { violates: 'no-use-of-freed-device' },
  },
  {
    id: 'unbind-before-remove',
    says: 'DMA is torn down, then remove() runs',
    design: 'xarray-tracking',
    change: () => swap('device_release_driver', 'nic_remove', 'device_unbind_cleanup'),
    expected: { violates: 'no-unmap-after-unbind' },
    scopes: ['small'],
  },
  {
    id: 'dma-not-configured',
    says: 'probe() without dma_configure()',
    design: 'xarray-tracking',
    change: () => drop('really_probe', 'dev->bus->dma_configure(dev)'),
    expected: { violates: 'no-unmap-after-unbind' },
    scopes: ['small'],
  },
  {
    ...deferred,
    id: 'dma-never-torn-down',
    says: 'unbind and device_del() leave DMA on',
    change: () =>
      chain(
        drop('device_unbind_cleanup', 'arch_teardown_dma_ops(dev)'),
        drop(REMOVE, 'device_del'),
      ),
    expected: { loses: 'no-unmap-after-unbind' },
  },
  {
    ...deferred,
    id: 'dma-debug-silent',
    says: 'dma-debug is not told of the unbind',
    change: () =>
      effect('device_release_driver', 'BUS_NOTIFY_UNBOUND_DRIVER', (w: World) => {
        w.dev.driver = 'removed'
      }),
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
  {
    id: 'device-del-first',
    says: 'device_del(), then the driver goes',
    design: 'xarray-tracking-waits',
    change: () => swap(REMOVE, 'device_release_driver', 'device_del'),
    expected: { violates: 'no-dma-after-iommu-release' },
    scopes: ['small'],
  },
  {
    ...deferred,
    id: 'device-not-deleted',
    says: 'the VF is unbound, not deleted',
    change: () => drop(REMOVE, 'device_del'),
    expected: { loses: 'no-dma-after-iommu-release' },
  },
  {
    ...unregistered,
    id: 'unregister-no-wait',
    says: 'no grace period before unbind',
    change: () => drop('nic_remove', 'synchronize_rcu'),
    expected: { violates: 'no-unmap-after-unbind' },
  },
  {
    ...unregistered,
    id: 'unregister-wait-first',
    says: 'the wait comes before the destroy',
    change: () =>
      chain(
        drop('nic_remove', 'synchronize_rcu'),
        before('nic_remove', 'page_pool_destroy', function* (): Steps {
          yield* synchronize_rcu()
        }),
      ),
    expected: { violates: 'no-unmap-after-unbind' },
  },
  {
    ...unregistered,
    id: 'process-no-reader',
    says: 'a process in the kernel is preempted',
    change: () =>
      effect('synchronize_rcu', 'synchronize_rcu()', (w: World, original) => {
        original()
        const { preempt_count, bh_disabled, rcu_nesting } = w.task(TASK0)
        if (preempt_count + bh_disabled + rcu_nesting === 0) w.task(w.current).gp_wait.delete(TASK0)
      }),
    expected: { violates: 'no-unmap-after-unbind' },
  },
]
