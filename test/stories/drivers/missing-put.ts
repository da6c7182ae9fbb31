/**
 * icssg-prueth: for zero copy's sake recycling was taken out of the function that runs the XDP program, and the
 * caller of the copy mode did not take it over (CVE-2026-23453, 2026).
 */
import { step, type Steps } from '../../../model/step.ts'
import { nextOfRing } from '../../../model/drivers/nic.ts'
import type { Kernel } from '../../../model/kernel.ts'
import { onLinux612 } from './on-linux-6-12.ts'

const source = 'CVE-2026-23453 (icssg-prueth, 2026)'

export const missingPut = onLinux612({
  id: 'missing-put',
  title: 'XDP_DROP keeps the page',
  source,
  brings: {
    functions: {
      *nic_xdp_drop(this: Kernel): Steps {
        yield* step('page = rq->ring[i]', nextOfRing)
      },
    },
  },
  breaks: { 'nothing-left-at-rest': 'nobody has the dropped page any more, and its pool waits' },
})
export const dropRecycles = onLinux612({
  id: 'drop-recycles',
  title: 'XDP_DROP recycles the page',
  source,
})
